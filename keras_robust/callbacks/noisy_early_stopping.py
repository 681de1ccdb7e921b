"""NoisyEarlyStopping: early stopping on validation labels that are noisy."""

import keras

from keras_robust.losses import arguments


class NoisyEarlyStopping(keras.callbacks.EarlyStopping):
    """Early stopping on the accuracy on noisy validation labels.

    Stops when the accuracy on held out samples, their labels as wrong as the
    training labels, has not risen for `patience` epochs, and goes back to the
    weights of the best one.

    No clean labels are needed: where the true class is the most frequent label
    of a sample, the model of the highest accuracy on noisy labels is the one
    of the highest on clean ones, up to chance. (That is so of accuracy, not of
    the loss.) It is what every comparison with a robust loss should include.

    Args:
        monitor: The metric, one that is better the larger it is. Defaults to
            `"val_accuracy"`.
        patience: Epochs without a rise, at least 1. Defaults to `5`.
        min_delta: How much counts as a rise, at least 0. Defaults to `0`.
        start_from_epoch: Epochs before the first that counts, at least 0.
            Defaults to `0`.
            After a `CrossEntropyWarmUp` at least its epochs: it may go back to
            one of them otherwise.
        verbose: 1 prints when it stops. Defaults to `0`.

    Raises:
        ValueError: For bad arguments, such as the name of a loss; at the end
            of the first epoch, if `fit` has no `validation_data` or the model
            no accuracy among its metrics.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(4, activation="softmax")]
    ... )
    >>> model.compile("adam", kr.losses.CrossEntropy(), metrics=["accuracy"])
    >>> x, y = np.eye(4), np.arange(4)
    >>> stop = kr.callbacks.NoisyEarlyStopping(patience=2)
    >>> history = model.fit(
    ...     x, y, validation_data=(x, y), epochs=3, verbose=0, callbacks=[stop]
    ... )

    Reference: Toner and Storkey, "Noisy Early Stopping for Noisy Labels",
    arXiv 2409.06830, 2024.
    """

    def __init__(
        self,
        monitor="val_accuracy",
        patience=5,
        min_delta=0,
        start_from_epoch=0,
        verbose=0,
    ):
        if not isinstance(monitor, str) or "loss" in monitor:
            raise ValueError(
                "`monitor` must name a metric that is better the larger it "
                "is, and on noisy labels the loss says nothing of the right "
                f"ones: take an accuracy. Received: monitor={monitor!r}"
            )
        patience = arguments.integer("patience", patience, at_least=1)
        min_delta = arguments.number("min_delta", min_delta, at_least=0)
        start_from_epoch = arguments.integer(
            "start_from_epoch", start_from_epoch, at_least=0
        )
        super().__init__(
            monitor=monitor,
            min_delta=min_delta,
            patience=patience,
            verbose=verbose,
            mode="max",
            restore_best_weights=True,
            start_from_epoch=start_from_epoch,
        )

    def on_epoch_end(self, epoch, logs=None):
        if self.monitor not in (logs or {}):
            raise ValueError(
                "NoisyEarlyStopping watches the accuracy on validation "
                "labels: give `fit` validation_data (with labels as noisy as "
                "the others) and `compile` metrics=['accuracy'], or say which "
                f"metric with `monitor`. Received: monitor={self.monitor!r}, "
                f"logs {sorted(logs or {})}"
            )
        super().on_epoch_end(epoch, logs)
