"""TruncatedWeights: leaves out who is not believed, and asks again later."""

import math

import numpy as np

from keras_robust.callbacks.reweight import FromTracker
from keras_robust.losses import arguments


class TruncatedWeights(FromTracker):
    """The truncated loss as the paper trains it: weights of 0 and 1, renewed.

    Formula: the loss of sample `i` counts `w_i` times; `w_i = 1` where
    `p_i > k`, else 0, with `p_i` the probability of its given label. From
    epoch `start` on, every `every` epochs, all weights are set anew by what
    the epoch before recorded; until `start` they are 1.

    With `GeneralizedCrossEntropy(q)` that is the paper's alternate search for
    the weights and the network that minimise `mean_i w_i (l_q(p_i) - l_q(k))`,
    as `p > k` is `l_q(p) < l_q(k)` for every `q`; the loss shown by `fit`
    leaves out `w_i l_q(k)`, which has no gradient. Unlike
    `keras_robust.losses.TruncatedGCE`, where a sample that is given up can
    come back at any step, it is out for `every` epochs, and judged again by a
    network that has not been trained on it in between. Any other loss that
    falls with `p` may be compiled as well.

    A network that is sure of little yet drops nearly everything: let it train
    for some epochs first, and take a smaller `k` where there are many classes.
    Where no sample is above `k`, the weights stay as they were, with a warning.

    A public unofficial code judges by the weights of the best epoch on
    validation data, in a pass of its own without dropout; here it is the
    training pass of the epoch before.

    Args:
        tracker: The `LossTrajectory(mode="train")` that tracks the data of
            this `fit` and records `"confidence"` or `"cross_entropy"`.
        k: Above 0, below 1. Defaults to `0.5`.
        start: The first epoch with weights, counted from 0, at least 1.
            Defaults to `40`.
        every: Epochs between two judgements, at least 1. Defaults to `10`.
        normalize: As of `SampleWeights`, where the default is `True`; the
            paper divides by all samples. Defaults to `False`.

    Attributes:
        weights: The weights `(N,)` in force, `None` before `start`.

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
    >>> model.compile("sgd", kr.losses.GeneralizedCrossEntropy(q=0.7))
    >>> model.set_weights([np.diag([9.0, 9.0, 9.0, 0.0]), np.zeros(4)])
    >>> tracker = kr.callbacks.LossTrajectory()
    >>> truncated = kr.callbacks.TruncatedWeights(tracker, start=1)
    >>> x, y = np.eye(4), np.arange(4)
    >>> history = model.fit(
    ...     tracker.track(x, y), epochs=2, verbose=0,
    ...     callbacks=[tracker, truncated],
    ... )
    >>> truncated.weights
    array([1., 1., 1., 0.], dtype=float32)

    Reference: Zhang and Sabuncu, "Generalized Cross Entropy Loss for Training
    Deep Neural Networks with Noisy Labels", NeurIPS 2018, algorithm 1.
    """

    def __init__(self, tracker, k=0.5, start=40, every=10, normalize=False):
        super().__init__(tracker, start, every, normalize)
        self.k = arguments.number("k", k, above=0, below=1)
        if "confidence" not in tracker.signals:
            self.need("cross_entropy")

    def weights_of(self, epoch, ago):
        if "confidence" in self.tracker.signals:
            confidence = self.tracker.last_values("confidence", ago)
            unsure = confidence <= self.k
        else:
            losses = self.tracker.last_values("cross_entropy", ago)
            unsure = losses >= -math.log(self.k)
        # Who was not seen has no value yet, and stays.
        return np.where(unsure, 0.0, 1.0)
