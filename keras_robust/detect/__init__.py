"""From trajectories or embeddings to scores, a split, and label issues."""

from keras_robust.detect import splits
from keras_robust.detect.beyond.dense import find_dense_issues
from keras_robust.detect.beyond.dense_issues import DenseIssues
from keras_robust.detect.beyond.dense_issues import PositionIssues
from keras_robust.detect.beyond.epochs import mean_multi_label_probs
from keras_robust.detect.beyond.multi_label import find_multi_label_issues
from keras_robust.detect.beyond.multi_label_issues import MultiLabelIssues
from keras_robust.detect.beyond.regression import find_regression_issues
from keras_robust.detect.beyond.regression_issues import RegressionIssues
from keras_robust.detect.embeddings.adaptive_neighbours import (
    WeightedAdaptiveNeighbours,
)
from keras_robust.detect.embeddings.class_means import class_means
from keras_robust.detect.embeddings.find_in_embeddings import find_in_embeddings
from keras_robust.detect.embeddings.judgement import Judgement
from keras_robust.detect.embeddings.neighbour_rank import simifeat_rank
from keras_robust.detect.embeddings.neighbour_votes import simifeat_vote
from keras_robust.detect.embeddings.penalized_regression import (
    penalized_regression,
)
from keras_robust.detect.embeddings.wann import neighbours_needed
from keras_robust.detect.embeddings.wann import wann
from keras_robust.detect.find import find_label_issues
from keras_robust.detect.issues.cleanlab_columns import from_cleanlab
from keras_robust.detect.issues.cleanlab_columns import to_cleanlab
from keras_robust.detect.issues.label_issues import LabelIssues
from keras_robust.detect.issues.reviewing import ReviewedPrecision
from keras_robust.detect.noise_rate import estimate_noise_rate
from keras_robust.detect.probabilities.confident_learning import (
    confident_learning,
)
from keras_robust.detect.probabilities.label_quality import label_quality
from keras_robust.detect.probabilities.uncertain_labels import uq_led
from keras_robust.detect.scores import auto
from keras_robust.detect.scores import mean_entropy
from keras_robust.detect.scores.area_under_margin import aum
from keras_robust.detect.scores.confidence_bounds import hard_lower_bound
from keras_robust.detect.scores.confidence_bounds import soft_lower_bound
from keras_robust.detect.scores.ctrl import CtrlParameters
from keras_robust.detect.scores.ctrl import ctrl_clean
from keras_robust.detect.scores.data_maps import data_map
from keras_robust.detect.scores.dividemix import clean_probability
from keras_robust.detect.scores.error_length import el2n
from keras_robust.detect.scores.first_k_epoch_learnt import first_k_epoch
from keras_robust.detect.scores.mean_losses import mean_cross_entropy
from keras_robust.detect.scores.score import Score
from keras_robust.detect.scores.score import available_scores
from keras_robust.detect.scores.score import register_score
from keras_robust.detect.scores.score import signals_of
from keras_robust.detect.scores.suggestions import suggest_labels
from keras_robust.detect.splits.split import get_split
from keras_robust.detect.splits.split import register_split
from keras_robust.detect.threshold_samples import aum_threshold
from keras_robust.detect.threshold_samples import threshold_labels

# Imported for the scores that they register.
_SCORES = (auto, mean_entropy)

__all__ = [
    "CtrlParameters",
    "DenseIssues",
    "Judgement",
    "LabelIssues",
    "MultiLabelIssues",
    "PositionIssues",
    "RegressionIssues",
    "ReviewedPrecision",
    "Score",
    "WeightedAdaptiveNeighbours",
    "aum",
    "aum_threshold",
    "available_scores",
    "class_means",
    "clean_probability",
    "confident_learning",
    "ctrl_clean",
    "data_map",
    "el2n",
    "estimate_noise_rate",
    "find_dense_issues",
    "find_in_embeddings",
    "find_label_issues",
    "find_multi_label_issues",
    "find_regression_issues",
    "first_k_epoch",
    "from_cleanlab",
    "get_split",
    "hard_lower_bound",
    "label_quality",
    "mean_cross_entropy",
    "mean_multi_label_probs",
    "neighbours_needed",
    "penalized_regression",
    "register_score",
    "register_split",
    "signals_of",
    "simifeat_rank",
    "simifeat_vote",
    "soft_lower_bound",
    "splits",
    "suggest_labels",
    "threshold_labels",
    "to_cleanlab",
    "uq_led",
    "wann",
]
