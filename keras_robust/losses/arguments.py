"""Checks of a loss's parameters: early, on the host, in Keras's words."""

import math
import numbers


def number(name, value, above=None, at_least=None, below=None, at_most=None):
    """Returns `value` as a float, or raises a `ValueError`.

    NumPy scalars (as hyper-parameter searches hand out) become plain floats,
    so that a config stays JSON.
    """
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
    if (
        not is_number
        or not math.isfinite(value)
        or not all(holds(value) for _, holds in bounds)
    ):
        raise ValueError(
            f"`{name}` must be a finite number{wanted}. "
            f"Received: {name}={value!r}"
        )
    return float(value)


def flag(name, value):
    """Returns `value` if it is a bool, or raises a `ValueError`."""
    if not isinstance(value, bool):
        raise ValueError(
            f"`{name}` must be True or False. Received: {name}={value!r}"
        )
    return value


def integer(name, value, optional=False):
    """Returns `value` as an int (or `None` where optional), or raises."""
    if optional and value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        kind = "an integer or None" if optional else "an integer"
        raise ValueError(f"`{name}` must be {kind}. Received: {name}={value!r}")
    return int(value)
