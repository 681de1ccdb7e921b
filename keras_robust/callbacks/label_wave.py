"""LabelWave: stops where the predictions of the training data settle."""

import keras
import numpy as np

from keras_robust.callbacks.tracker import checked
from keras_robust.losses import arguments


class LabelWave(keras.callbacks.Callback):
    """Early stopping by the training predictions that change, no clean data.

    Formula: `changes_e`, the number of training samples whose predicted class
    in epoch `e` is not that of epoch `e - 1`; training stops at its first
    minimum, and goes back to the weights of that epoch.

    While a network learns what the right labels say its predictions settle;
    once it learns wrong labels by heart they change again. The count is a
    training-mode one here (each at the weights of its step) unless the tracker
    has `mode="eval"`, as the paper has it; the mean over `window` epochs keeps
    a jump from passing for the minimum. Where an epoch is of some samples only,
    each is compared with when it was seen last, and the count is scaled to all.

    Args:
        tracker: The `LossTrajectory` of the same `fit`, before this one in
            `callbacks`.
        patience: Epochs without a new minimum after which it was the first
            one, at least 1. Defaults to `3`.
        window: Epochs to average over, at least 1. Defaults to `2`.
        start: Epochs before the first count, at least 1: those of a warm-up,
            say. Defaults to `1`.
        restore_best_weights: Whether to go back to the weights of the minimum.
            Defaults to `True`; it keeps a copy of them.
        verbose: 1 prints where it stopped. Defaults to `0`.

    Attributes:
        changes: The number of changed predictions of every epoch that was
            counted, a list.
        best_epoch: The epoch of the minimum, counted from 0; `None` before.

    Raises:
        ValueError: For bad arguments, or a tracker that stands after it in
            `callbacks`.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(4, activation="softmax")]
    ... )
    >>> model.compile("adam", kr.losses.CrossEntropy())
    >>> tracker = kr.callbacks.LossTrajectory(warn_on_collapse=False)
    >>> wave = kr.callbacks.LabelWave(tracker, patience=2)
    >>> x, y = np.eye(4), np.arange(4)
    >>> history = model.fit(
    ...     tracker.track(x, y), epochs=9, verbose=0, callbacks=[tracker, wave]
    ... )
    >>> len(wave.changes) <= 8
    True

    Reference: Yuan et al., "Early Stopping Against Label Noise Without
    Validation Data", ICLR 2025 (arXiv 2502.07551).
    """

    def __init__(
        self,
        tracker,
        patience=3,
        window=2,
        start=1,
        restore_best_weights=True,
        verbose=0,
    ):
        super().__init__()
        self.tracker = checked(tracker)
        self.patience = arguments.integer("patience", patience, at_least=1)
        self.window = arguments.integer("window", window, at_least=1)
        self.start = arguments.integer("start", start, at_least=1)
        self.restore_best_weights = arguments.flag(
            "restore_best_weights", restore_best_weights
        )
        self.verbose = verbose
        self._begin()

    def _begin(self):
        self.changes = []
        self.best_epoch = None
        self._best = np.inf
        self._weights = self._before = self._recorded = None
        self._stopped = None

    def on_train_begin(self, logs=None):
        self._begin()
        self._recorded = self.tracker.next_epoch

    def on_epoch_end(self, epoch, logs=None):
        if self.tracker.next_epoch <= self._recorded:
            raise ValueError(
                "LabelWave reads what its tracker recorded of the epoch, so "
                "the tracker must stand before it: callbacks=[tracker, "
                "LabelWave(tracker)]. Received: a tracker that has not "
                "recorded this epoch"
            )
        self._recorded = self.tracker.next_epoch
        now, before = self.tracker.last_epoch["predicted"], self._before
        if before is None:
            before = np.full_like(now, np.nan)
        self._before = np.where(np.isnan(now), before, now)
        seen = ~np.isnan(now) & ~np.isnan(before)
        if epoch < self.start:
            return
        mean = np.inf
        # Of a network that has diverged nothing can be compared.
        if seen.any():
            changed = np.count_nonzero(now[seen] != before[seen])
            # As many as there would be of all samples.
            self.changes.append(round(changed * len(now) / seen.sum()))
            mean = np.mean(self.changes[-self.window :])
        if mean < self._best:
            self._best, self.best_epoch = mean, epoch
            if self.restore_best_weights:
                self._weights = self.model.get_weights()
        elif self.best_epoch is None:
            return
        elif epoch - self.best_epoch >= self.patience:
            self._stopped = epoch
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        if self._stopped is None:
            return
        if self._weights is not None:
            self.model.set_weights(self._weights)
            self._weights = None
        if self.verbose:
            print(
                f"Epoch {self._stopped + 1}: stopped; fewest predictions "
                f"changed in epoch {self.best_epoch + 1}."
            )
