"""Checks of a loss's parameters: early, on the host, in Keras's words."""

import math
import numbers
from contextlib import contextmanager
from contextvars import ContextVar

_UNCHECKED = ContextVar("keras_robust_unchecked", default=False)


@contextmanager
def unchecked():
    """Numbers may be tensors inside; what they can be was checked before."""
    token = _UNCHECKED.set(True)
    try:
        yield
    finally:
        _UNCHECKED.reset(token)


def are_checked():
    """Whether parameters are plain numbers, to be compared and checked."""
    return not _UNCHECKED.get()


def number(name, value, above=None, at_least=None, below=None, at_most=None):
    """Returns `value` as a float, or raises a `ValueError`.

    NumPy scalars (as hyper-parameter searches hand out) become plain floats,
    so that a config stays JSON.
    """
    if _UNCHECKED.get() and not isinstance(value, numbers.Real):
        return value
    bounds = []
    if above is not None:
        bounds.append((f"above {above}", lambda v: v > above))
    if at_least is not None:
        bounds.append((f"at least {at_least}", lambda v: v >= at_least))
    if below is not None:
        bounds.append((f"below {below}", lambda v: v < below))
    if at_most is not None:
        bounds.append((f"at most {at_most}", lambda v: v <= at_most))
    wanted = " and ".join(text for text, _ in bounds)
    wanted = f" {wanted}" if wanted else ""
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    try:
        plain = float(value) if is_number else math.nan
    except OverflowError:  # an int beyond every float
        plain = math.inf
    if not math.isfinite(plain) or not all(holds(plain) for _, holds in bounds):
        raise ValueError(
            f"`{name}` must be a finite number{wanted}. "
            f"Received: {name}={value!r}"
        )
    return plain


def check_power(exponent, *bases, **parameters):
    """Raises a `ValueError` if `base^exponent/exponent` leaves float32's range.

    Without this such a loss is infinite or NaN from the first step.
    """
    if _UNCHECKED.get():
        return
    logs = [exponent * math.log(b) - math.log(exponent) for b in bases]
    if any(abs(value) > 80 for value in logs):
        received = ", ".join(f"{k}={v!r}" for k, v in parameters.items())
        raise ValueError(
            "The loss would leave the range of float32; choose less extreme "
            f"parameters. Received: {received}"
        )


def flag(name, value):
    """Returns `value` if it is a bool, or raises a `ValueError`."""
    if not isinstance(value, bool):
        raise ValueError(
            f"`{name}` must be True or False. Received: {name}={value!r}"
        )
    return value


def integer(name, value, optional=False, at_least=None):
    """Returns `value` as an int (or `None` where optional), or raises."""
    if optional and value is None:
        return None
    kind = "an integer or None" if optional else "an integer"
    if at_least is not None:
        kind = f"{kind}, at least {at_least}"
    is_integer = isinstance(value, numbers.Integral)
    low = is_integer and at_least is not None and value < at_least
    if isinstance(value, bool) or not is_integer or low:
        raise ValueError(f"`{name}` must be {kind}. Received: {name}={value!r}")
    return int(value)


def choice(name, value, allowed):
    """Returns `value` if it is one of the allowed strings, or raises."""
    if value not in allowed:
        raise ValueError(
            f"`{name}` must be one of {', '.join(map(repr, allowed))}. "
            f"Received: {name}={value!r}"
        )
    return value
