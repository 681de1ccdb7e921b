"""From trajectories or embeddings to scores, a split, and label issues."""

from keras_robust.detect import area_under_margin
from keras_robust.detect import auto
from keras_robust.detect import mean_entropy
from keras_robust.detect import mean_losses
from keras_robust.detect import splits
from keras_robust.detect.adaptive_neighbours import WeightedAdaptiveNeighbours
from keras_robust.detect.beyond.dense import find_dense_issues
from keras_robust.detect.beyond.dense_issues import DenseIssues
from keras_robust.detect.beyond.dense_issues import PositionIssues
from keras_robust.detect.beyond.epochs import mean_multi_label_probs
from keras_robust.detect.beyond.multi_label import find_multi_label_issues
from keras_robust.detect.beyond.multi_label_issues import MultiLabelIssues
from keras_robust.detect.beyond.regression import find_regression_issues
from keras_robust.detect.beyond.regression_issues import RegressionIssues
from keras_robust.detect.class_means import class_means
from keras_robust.detect.cleanlab_columns import from_cleanlab
from keras_robust.detect.cleanlab_columns import to_cleanlab
from keras_robust.detect.confidence_bounds import hard_lower_bound
from keras_robust.detect.confidence_bounds import soft_lower_bound
from keras_robust.detect.confident_learning import confident_learning
from keras_robust.detect.ctrl import CtrlParameters
from keras_robust.detect.ctrl import ctrl_clean
from keras_robust.detect.data_maps import data_map
from keras_robust.detect.dividemix import clean_probability
from keras_robust.detect.error_length import el2n
from keras_robust.detect.find import find_label_issues
from keras_robust.detect.find_in_embeddings import find_in_embeddings
from keras_robust.detect.first_k_epoch_learnt import first_k_epoch
from keras_robust.detect.judgement import Judgement
from keras_robust.detect.label_issues import LabelIssues
from keras_robust.detect.label_quality import label_quality
from keras_robust.detect.mean_losses import mean_cross_entropy
from keras_robust.detect.neighbour_rank import simifeat_rank
from keras_robust.detect.neighbour_votes import simifeat_vote
from keras_robust.detect.noise_rate import estimate_noise_rate
from keras_robust.detect.penalized_regression import penalized_regression
from keras_robust.detect.reviewing import ReviewedPrecision
from keras_robust.detect.scores import Score
from keras_robust.detect.scores import available_scores
from keras_robust.detect.scores import register_score
from keras_robust.detect.scores import signals_of
from keras_robust.detect.split_registry import get_split
from keras_robust.detect.split_registry import register_split
from keras_robust.detect.suggestions import suggest_labels
from keras_robust.detect.threshold_samples import aum_threshold
from keras_robust.detect.threshold_samples import threshold_labels
from keras_robust.detect.uncertain_labels import uq_led
from keras_robust.detect.wann import neighbours_needed
from keras_robust.detect.wann import wann

# Imported for the scores that they register.
_SCORES = (area_under_margin, auto, mean_entropy, mean_losses)

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
