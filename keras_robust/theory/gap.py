"""How much worse than necessary the best prediction under noise is."""

from dataclasses import dataclass

import numpy as np

from keras_robust.theory.minimisers import Minimisers
from keras_robust.theory.native import one_question
from keras_robust.theory.weights import label_weights


@dataclass(frozen=True)
class RobustnessGap:
    """What the noise costs at the minimiser, by looking everywhere.

    Attributes:
        gap: The largest of a class, in units of the loss's range.
        classes: Of every true class, `(K,)`.
        minimisers: The best predictions under the noise, `(K, K)`, a row for
            each true class.
    """

    gap: float
    classes: np.ndarray
    minimisers: np.ndarray


@one_question()
def robustness_gap(loss, noise, rate=None, num_classes=None):
    """Compares the best prediction under noise with that without.

    Formula: for the samples of a class `m` with the label weights `w`:
    `u* = argmin_u sum_k w_k L(u, k)`, and the gap
    `(L(u*, m) - min_u L(u, m)) / (max L - min L)`, at most 1; the range of
    an unbounded loss is that down to probabilities of 1e-9.

    Use it where a loss does not tolerate the noise, to see how much that
    matters: 0 is tolerated, and small is a prediction that is only less sure.

    Args:
        loss: A loss, as of `noise_tolerance`.
        noise: A transition matrix or an estimate of it, or `"symmetric"` or
            `"pair"`.
        rate: The share of wrong labels in [0, 1]; for a name only.
        num_classes: K; for a name only.

    Returns:
        A `RobustnessGap`.

    Raises:
        ValueError: As `noise_tolerance` does.

    Example:

    >>> from keras_robust import losses
    >>> from keras_robust.theory import robustness_gap
    >>> robustness_gap(losses.CategoricalMAE(), "symmetric", 0.6, 10).gap
    0.0
    >>> ce = robustness_gap(losses.CrossEntropy(), "symmetric", 0.6, 10)
    >>> bool(ce.minimisers[0].round(1)[0] == 0.4)
    True

    Reference: Ghosh, Kumar and Sastry, "Robust Loss Functions under Label
    Noise for Deep Neural Networks", AAAI 2017, definition 1 (noise
    tolerance, of which this measures the lack).
    """
    matrix = label_weights(noise, rate, num_classes)
    searched = Minimisers(loss, len(matrix))
    if not searched.scale > 0:
        raise ValueError(
            "A constant loss has no gap: all predictions are as good. Pass a "
            "loss that falls as the probability of the given label rises. "
            f"Received: loss={loss!r}"
        )
    gaps, points = np.zeros(len(matrix)), np.zeros_like(matrix)
    for label, weights in enumerate(matrix):
        clean = np.eye(len(matrix))[label]
        # A tie goes to the class itself: 1e-9 breaks it.
        points[label] = searched.find(weights + 1e-9 * clean).point
        at_noisy = searched.risk(clean, points[label])
        gap = at_noisy - searched.find(clean).risk
        gaps[label] = gap if gap > searched.rounding(clean, at_noisy) else 0
    gaps = np.clip(gaps / searched.scale, 0.0, 1.0)
    return RobustnessGap(float(gaps.max()), gaps, points)
