"""CrossEntropyWarmUp: a robust loss that starts as cross-entropy."""

import numbers

import keras

from keras_robust import training
from keras_robust.losses import RobustLoss
from keras_robust.losses.base import LOSSES
from keras_robust.losses.stage import cross_entropy_while


class _Switch(training.Participant):
    def __init__(self):
        self.warm = None

    def around_loss(self):
        return cross_entropy_while(self.warm.value > 0.5)


class CrossEntropyWarmUp(keras.callbacks.Callback):
    """Trains with cross-entropy for some epochs, then with the compiled loss.

    Robust losses pull little on samples far from their label, and at random
    weights all are, so from there some of them learn only a few classes
    (`benchmarks/cold_start.py` has the table). A few epochs of cross-entropy
    cure that. The loss stays the paper's: the switch happens inside the same
    compiled step, with the same optimizer state, and nothing is recompiled.

    Every robust loss of the compiled model is switched, with its own
    `from_logits`, `axis`, `ignore_class`, weights and reduction; other losses
    stay as they are. During the warm-up `loss` in the logs is cross-entropy;
    `val_loss` is the compiled loss all the time.

    Epochs count from 0 as Keras counts them, so `initial_epoch` is honoured.

    Args:
        epochs: Epochs of cross-entropy, at least 0. Defaults to `5`.
        verbose: 1 prints the moment of the switch. Defaults to `0`.

    Raises:
        ValueError: For a bad `epochs`, or, when training starts, for a model
            without a robust loss (there would be nothing to switch).

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(3, activation="softmax")]
    ... )
    >>> model.compile("adam", loss=kr.losses.AsymmetricGCE(q=3))
    >>> x, y = np.eye(4)[:3], np.arange(3)
    >>> history = model.fit(
    ...     x, y, epochs=2, verbose=0,
    ...     callbacks=[kr.callbacks.CrossEntropyWarmUp(epochs=1)],
    ... )
    >>> bool(history.history["loss"][0] > 0)
    True

    Reference: a delayed start is part of Pellegrino et al., arXiv 2511.16512,
    2025; for asymmetric losses it is this package's cure for cold starts.
    """

    def __init__(self, epochs=5, verbose=0):
        super().__init__()
        whole = isinstance(epochs, numbers.Integral)
        if not whole or isinstance(epochs, bool) or epochs < 0:
            raise ValueError(
                "`epochs` must be a whole number, at least 0. "
                f"Received: epochs={epochs!r}"
            )
        self.epochs = int(epochs)
        self.verbose = verbose
        self._switch = _Switch()

    def set_model(self, model):
        super().set_model(model)
        if not _has_robust_loss(getattr(model, "loss", None)):
            raise ValueError(
                "CrossEntropyWarmUp switches robust losses, and the model has "
                "none: compile it with a loss of `keras_robust.losses`, or "
                "leave the callback out. Received: "
                f"loss={getattr(model, 'loss', None)!r}"
            )
        attachment = training.join(model, self._switch)
        self._switch.warm = attachment.carrier.add(
            "warm", (), "float32", initializer="ones"
        )
        self._is_warm = True

    def on_epoch_begin(self, epoch, logs=None):
        warm = epoch < self.epochs
        self._switch.warm.assign(float(warm))
        if self._is_warm and not warm and self.epochs and self.verbose:
            print(f"\nEpoch {epoch + 1}: cross-entropy gives way to the loss.")
        self._is_warm = warm

    def on_train_end(self, logs=None):
        training.leave(self.model, self._switch)


def _has_robust_loss(loss):
    if isinstance(loss, dict):
        loss = list(loss.values())
    if isinstance(loss, (list, tuple)):
        return any(_has_robust_loss(part) for part in loss)
    if isinstance(loss, type):
        return issubclass(loss, RobustLoss)
    if isinstance(loss, keras.losses.Loss):
        return isinstance(loss, RobustLoss)
    # The functions beside the classes; those for regression switch nothing.
    cls = LOSSES.get(getattr(loss, "__name__", None))
    ours = getattr(loss, "__module__", "").startswith("keras_robust.losses")
    return ours and cls is not None and issubclass(cls, RobustLoss)
