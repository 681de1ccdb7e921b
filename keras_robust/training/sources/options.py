"""Checks of what `track` is asked for."""

import numpy as np


def checked_count(name, value):
    """A positive integer as int."""
    whole = isinstance(value, (int, np.integer))
    if not whole or isinstance(value, bool) or value < 1:
        raise ValueError(
            f"`{name}` must be a positive integer. Received: {name}={value!r}"
        )
    return int(value)


def checked_seed(seed):
    """An integer of at least 0 as int."""
    whole = isinstance(seed, (int, np.integer))
    if not whole or isinstance(seed, bool) or seed < 0:
        raise ValueError(
            f"`seed` must be an integer of at least 0. Received: seed={seed!r}"
        )
    return int(seed)


def is_from(x, package, *names):
    """Whether `x` is of a class of a package, without importing it."""
    return any(
        base.__name__ in names and base.__module__.partition(".")[0] == package
        for base in type(x).__mro__
    )
