"""SmallLoss: trains on the samples of small loss, ever fewer of them."""

import numpy as np

from keras_robust.callbacks.reweight import FromTracker
from keras_robust.losses import arguments


class SmallLoss(FromTracker):
    """Small-loss selection: drops the samples of the largest loss.

    Formula: in epoch `T` the share `R(T) = noise_rate min(T / epochs, 1)` of
    the samples, those of the largest cross-entropy in the epoch before, has
    weight 0, the others 1.

    The schedule of co-teaching with one network: wrong labels are learnt last,
    so their loss is large early on. As one network it confirms its own
    mistakes; the share should be no larger than the labels are wrong.

    Args:
        tracker: The `LossTrajectory(mode="train")` that tracks the data of
            this `fit` and records `"cross_entropy"`.
        noise_rate: The share of wrong labels, above 0 and below 1.
        epochs: Epochs until the share is reached, at least 1. Defaults to
            `10`.
        normalize: As of `SampleWeights`. Defaults to `True`.

    Attributes:
        weights: The weights `(N,)` in force, `None` in the first epoch.

    Raises:
        ValueError: For bad arguments, or a tracker without the signal.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(4, activation="softmax")]
    ... )
    >>> model.compile("adam", kr.losses.CrossEntropy())
    >>> tracker = kr.callbacks.LossTrajectory()
    >>> small_loss = kr.callbacks.SmallLoss(tracker, 0.5, epochs=2)
    >>> x, y = np.eye(4), np.arange(4)
    >>> history = model.fit(
    ...     tracker.track(x, y), epochs=3, verbose=0,
    ...     callbacks=[tracker, small_loss],
    ... )
    >>> int((small_loss.weights == 0).sum())
    2

    Reference: Han et al., "Co-teaching: Robust Training of Deep Neural
    Networks with Extremely Noisy Labels", NeurIPS 2018.
    """

    def __init__(self, tracker, noise_rate, epochs=10, normalize=True):
        super().__init__(tracker, start=1, every=1, normalize=normalize)
        self.noise_rate = arguments.number(
            "noise_rate", noise_rate, above=0, below=1
        )
        self.epochs = arguments.integer("epochs", epochs, at_least=1)
        self.need("cross_entropy")

    def weights_of(self, epoch, ago):
        losses = self.tracker.last_epoch["cross_entropy"]
        share = self.noise_rate * min(epoch / self.epochs, 1.0)
        # Who was not seen has no loss yet, and stays.
        losses = np.where(np.isnan(losses), -np.inf, losses)
        dropped = np.argsort(-losses, kind="stable")
        # One at least stays.
        count = min(int(round(share * len(losses))), len(losses) - 1)
        dropped = dropped[:count]
        weights = np.ones(len(losses))
        weights[dropped] = 0.0
        return weights
