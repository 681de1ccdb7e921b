"""Losses as something to be tuned, with KerasTuner."""

from keras_robust.tuning.hyper_model import RobustHyperModel
from keras_robust.tuning.limit_time import limit_time
from keras_robust.tuning.loss_hyperparameters import loss_hyperparameters
from keras_robust.tuning.loss_hyperparameters import warm_up_epochs
from keras_robust.tuning.noise_corrected_accuracy import NoiseCorrectedAccuracy
from keras_robust.tuning.search_report import SearchReport
from keras_robust.tuning.trimmed_validation import TrimmedValidation
from keras_robust.tuning.trimmed_validation import trimmed_validation

__all__ = [
    "NoiseCorrectedAccuracy",
    "RobustHyperModel",
    "SearchReport",
    "TrimmedValidation",
    "limit_time",
    "loss_hyperparameters",
    "trimmed_validation",
    "warm_up_epochs",
]
