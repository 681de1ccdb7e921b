"""Whether a loss's best predictions are of the likeliest class."""

from dataclasses import dataclass

import numpy as np

from keras_robust.theory.evaluation import check_seed
from keras_robust.theory.minimisers import Minimisers
from keras_robust.theory.native import one_question

_TRIED = 64
# How often to look closer, and at how many points: less than elsewhere, for a
# counterexample is seen from afar.
_CLOSER = {"rounds": 3, "count": 32}


@dataclass(frozen=True)
class Calibration:
    """What a search for a counterexample found.

    Attributes:
        verdict: `"counterexample"`, or `"no counterexample in n points"`.
        weights: The class probabilities of the counterexample, `(K,)`, or
            `None`.
        best: A prediction of the smallest risk there, `(K,)`, of another
            class than the likeliest; or `None`.
    """

    verdict: str
    weights: np.ndarray | None = None
    best: np.ndarray | None = None


@one_question()
def classification_calibration(loss, num_classes=10, seed=0):
    """Searches for class probabilities at which a loss prefers the wrong one.

    Formula: classification-calibrated if for all class probabilities `w` with
    one largest, every minimiser `u` of `sum_k w_k L(u, k)` has its largest
    entry there too. One that is as good and has not is a counterexample.

    Use it for a loss of your own: with a counterexample, the minimiser of the
    loss may be a classifier that is not the best one even without wrong
    labels. No number of points proves the contrary.

    Args:
        loss: A loss of one sample, as of `noise_tolerance`.
        num_classes: K, at least 2. Defaults to `10`.
        seed: Of the class probabilities tried. Defaults to `0`.

    Returns:
        A `Calibration`.

    Raises:
        ValueError: As `is_symmetric` does, or for a seed that is none.

    Example:

    >>> from keras import ops
    >>> from keras_robust import losses
    >>> from keras_robust.theory import classification_calibration
    >>> classification_calibration(losses.CrossEntropy(), 3).verdict
    'no counterexample in 64 points'
    >>> def contrary(y_true, y_pred):
    ...     return ops.sum(y_true * y_pred, axis=-1)
    >>> classification_calibration(contrary, 3).verdict
    'counterexample'

    Reference: Bartlett, Jordan and McAuliffe, "Convexity, Classification, and
    Risk Bounds", JASA 2006; Zhou et al., ICML 2021, for asymmetric losses.
    """
    check_seed(seed)
    minimisers = Minimisers(loss, num_classes)
    rng = np.random.default_rng(seed)
    for number in range(_TRIED):
        concentration = (0.3, 1.0, 5.0)[number % 3]
        weights = rng.dirichlet(np.full(num_classes, concentration))
        best = _better_elsewhere(minimisers, weights)
        if best is not None:
            return Calibration("counterexample", weights, best)
    return Calibration(f"no counterexample in {_TRIED} points")


def _better_elsewhere(minimisers, weights):
    """A prediction of another class that is better than all of the first."""
    first = int(np.argmax(weights))
    powers = weights ** np.array([[0.5], [1.0], [2.0], [4.0]])
    # The minimiser of a proper loss, and of others with its order; and where
    # the rarest class is ruled out, which is all that some losses ask.
    likely = np.vstack([_scaled(powers), _without_rarest(weights)])

    def is_first(points):
        return points.argmax(axis=1) == first

    other, other_risk, _ = minimisers.search(
        weights, lambda points: ~is_first(points), likely, **_CLOSER
    )
    # With the two classes changed it is of the first: no search can miss it.
    swapped = other.copy()
    second = int(np.argmax(other))
    swapped[[first, second]] = other[[second, first]]
    _, own_risk, _ = minimisers.search(
        weights, is_first, np.vstack([likely, swapped]), **_CLOSER
    )
    rounding = minimisers.rounding(weights, other_risk, own_risk)
    # Of a loss that computes in float32 a tie says nothing.
    as_good = rounding if minimisers.is_double else -rounding
    return other if other_risk <= own_risk + as_good else None


def _without_rarest(weights):
    """Predictions without the rarest class, each leaning to another one."""
    others = np.arange(len(weights)) != np.argmin(weights)
    return _scaled(
        (np.ones_like(weights) + np.eye(len(weights)))[others] * others
    )


def _scaled(points):
    return points / points.sum(axis=1, keepdims=True)
