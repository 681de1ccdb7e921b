"""CNLCU: small losses, and how uncertain they are."""

import numpy as np

from keras_robust import detect
from keras_robust.callbacks.reweight import FromTracker
from keras_robust.callbacks.small_loss import weights_of_smallest
from keras_robust.losses import arguments

# Epochs of a window, as the authors choose them.
_WINDOWS = {"soft": 3, "hard": 7}


class CNLCU(FromTracker):
    """Selection by the lower confidence bound of the loss, not the loss.

    Formula: in epoch `T` the share `R(T) = noise_rate min(T / epochs, 1)` of
    the samples, those of the largest bound, has weight 0, the others 1. The
    bound of a sample is its mean loss in the window of epochs that the last
    one is in, less a width that falls with the number of times that it was
    selected in there: see `keras_robust.detect.soft_lower_bound` and
    `hard_lower_bound`. Windows stand end to end, so every few epochs the
    means and the counts begin anew, as in the authors' code.

    As `SmallLoss`, but steadier, and gentle on samples that were rarely
    selected, such as hard or rare ones. The paper trains two networks, each on
    the selection of the other; this is one, which confirms its own mistakes.
    Two more departures: the authors select in every batch by its own losses,
    this in every epoch by those of the epochs before; and their code weighs
    the mean by the number of the epoch, while this takes the paper's.

    Args:
        tracker: The `LossTrajectory(mode="train")` that tracks the data of
            this `fit` and records `"cross_entropy"`.
        noise_rate: The share of wrong labels, above 0 and below 1.
        bound: `"soft"` (default; large losses are damped) or `"hard"`
            (outliers are left out; for that the window has 5 epochs or more).
        epochs: Epochs until the share is reached, at least 1. Defaults to
            `10`.
        window: Epochs of a window, at least 1. Defaults to `None`: 3 for
            `"soft"`, 7 for `"hard"`.
        variance: The scale of the width (the paper's sigma squared, or
            tau_min), at least 0, below 1. Defaults to `1e-4`.
        decay_epochs: Epochs in which the variance falls to 0, on a line, at
            least 2. Defaults to `80`.
        loss_bound: Of `"hard"`, the paper's `L`, above 0. Defaults to `2.0`.
        normalize: As of `SampleWeights`. Defaults to `True`.

    Attributes:
        weights: The weights `(N,)` in force, `None` in the first epoch.

    Raises:
        ValueError: For bad arguments, or a tracker without the signal; when
            training starts, for a tracker that is not in `callbacks`.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(4, activation="softmax")]
    ... )
    >>> model.compile("adam", kr.losses.CrossEntropy())
    >>> tracker = kr.callbacks.LossTrajectory()
    >>> cnlcu = kr.callbacks.CNLCU(tracker, 0.5, epochs=2)
    >>> x, y = np.eye(4), np.arange(4)
    >>> history = model.fit(
    ...     tracker.track(x, y), epochs=3, verbose=0,
    ...     callbacks=[tracker, cnlcu],
    ... )
    >>> int((cnlcu.weights == 0).sum())
    2

    Reference: Xia et al., "Sample Selection with Uncertainty of Losses for
    Learning with Noisy Labels", ICLR 2022.
    """

    def __init__(
        self,
        tracker,
        noise_rate,
        bound="soft",
        epochs=10,
        window=None,
        variance=1e-4,
        decay_epochs=80,
        loss_bound=2.0,
        normalize=True,
    ):
        super().__init__(tracker, start=1, every=1, normalize=normalize)
        self.noise_rate = arguments.number(
            "noise_rate", noise_rate, above=0, below=1
        )
        self.bound = arguments.choice("bound", bound, tuple(_WINDOWS))
        self.epochs = arguments.integer("epochs", epochs, at_least=1)
        if window is None:
            window = _WINDOWS[bound]
        self.window = arguments.integer("window", window, at_least=1)
        self.variance = arguments.number(
            "variance", variance, at_least=0, below=1
        )
        self.decay_epochs = arguments.integer(
            "decay_epochs", decay_epochs, at_least=2
        )
        self.loss_bound = arguments.number("loss_bound", loss_bound, above=0)
        self.need("cross_entropy")

    def weights_of(self, epoch, ago):
        count = (epoch - 1) % self.window + 1
        losses = self.tracker.last_epochs("cross_entropy", count)
        # The selections of this window are made again, in place of being
        # kept: so they are there too where a training goes on.
        first = epoch - len(losses)
        selections = np.ones(losses.shape[1])
        for seen in range(1, len(losses) + 1):
            low = self._bound_of(losses[:seen], selections, first + seen - 1)
            share = min((first + seen) / self.epochs, 1.0) * self.noise_rate
            weights = weights_of_smallest(low, share)
            selections += weights
        return weights

    def _bound_of(self, losses, selections, epoch):
        left = max(1.0 - epoch / (self.decay_epochs - 1), 0.0)
        known = losses, selections, epoch, self.variance * left
        if self.bound == "soft":
            return detect.soft_lower_bound(*known)
        return detect.hard_lower_bound(*known, self.loss_bound)
