"""Losses as something to be tuned, with KerasTuner."""

from keras_robust.tuning.loss_hyperparameters import loss_hyperparameters
from keras_robust.tuning.loss_hyperparameters import warm_up_epochs

__all__ = ["loss_hyperparameters", "warm_up_epochs"]
