"""Functions of a loss's parameter: a number, or a tensor if it moves.

Numbers stay numbers of full precision; see `moving`.
"""

import math

from keras import ops


def is_number(value):
    """Whether a parameter is a plain number that does not move."""
    return isinstance(value, (int, float))


def known(value, number):
    """Whether a parameter is that number, and stays it."""
    return is_number(value) and value == number


def not_zero(value):
    """A parameter that is divided by: where it passes 0, a number beside it.

    Of formulas that have their limit there.
    """
    if is_number(value):
        return value
    return ops.where(ops.abs(value) < 1e-6, ops.cast(1e-6, value.dtype), value)


def log(value):
    return math.log(value) if is_number(value) else ops.log(value)


def log1p(value):
    return math.log1p(value) if is_number(value) else ops.log1p(value)


def expm1(value):
    return math.expm1(value) if is_number(value) else ops.expm1(value)
