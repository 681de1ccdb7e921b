"""GMMWeights: every sample counts as its label is probably right."""

import numpy as np

from keras_robust import detect
from keras_robust.callbacks.reweight import FromTracker
from keras_robust.losses import arguments


class GMMWeights(FromTracker):
    """Weighs every sample by the probability that its label is right.

    Formula: `w_i = P(g | loss_i)`, with `g` the component of the smaller mean
    of a mixture of two normal distributions, fitted to the cross-entropies of
    the last epoch, scaled to [0, 1]; with `threshold`, `w_i` is 1 where it is
    above that, else 0.

    For training on after a warm-up, without choosing a noise rate: this is how
    DivideMix tells right labels from wrong ones (it goes on to train two
    networks, semi-supervised; this only weighs, in one). The first epochs must
    leave the wrong labels a larger loss. The losses are those of the training
    pass, each at the weights of its step; the paper takes a pass of its own.

    Args:
        tracker: The `LossTrajectory(mode="train")` that tracks the data of
            this `fit` and records `"cross_entropy"`.
        threshold: In [0, 1); the paper's is 0.5. Defaults to `None`, the
            probability itself.
        epochs: How many of the last epochs to average the scaled losses over,
            at least 1. Defaults to `1`; in the paper 5 at 90 % noise.
        start: The first epoch with weights, counted from 0, at least 1.
            Defaults to `10`, published for CIFAR-10 (CIFAR-100: 30).
        every: Epochs between two fits of the mixture, at least 1. Defaults to
            `1`.
        normalize: As of `SampleWeights`. Defaults to `True`.

    Attributes:
        weights: The weights `(N,)` in force, `None` before `start`. A sample
            not seen in those epochs has 1, and so has every sample where all
            losses are alike.

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
    >>> gmm = kr.callbacks.GMMWeights(tracker, start=5)
    >>> history = model.fit(
    ...     tracker.track(x, noisy.labels), epochs=8, verbose=0,
    ...     callbacks=[tracker, gmm],
    ... )
    >>> wrong = noisy.is_wrong
    >>> bool(gmm.weights[wrong].mean() < gmm.weights[~wrong].mean())
    True

    Reference: Li et al., "DivideMix: Learning with Noisy Labels as
    Semi-supervised Learning", ICLR 2020, section 3.1.
    """

    def __init__(
        self,
        tracker,
        threshold=None,
        epochs=1,
        start=10,
        every=1,
        normalize=True,
    ):
        super().__init__(tracker, start, every, normalize)
        self.threshold = threshold
        if threshold is not None:
            self.threshold = arguments.number(
                "threshold", threshold, at_least=0, below=1
            )
        self.epochs = arguments.integer("epochs", epochs, at_least=1)
        self.need("cross_entropy")

    def weights_of(self, epoch, ago):
        losses = self.tracker.last_epochs(
            "cross_entropy", min(self.epochs, epoch), ago
        )
        # Who was not seen in these epochs, as it was seen last.
        known = self.tracker.last_values("cross_entropy", ago)
        losses[-1] = np.where(np.isnan(losses).all(0), known, losses[-1])
        weights, _ = detect.clean_probability(losses, self.epochs)
        # Who was not seen has no loss yet, and stays.
        weights = np.where(np.isnan(weights), 1.0, weights)
        if self.threshold is not None:
            weights = np.where(weights > self.threshold, 1.0, 0.0)
        return weights
