"""From trajectories to scores, to a split, to label issues."""

from keras_robust.detect.find import find_label_issues
from keras_robust.detect.label_issues import LabelIssues
from keras_robust.detect.scores import Score
from keras_robust.detect.scores import register_score
from keras_robust.detect.scores import signals_of
from keras_robust.detect.splits import get_split
from keras_robust.detect.splits import register_split

__all__ = [
    "LabelIssues",
    "Score",
    "find_label_issues",
    "get_split",
    "register_score",
    "register_split",
    "signals_of",
]
