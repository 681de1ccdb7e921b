"""A model that is told its losses, and `fit` with a callback that acts."""

import keras
import numpy as np

import keras_robust as kr
from tests.training import frozen

LABELS = np.arange(frozen.N) % frozen.CLASSES
# Room between the losses, so that float32 and float64 order them alike.
LOSSES = np.linspace(0.05, 3.0, frozen.N)


class Told(keras.callbacks.Callback):
    """In place of training: sets the weights of every epoch."""

    def __init__(self, kernels):
        super().__init__()
        self.kernels = kernels

    def on_epoch_begin(self, epoch, logs=None):
        self.model.set_weights([self.kernels[epoch]])


def kernel(losses):
    """Logits `(N, CLASSES)` with these cross-entropies of the labels."""
    others = frozen.CLASSES - 1
    logits = np.zeros((frozen.N, frozen.CLASSES))
    given = -np.log(np.expm1(losses) / others)
    logits[np.arange(frozen.N), LABELS] = given
    return logits


def run(make, losses, **options):
    """Fits a model that has these losses, epoch by epoch `(E, N)`.

    Sample `i` is row `i` of the identity, so its logits are row `i` of the
    kernel. `make` is a callback, or makes one of its tracker.

    Returns:
        The callback, and the loss of every epoch.
    """
    model = keras.Sequential(
        [
            keras.Input((frozen.N,)),
            keras.layers.Dense(frozen.CLASSES, use_bias=False),
        ]
    )
    loss = kr.losses.CrossEntropy(from_logits=True)
    frozen.compiled(model, loss)
    store = options.pop("store", None)
    tracker = frozen.tracker(store=store, resume=store is not None)
    if isinstance(make, keras.callbacks.Callback):
        callback, make.tracker = make, tracker
    else:
        callback = make(tracker)
    told = Told([kernel(row) for row in losses])
    data = tracker.track(
        np.eye(frozen.N, dtype="float32"), LABELS, batch_size=frozen.N
    )
    history = model.fit(
        data,
        **{"epochs": len(losses), "verbose": 0, **options},
        callbacks=[told, callback, tracker],
    )
    assert "_keras_robust_attachment" not in vars(model)
    return callback, history.history["loss"]


def weighted(losses, weights):
    return (losses * weights).sum() / weights.sum()


def varied(epochs, seed=0):
    """Losses that differ from epoch to epoch."""
    rng = np.random.default_rng(seed)
    return rng.gamma(2.0, 0.5, size=(epochs, frozen.N)) + 0.01
