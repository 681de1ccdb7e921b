"""The result of a detection: which labels are wrong, and how surely."""

import dataclasses

import numpy as np

from keras_robust.detect.issues.applying import Applying
from keras_robust.detect.issues.counting import Counting
from keras_robust.detect.issues.evaluating import Evaluating
from keras_robust.detect.issues.exporting import Exporting
from keras_robust.detect.issues.issue_columns import checked_columns
from keras_robust.detect.issues.issue_columns import checked_num_classes
from keras_robust.detect.issues.merging import Merging
from keras_robust.detect.issues.next_fit import NextFit
from keras_robust.detect.issues.review_page import ReviewPage
from keras_robust.detect.issues.reviewing import Reviewing
from keras_robust.detect.issues.selecting import Selecting
from keras_robust.detect.issues.tables import Tables


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class LabelIssues(
    Applying,
    Counting,
    Evaluating,
    Exporting,
    Merging,
    NextFit,
    ReviewPage,
    Reviewing,
    Selecting,
    Tables,
):
    """What `find_label_issues` found; the names are those of cleanlab.

    Args:
        ids: sample ids, shape `(N,)`; every array below has that order.
        is_label_issue: bool, True where the label is called wrong.
        label_quality: float64 in [0, 1], low = suspicious.
        given_label: int64, the label trained on.
        predicted_label: int64, the model's class, -1 where unknown.
        suggested_label: int64, the label to put instead, -1 where unknown.
        evidence: float64, the score on its own unbounded scale (for
            `"aum"` the mean margin), low = suspicious; NaN for a sample
            without any record. It orders the samples whose quality is the
            same number, and is the scale to draw a histogram on.
        score: the name of the score used.
        split: the name of the split used.
        num_classes: the number of classes; `None` where nothing told it.
        wrong_probability: float64 in [0, 1], how probably the label is
            wrong; `None` where the score gives no such number.
        suggestion_confidence: float64 in [0, 1], how surely the suggested
            label is right; `None` where unknown.
        max_probability: float64 in [0, 1], how probable the model found the
            likeliest class; `None` where unknown.
        distrust: sentences, each a reason not to trust how many labels are
            flagged. Defaults to none.

    Raises:
        ValueError: if an array is not as described.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import find_label_issues
    >>> from keras_robust.trajectories import Trajectories
    >>> margin = [[3.0, -4.0, 2.5, 3.5]]
    >>> t = Trajectories([10, 11, 12, 13], [0], {"margin": margin},
    ...                  given_label=[0, 1, 0, 1], num_classes=2)
    >>> issues = find_label_issues(t, "aum")
    >>> issues
    LabelIssues(1 of 4 labels flagged, score='aum', split='gmm')
    >>> issues.ids[issues.top(2)]
    array([11, 12])
    >>> issues.evaluate(true_labels=[0, 0, 0, 1])["f1"]
    1.0
    """

    ids: np.ndarray
    is_label_issue: np.ndarray
    label_quality: np.ndarray
    given_label: np.ndarray
    predicted_label: np.ndarray
    suggested_label: np.ndarray
    evidence: np.ndarray
    score: str
    split: str
    num_classes: int | None = None
    wrong_probability: np.ndarray | None = None
    suggestion_confidence: np.ndarray | None = None
    max_probability: np.ndarray | None = None
    distrust: tuple = ()

    def __post_init__(self):
        checked = checked_columns(self)
        checked["num_classes"] = checked_num_classes(self.num_classes, checked)
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "distrust", tuple(self.distrust))

    def __len__(self):
        return self.ids.size

    def __repr__(self):
        return (
            f"LabelIssues({self.num_issues} of {len(self)} labels flagged, "
            f"score={self.score!r}, split={self.split!r})"
        )

    @property
    def num_issues(self):
        """How many labels are flagged."""
        return int(self.is_label_issue.sum())
