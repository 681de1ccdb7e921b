"""Asking a Keras model: does its output fit its loss, what does it predict."""

from keras_robust.probe.check_model import check_model
from keras_robust.probe.embeddings import embeddings

__all__ = [
    "check_model",
    "embeddings",
]
