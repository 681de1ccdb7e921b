"""SmallLoss: trains on the samples of small loss, ever fewer of them."""

import numpy as np

from keras_robust.callbacks.reweight import FromTracker
from keras_robust.losses import arguments


def weights_of_smallest(values, share):
    """Weights 0 for a share of the samples, those of the largest values.

    Args:
        values: `(N,)`, NaN for a sample that has none and stays.
        share: At least 0, at most 1; one sample at least stays.

    Returns:
        The weights, 0 or 1, float64 `(N,)`.
    """
    values = np.where(np.isnan(values), -np.inf, values)
    dropped = np.argsort(-values, kind="stable")
    count = min(int(round(share * len(values))), len(values) - 1)
    weights = np.ones(len(values))
    weights[dropped[:count]] = 0.0
    return weights


class SmallLoss(FromTracker):
    """Small-loss selection: drops the samples of the largest loss.

    Formula: in epoch `T` the share `R(T) = noise_rate min(T / epochs, 1)` of
    the samples, those of the largest cross-entropy in the epoch before, has
    weight 0, the others 1.

    The schedule of co-teaching with one network: wrong labels are learnt last,
    so their loss is large early on. As one network it confirms its own
    mistakes; the share should be no larger than the labels are wrong.

    For a network with dropout this is USDNL, whose selection adds the
    uncertainty of a single pass with dropout to the loss and then shows that
    the loss of that pass alone selects alike: its code does that, in every
    batch. The tracker's losses are of such passes (`mode="train"`).

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
    Networks with Extremely Noisy Labels", NeurIPS 2018. Xu et al., "USDNL:
    Uncertainty-Based Single Dropout in Noisy Label Learning", AAAI 2023.
    """

    def __init__(self, tracker, noise_rate, epochs=10, normalize=True):
        super().__init__(tracker, start=1, every=1, normalize=normalize)
        self.noise_rate = arguments.number(
            "noise_rate", noise_rate, above=0, below=1
        )
        self.epochs = arguments.integer("epochs", epochs, at_least=1)
        self.need("cross_entropy")

    def weights_of(self, epoch, ago):
        losses = self.tracker.last_values("cross_entropy", ago)
        share = self.noise_rate * min(epoch / self.epochs, 1.0)
        return weights_of_smallest(losses, share)
