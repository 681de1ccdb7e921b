"""CrossEntropyWarmUp: a robust loss that starts as cross-entropy."""

import warnings

from keras_robust import training
from keras_robust.callbacks.in_step import InStep
from keras_robust.losses import arguments
from keras_robust.losses.stage import cross_entropy_while
from keras_robust.training import head


class _Switch(training.Participant):
    def __init__(self, epochs):
        self.epochs = epochs
        self.clock = None

    def around_loss(self):
        return cross_entropy_while(self.clock.epoch < self.epochs)


class CrossEntropyWarmUp(InStep):
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
        epochs = arguments.integer("epochs", epochs, at_least=0)
        super().__init__(_Switch(epochs))
        self.epochs = epochs
        self.verbose = verbose

    def set_model(self, model):
        if not head.has_robust_loss(model):
            raise ValueError(
                "CrossEntropyWarmUp switches robust losses, and the model has "
                "none: compile it with a loss of `keras_robust.losses`, or "
                "leave the callback out. Received: "
                f"loss={getattr(model, 'loss', None)!r}"
            )
        super().set_model(model)
        self.participant.clock = self.attachment.clock
        self._is_warm = True

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        epochs = self.params.get("epochs")
        if self.epochs and epochs is not None and epochs <= self.epochs:
            warnings.warn(
                "CrossEntropyWarmUp lasts as long as this `fit`: the compiled "
                "loss has no part in it. Received: CrossEntropyWarmUp(epochs="
                f"{self.epochs}), epochs={epochs}",
                stacklevel=2,
            )

    def on_epoch_begin(self, epoch, logs=None):
        super().on_epoch_begin(epoch, logs)
        warm = epoch < self.epochs
        if self._is_warm and not warm and self.epochs and self.verbose:
            print(f"\nEpoch {epoch + 1}: cross-entropy gives way to the loss.")
        self._is_warm = warm

    def on_train_end(self, logs=None):
        self.participant.clock = None
        super().on_train_end(logs)
