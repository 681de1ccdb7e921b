"""Per-sample state inside `fit`: what callbacks are built on."""

from keras_robust.training.attachment import Participant
from keras_robust.training.attachment import join
from keras_robust.training.attachment import leave

__all__ = ["Participant", "join", "leave"]
