"""A training with a tracker, the same for the first time and the second."""

import contextlib
from typing import Any
from typing import NamedTuple

import keras

from keras_robust.callbacks import CrossEntropyWarmUp
from keras_robust.callbacks import LossTrajectory
from keras_robust.losses import RobustLoss
from keras_robust.training.random_numbers import seeded

# Epochs of cross-entropy before a robust loss, where the user does not say.
WARM_UP = CrossEntropyWarmUp().epochs


class Settings(NamedTuple):
    """How to train.

    Attributes:
        epochs, batch_size, warm_up, seed, sample_weight, ids: As of `audit`.
        fit: What else `model.fit` takes, without callbacks.
    """

    epochs: int
    batch_size: int
    warm_up: int | None
    seed: int | None
    sample_weight: Any
    ids: Any
    fit: dict


def make(model_fn):
    """Calls a function that makes a model, or raises.

    Raises:
        TypeError: If it gives no compiled `keras.Model`.
    """
    model = model_fn()
    if not isinstance(model, keras.Model) or not model.compiled:
        what = "not compiled" if isinstance(model, keras.Model) else "none"
        raise TypeError(
            "`model_fn` must return a compiled keras.Model. Received: "
            f"{type(model).__name__}, which is {what}"
        )
    return model


def seeded_by(seed):
    """A block that begins with the seed, if there is one."""
    return contextlib.nullcontext() if seed is None else seeded(seed, 0)


def train(model, x, y, settings, callbacks=()):
    """Trains a model, and records every sample.

    Returns:
        The tracker, and Keras's `History`.
    """
    tracker = LossTrajectory()
    callbacks = [tracker, *callbacks]
    warm_up = settings.warm_up
    if warm_up is None:
        warm_up = WARM_UP if isinstance(model.loss, RobustLoss) else 0
    if warm_up:
        callbacks.insert(0, CrossEntropyWarmUp(epochs=warm_up))
    data = tracker.track(
        x,
        y,
        batch_size=settings.batch_size,
        sample_weight=settings.sample_weight,
        seed=settings.seed,
        ids=settings.ids,
    )
    history = model.fit(
        data, epochs=settings.epochs, callbacks=callbacks, **settings.fit
    )
    return tracker, history
