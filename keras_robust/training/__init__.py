"""Per-sample state inside `fit`: what callbacks are built on."""

from keras_robust.training.attachment import join
from keras_robust.training.attachment import leave
from keras_robust.training.attachment import release
from keras_robust.training.participant import Participant

__all__ = ["Participant", "join", "leave", "release"]
