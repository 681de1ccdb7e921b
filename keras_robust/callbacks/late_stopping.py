"""LateStopping: drops the samples that are learnt late."""

import numpy as np

from keras_robust.callbacks.reweight import FromTracker
from keras_robust.detect.scores.first_k_epoch_learnt import Streaks
from keras_robust.losses import arguments


class LateStopping(FromTracker):
    """Drops the samples that are learnt last, and trains on without them.

    Formula: a sample is learnt at the first epoch at whose end it was
    predicted as its given label in `k` epochs in a row (FkL). As soon as
    `1 - noise_rate` of the samples are learnt, those that are not have weight
    0 for the rest of this `fit`, the others 1.

    A right label that is hard has a large loss for long, but is predicted
    steadily before a wrong one is; so this keeps more of the hard samples
    than a selection by small loss.

    The paper shrinks the data in rounds, each with a new network; its code in
    twelve of them, of which each keeps 98 % of the samples (at 20 % noise;
    95.5 % at 40 %), the first four with `k = 1`, then four with 2, and four
    with 3. Here it is one network and one round, down to what those leave
    over; further rounds are further calls of `fit` with new networks on what
    is left.

    Args:
        tracker: The `LossTrajectory(mode="train")` that tracks the data of
            this `fit` and records `"correct"`.
        noise_rate: The share of wrong labels, above 0 and below 1; no more
            are dropped.
        k: Epochs in a row, at least 1. Defaults to `3`, that of the authors'
            last rounds.
        warm_up: The first epochs, which do not count, at least 0. Defaults to
            `7`, as in the authors' code, where an epoch is 1400 steps.
        normalize: As of `SampleWeights`. Defaults to `True`.

    Attributes:
        weights: The weights `(N,)` in force, `None` until samples are
            dropped. Who was seen less than `k` times stays.

    Raises:
        ValueError: For bad arguments, or a tracker without the signal; when
            training starts, for a tracker that is not in `callbacks`.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(200, 4)).astype("float32")
    >>> noisy = kr.noise.symmetric(x.argmax(1), 0.2, num_classes=4, seed=0)
    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(4, activation="softmax")]
    ... )
    >>> model.compile(keras.optimizers.Adam(0.05), kr.losses.CrossEntropy())
    >>> tracker = kr.callbacks.LossTrajectory()
    >>> late = kr.callbacks.LateStopping(tracker, 0.3, warm_up=2)
    >>> history = model.fit(
    ...     tracker.track(x, noisy.labels), epochs=9, verbose=0,
    ...     callbacks=[tracker, late],
    ... )
    >>> dropped, wrong = late.weights == 0, noisy.is_wrong
    >>> bool(dropped[wrong].mean() > dropped[~wrong].mean())
    True

    Reference: Yuan, Feng, Liu, "Late Stopping: Avoiding Confidently Learning
    from Mislabeled Examples", ICCV 2023.
    """

    def __init__(self, tracker, noise_rate, k=3, warm_up=7, normalize=True):
        self.noise_rate = arguments.number(
            "noise_rate", noise_rate, above=0, below=1
        )
        self.k = arguments.integer("k", k, at_least=1)
        self.warm_up = arguments.integer("warm_up", warm_up, at_least=0)
        super().__init__(
            tracker, self.warm_up + self.k, every=1, normalize=normalize
        )
        self.need("correct")

    def weights_of(self, epoch, ago):
        if self.weights is not None:
            return None
        # From the beginning, so that a training that goes on after it was
        # broken off drops whom it had dropped.
        correct = self.tracker.last_epochs("correct", epoch - self.warm_up)
        streaks = Streaks(correct.shape[1], self.k)
        for row in correct:
            streaks.see(row)
            count = np.count_nonzero(streaks.times_seen)
            late = (streaks.times_seen >= self.k) & ~streaks.learnt
            enough = count - int(round(self.noise_rate * count))
            if 0 < enough <= np.count_nonzero(streaks.learnt):
                return np.where(late, 0.0, 1.0)
        return None
