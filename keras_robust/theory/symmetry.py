"""Whether the losses of all labels add up to the same everywhere."""

from dataclasses import dataclass

import numpy as np

from keras_robust.theory.evaluation import ROUNDING
from keras_robust.theory.evaluation import check_loss
from keras_robust.theory.evaluation import check_of_probabilities
from keras_robust.theory.evaluation import label_losses
from keras_robust.theory.evaluation import precision_of
from keras_robust.theory.native import one_question
from keras_robust.theory.simplex import simplex_points


@dataclass(frozen=True)
class Symmetry:
    """Whether a loss is symmetric, by evaluation.

    True or false as `is_symmetric` says, in an `if` too.

    Attributes:
        is_symmetric: Whether the sums agree up to rounding. True is evidence
            from `num_points` points, false is shown by two of them.
        constant: The sum over the labels; `None` if it is none.
        gap: The largest sum less the smallest, over the mean sum; infinite
            if the loss is at some corner.
        num_points: At how many points it was evaluated.
    """

    is_symmetric: bool
    constant: float | None
    gap: float
    num_points: int

    def __bool__(self):
        return self.is_symmetric


@one_question()
def is_symmetric(loss, num_classes=10):
    """Says whether a loss is symmetric, and what its labels' losses add to.

    Formula: `sum_k L(u, k) = C` for all probabilities `u`.

    Use it to see whether a loss tolerates symmetric noise up to
    `(K - 1) / K` whatever its parameters: a symmetric loss does. Other noise
    it tolerates if no label ever costs more than where the prediction is sure
    of another one, as mean absolute error does and `NormalizedGCE` does not;
    ask `noise_tolerance`. It is evaluated, in float64, at corners,
    on lines from them and at points between; a loss that takes probabilities
    and clips them is symmetric up to that clipping only.

    Args:
        loss: A `keras.losses.Loss`, or a function of `(y_true, y_pred)` with
            one value per sample, which is given probabilities.
        num_classes: Number of classes, at least 2. Defaults to `10`.

    Returns:
        A `Symmetry`, true or false in an `if`.

    Raises:
        ValueError: If the loss fails, is not finite inside of the simplex,
            or is none of one sample (a schedule, a term of the batch), or
            `num_classes` is below 2.

    Example:

    >>> from keras_robust import losses
    >>> from keras_robust.theory import is_symmetric
    >>> found = is_symmetric(losses.CategoricalMAE(), num_classes=10)
    >>> bool(found), round(found.constant, 6)
    (True, 9.0)
    >>> bool(is_symmetric(losses.GeneralizedCrossEntropy()))
    False

    Reference: Ghosh, Kumar and Sastry, "Robust Loss Functions under Label
    Noise for Deep Neural Networks", AAAI 2017.
    """
    check_loss(loss, num_classes)
    check_of_probabilities(loss, num_classes)
    points = simplex_points(num_classes)
    values = label_losses(loss, points)
    sums = values.sum(axis=1)
    if not np.isfinite(sums).all():
        return Symmetry(False, None, float("inf"), len(points))
    mean = float(sums.mean())
    gap = float(np.ptp(sums))
    # Of what is added up: the sum itself may be 0.
    largest = np.abs(values).sum(axis=1).max()
    rounding = ROUNDING * precision_of(loss, num_classes) * largest
    found = bool(gap <= rounding)
    relative = gap / abs(mean) if mean else gap
    return Symmetry(found, mean if found else None, relative, len(points))


def symmetry_gap(loss, num_classes=10):
    """How far a loss is from symmetric.

    Formula: `(max_u S(u) - min_u S(u)) / mean_u S(u)` with
    `S(u) = sum_k L(u, k)`, over the points that `is_symmetric` looks at.

    Use it to compare losses that are not symmetric, or one over its
    parameters: 0 is symmetric, infinite an unbounded loss.

    Args:
        loss: As of `is_symmetric`.
        num_classes: Number of classes, at least 2. Defaults to `10`.

    Returns:
        A float, at least 0.

    Raises:
        ValueError: As `is_symmetric` does.

    Example:

    >>> from keras_robust import losses
    >>> from keras_robust.theory import symmetry_gap
    >>> gce = losses.GeneralizedCrossEntropy
    >>> symmetry_gap(gce(q=0.9)) < symmetry_gap(gce(q=0.5))
    True

    Reference: Ghosh, Kumar and Sastry, "Robust Loss Functions under Label
    Noise for Deep Neural Networks", AAAI 2017.
    """
    return is_symmetric(loss, num_classes).gap
