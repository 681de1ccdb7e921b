"""Asking a Keras model: does its output fit its loss, what does it predict."""

from keras_robust.probe.check_model import check_model
from keras_robust.probe.cross_validation import cross_val_predict_probs
from keras_robust.probe.dropout_samples import DropoutMean
from keras_robust.probe.dropout_samples import predict_samples
from keras_robust.probe.embeddings import embeddings

__all__ = [
    "DropoutMean",
    "check_model",
    "cross_val_predict_probs",
    "embeddings",
    "predict_samples",
]
