"""What a small risk of the loss says about wrong predictions."""

import numpy as np

from keras_robust.theory.evaluation import ROUNDING
from keras_robust.theory.evaluation import check_loss
from keras_robust.theory.native import one_question
from keras_robust.theory.pointwise import pointwise_values


@one_question()
def excess_risk_bound(loss, risk_gap, num_classes=10):
    """Bounds the share of avoidable errors by the loss that is left.

    Formula: `R01(f) - R01* <= K (R(f) - R*) / (l(0) - l(1))`.

    Use it to turn how far a risk is from its smallest into a number of
    errors. Both are of the labels that the risk was measured on, wrong ones
    too, and `R*` and `R01*` are the smallest of all predictions there could
    be: that of the best network of some size is no substitute.

    It holds for a loss `l(p_y)` that falls in `p_y` and is linear or
    concave, on predictions by their largest probability. Proof, for one
    sample with the label weights `w`, the largest `w_m`, and a prediction `u`
    whose largest entry is that of `n`: as `l` is nowhere below the line
    between its ends, the risk of `u` is at least
    `l(0) - (l(0) - l(1)) sum_k w_k u_k`, and that of being sure of `m` is
    `l(0) - (l(0) - l(1)) w_m`. What is between them is at least
    `(l(0) - l(1)) u_n (w_m - w_n)`, and `u_n` at least `1/K`.

    The bound is recalled as having the constant 2, which is this one for two
    classes; for more there are counterexamples, found in the tests: a
    prediction next to the middle errs for almost no risk. For convex losses
    (AGCE with q < 1, AUL with q > 1, AEL, GCE, cross-entropy) the first step
    fails, and no bound is known here: they are refused. That a loss falls and
    does not bend upwards is looked at in 257 points.

    Args:
        loss: A loss that depends on the given label's probability only.
        risk_gap: `R(f) - R*`, at least 0, in the units of the loss; `R*` as
            above.
        num_classes: Number of classes `K`, at least 2. Defaults to `10`.

    Returns:
        A float in [0, 1]: the excess error is at most that.

    Raises:
        ValueError: If the loss depends on more, rises, is convex or neither,
            or `risk_gap` is negative.

    Example:

    >>> from keras_robust import losses
    >>> from keras_robust.theory import excess_risk_bound
    >>> round(excess_risk_bound(losses.CategoricalMAE(), 0.01), 6)
    0.1

    Reference: after Zhou et al., "Asymmetric Loss Functions for Learning with
    Noisy Labels", ICML 2021, whose theorem is about all strictly or
    completely asymmetric losses.
    """
    check_loss(loss, num_classes)
    number = isinstance(risk_gap, int | float | np.floating | np.integer)
    if not number or isinstance(risk_gap, bool) or not risk_gap >= 0:
        raise ValueError(
            "`risk_gap` must be a number of at least 0, the risk less its "
            f"smallest. Received: risk_gap={risk_gap!r}"
        )
    p = np.linspace(0, 1, 257)
    values, precision = pointwise_values(loss, p, num_classes)
    scale = values[0] - values[-1]
    rounding = ROUNDING * precision * np.abs(values[np.isfinite(values)]).max()
    falls = np.isfinite(scale) and (np.diff(values) <= rounding).all()
    if not falls or scale <= rounding:
        raise ValueError(
            "The bound needs a loss that is finite at a probability of 0 and "
            "falls as the probability of the given label rises. Received: "
            f"loss={loss!r}"
        )
    if (np.diff(values, 2) > rounding).any():
        raise ValueError(
            "No bound is known for a loss that bends upwards (convex) "
            "somewhere: take one that is linear or concave, such as "
            "AsymmetricGCE with q >= 1 or AsymmetricUnhinged with q <= 1. "
            f"Received: loss={loss!r}"
        )
    return float(min(num_classes * risk_gap / scale, 1.0))
