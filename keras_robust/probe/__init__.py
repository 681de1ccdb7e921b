"""Asking a Keras model: does its output fit its loss, what does it predict."""

from keras_robust.probe.check_model import check_model

__all__ = ["check_model"]
