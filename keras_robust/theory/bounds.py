"""What a small risk of the loss says about wrong predictions."""

import numpy as np

from keras_robust.theory.evaluation import check_loss
from keras_robust.theory.pointwise import pointwise_values


def excess_risk_bound(loss, risk_gap, num_classes=10):
    """Bounds the share of avoidable errors by the loss that is left.

    Formula: `R01(f) - R01* <= 2 (R(f) - R*) / (l(0) - l(1))`.

    Use it to turn how far a risk is from its smallest into a number of
    errors. It holds for a loss `l(p_y)` that falls in `p_y` and is linear or
    concave, on predictions by their largest probability: at one sample with
    the label weights `w_m >= w_n` a wrong prediction costs most at
    `u_m = u_n = 1/2`, where the risk is at least
    `(w_m - w_n) (l(0) - l(1)) / 2` above its smallest, and the errors are
    `w_m - w_n`. For convex losses (AGCE with q < 1, AUL with q > 1, AEL,
    GCE, cross-entropy) that step fails, and no bound with this constant is
    known: they are refused.

    Args:
        loss: A loss that depends on the given label's probability only.
        risk_gap: `R(f) - R*`, at least 0, in the units of the loss.
        num_classes: Number of classes the loss is evaluated with, at least 2.
            Defaults to `10`.

    Returns:
        A float in [0, 1]: the excess error is at most that.

    Raises:
        ValueError: If the loss depends on more, rises, is convex or neither,
            or `risk_gap` is negative.

    Example:

    >>> from keras_robust import losses
    >>> from keras_robust.theory import excess_risk_bound
    >>> round(excess_risk_bound(losses.CategoricalMAE(), 0.05), 6)
    0.1

    Reference: Zhou et al., "Asymmetric Loss Functions for Learning with Noisy
    Labels", ICML 2021 (their theorem is for all asymmetric losses; the
    derivation here covers those that are not convex).
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
    rounding = 64 * precision * np.abs(values[np.isfinite(values)]).max()
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
    return float(min(2.0 * risk_gap / scale, 1.0))
