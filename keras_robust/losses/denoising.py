"""Losses that find the value behind noisy targets: denoising, regression."""

import math

from keras import ops

from keras_robust.losses import arguments
from keras_robust.losses.base import register
from keras_robust.losses.elementwise import expm1
from keras_robust.losses.regression import RegressionLoss

# Beyond this many scales exp(-u^2) is 0 even in float64.
_HEAT_RANGE = 30.0
# Beyond this many scales u^2 leaves float32 and 1/(1 + u^2) is 0 for it.
_POISSON_RANGE = 1e9


@register
class Lp(RegressionLoss):
    """The `p`-th power of the absolute error (Lp).

    Formula: `l(d) = (|d| + 1e-7)^p`, `d = y_pred - y_true`.

    For targets with added noise. `p = 2` is the mean squared error and seeks
    the mean of the targets, `p = 1` the absolute error and seeks their median,
    `p < 1` comes close to their mode, the value most of them agree on. The
    `1e-7`, as in the authors' code, keeps the slope finite at `d = 0` where
    `p < 1`; it is there for every `p`, so `p = 2` differs from Keras's mean
    squared error by `2e-7 |d|`. That code's sum over all elements is
    `reduction="sum"` times the size of the last axis.

    Args:
        p: Above 0. Defaults to `1.0`.
        reduction, name, dtype: As in `RegressionLoss`.

    Shapes: `y_true` and `y_pred` alike, `(B, ...)`; see `RegressionLoss`.
    Values are at least 0.

    Returns:
        A scalar, or with `reduction=None` the means over the last axis.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.Lp(p=0.5)
    >>> round(float(loss(np.array([[0.0, 1.0]]), np.array([[4.0, 1.0]]))), 4)
    1.0002

    Reference: Zhou et al., "Asymmetric Loss Functions for Noise-Tolerant
    Learning: Theory and Applications", T-PAMI 45(7), 2023; the authors' code.
    """

    parameters = ("p",)
    noise = "of the targets: additive"
    paper = "Zhou et al., T-PAMI 2023"

    def __init__(
        self, p=1.0, reduction="sum_over_batch_size", name="lp", dtype=None
    ):
        super().__init__(reduction, name, dtype)
        self.p = arguments.number("p", p, above=0)

    def of_difference(self, difference):
        # Not ops.abs, whose slope at 0 is 1 on JAX.
        return (difference * ops.sign(difference) + 1e-7) ** self.p


@register
class NegativeHeatKernel(RegressionLoss):
    """Negative heat kernel loss: counts what is wrong, almost.

    Formula: `l(d) = (1 - exp(-d^2/a^2)) / (a sqrt(pi))`, `d = y_pred - y_true`.

    For targets of which some are far off, e.g. images with salt and pepper:
    beyond a few `a` an error costs the same whatever its size, so the
    prediction goes where most targets are. It has no slope out there: choose
    `a` of the size of the errors at the start, 0.1 to 0.2 in the authors'
    experiments on images in `[0, 1]`. Near 0 it is `d^2 / (a^3 sqrt(pi))`.
    Their code takes the sum over all elements.

    Args:
        a: Scale of the errors, above 0. Defaults to `1.0`.
        reduction, name, dtype: As in `RegressionLoss`.

    Shapes: `y_true` and `y_pred` alike, `(B, ...)`; see `RegressionLoss`.
    Values lie in `[0, 1/(a sqrt(pi))]`.

    Returns:
        A scalar, or with `reduction=None` the means over the last axis.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.NegativeHeatKernel(a=0.5)
    >>> round(float(loss(np.array([[0.0, 1.0]]), np.array([[0.5, 1.0]]))), 4)
    0.3566

    Reference: Zhou et al., "Asymmetric Loss Functions for Noise-Tolerant
    Learning: Theory and Applications", T-PAMI 45(7), 2023; the authors' code.
    """

    parameters = ("a",)
    noise = "of the targets: most right, some far off"
    paper = "Zhou et al., T-PAMI 2023"

    def __init__(
        self,
        a=1.0,
        reduction="sum_over_batch_size",
        name="negative_heat_kernel",
        dtype=None,
    ):
        super().__init__(reduction, name, dtype)
        self.a = arguments.number("a", a, above=0)
        arguments.check_power(1.0, self.a, a=self.a)

    def of_difference(self, difference):
        u = _in_scales(difference, self.a, _HEAT_RANGE)
        return expm1(-u * u) * (-1.0 / (self.a * math.sqrt(math.pi)))


@register
class NegativePoissonKernel(RegressionLoss):
    """Negative Poisson kernel loss: like the heat kernel's, with longer tails.

    Formula: `l(d) = d^2 / (pi a (a^2 + d^2))`, `d = y_pred - y_true`.

    For what `NegativeHeatKernel` is for where its slope, gone beyond a few
    `a`, would be too short a reach: this one falls off as `d^-3`. Near 0 it is
    `d^2 / (pi a^3)`. The authors' code takes the sum over all elements. Beyond
    `1e9 a` the slope is 0.

    Args:
        a: Scale of the errors, above 0. Defaults to `1.0`.
        reduction, name, dtype: As in `RegressionLoss`.

    Shapes: `y_true` and `y_pred` alike, `(B, ...)`; see `RegressionLoss`.
    Values lie in `[0, 1/(pi a)]`.

    Returns:
        A scalar, or with `reduction=None` the means over the last axis.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.NegativePoissonKernel(a=0.5)
    >>> round(float(loss(np.array([[0.0, 1.0]]), np.array([[0.5, 1.0]]))), 4)
    0.1592

    Reference: Zhou et al., "Asymmetric Loss Functions for Noise-Tolerant
    Learning: Theory and Applications", T-PAMI 45(7), 2023; the authors' code.
    """

    parameters = ("a",)
    noise = "of the targets: most right, some far off"
    paper = "Zhou et al., T-PAMI 2023"

    def __init__(
        self,
        a=1.0,
        reduction="sum_over_batch_size",
        name="negative_poisson_kernel",
        dtype=None,
    ):
        super().__init__(reduction, name, dtype)
        self.a = arguments.number("a", a, above=0)
        arguments.check_power(1.0, self.a, a=self.a)

    def of_difference(self, difference):
        u = _in_scales(difference, self.a, _POISSON_RANGE)
        square = u * u
        rest = 1.0 / (1.0 + square)
        # Each form keeps its digits, and those of its slope, on one side of 1.
        share = ops.where(square < 1.0, square * rest, 1.0 - rest)
        return share * (1.0 / (math.pi * self.a))


def _in_scales(difference, a, limit):
    """`d / a`, held where a bounded loss is flat but `d^2` overflows."""
    limit = limit * a
    return ops.clip(difference, -limit, limit) * (1.0 / a)


@register
def lp(y_true, y_pred, p=1.0):
    """Means over the last axis of `(|y_pred - y_true| + 1e-7)^p`.

    The function beside `Lp`, which says what the argument is.
    """
    return Lp(p).call(y_true, y_pred)


@register
def negative_heat_kernel(y_true, y_pred, a=1.0):
    """Means over the last axis of `(1 - exp(-d^2/a^2)) / (a sqrt(pi))`.

    The function beside `NegativeHeatKernel`, which says what the argument is.
    """
    return NegativeHeatKernel(a).call(y_true, y_pred)


@register
def negative_poisson_kernel(y_true, y_pred, a=1.0):
    """Means over the last axis of `d^2 / (pi a (a^2 + d^2))`.

    The function beside `NegativePoissonKernel`, which says what the argument
    is.
    """
    return NegativePoissonKernel(a).call(y_true, y_pred)
