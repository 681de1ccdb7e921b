"""A sum over all classes, and its slope."""

from collections.abc import Callable
from dataclasses import dataclass

from keras import ops

from keras_robust.losses.elementwise import at_least
from keras_robust.losses.elementwise import exp
from keras_robust.losses.scalars import known


@dataclass(frozen=True, eq=False)
class Total:
    """The sum over all classes of a function of each class's probability.

    The slope is there because automatic differentiation of a sum over `K`
    classes walks the `(B, K)` array several times more than is needed where
    nothing is compiled; with it one backward pass serves the given class and
    all sums (`kernels.given_and_totals`). JAX differentiates `value` itself.

    Args:
        value: From a `Probability` of all classes to a tensor of its shape.
        slope: The derivative of `value` with respect to `log p`, from the same
            `Probability` to a tensor of its shape or, where it is constant, a
            number.
    """

    value: Callable
    slope: Callable


# The sum of `log p`: -K times the cross-entropy against the uniform label.
LOG_P = Total(value=lambda p: p.log_p, slope=lambda p: 1.0)
# An impossible class has p = 0 and log p = -inf, whose product is to be 0.
_LOWEST = -1e30
# The entropy of the prediction.
ENTROPY = Total(
    value=lambda p: -p.p * at_least(p.log_p, _LOWEST),
    slope=lambda p: -p.p * (at_least(p.log_p, _LOWEST) + 1.0),
)


def power(exponent):
    """The sum of `p^exponent`."""

    def value(p):
        return exp(exponent * p.log_p)

    return Total(value, lambda p: exponent * value(p))


def focal(gamma, stop_gradient=False, exact=False):
    """The sum of `(1 - p)^gamma log p`, the focal loss's negative.

    Args:
        gamma: At least 0.
        stop_gradient: Whether the weight `(1 - p)^gamma` is held constant.
        exact: Whether to keep the digits of `1 - p` near `p = 1`, which a sum
            over classes has no use for: on PyTorch `exp` and a difference take
            a tenth of the time of `expm1`.
    """
    if known(gamma, 0):
        return LOG_P

    def rest(p):
        # The floor keeps the slope of a power below 1 finite at p = 1, where
        # it meets a log p of 0.
        return at_least(-p.p_minus_one if exact else 1.0 - p.p, 1e-30)

    def weight(rest):
        # The default; XLA takes a power of it for any other.
        return ops.sqrt(rest) if known(gamma, 0.5) else rest**gamma

    def value(p):
        held = weight(rest(p))
        held = ops.stop_gradient(held) if stop_gradient else held
        return held * at_least(p.log_p, _LOWEST)

    def slope(p):
        left = rest(p)
        if stop_gradient:
            return weight(left)
        ratio = at_least(p.log_p, _LOWEST) / left
        return weight(left) * (1.0 - p.p * ratio * gamma)

    return Total(value, slope)
