"""Losses as something to be tuned, with KerasTuner."""

from keras_robust.tuning.loss_hyperparameters import loss_hyperparameters

__all__ = ["loss_hyperparameters"]
