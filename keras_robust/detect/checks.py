"""Checks of values that are given by hand, in Keras's words."""

import numbers

import numpy as np

from keras_robust.trajectories.checks import as_ids


def as_matrix(name, values, axes, whole=False):
    """Returns `values` as float64 of two axes, or raises a `ValueError`.

    Args:
        name: The name of the argument.
        values: What was given.
        axes: What the axes are, for the message: `"(E, N)"`.
        whole: Whether NaN is refused.
    """
    values = np.asarray(values, np.float64)
    if values.ndim != 2 or not len(values):
        raise ValueError(
            f"`{name}` must have the axes {axes}, and one entry at least. "
            f"Received: {name}.shape={values.shape}"
        )
    if whole and np.isnan(values).any():
        raise ValueError(
            f"`{name}` must be without NaN: leave such samples out, or fill in "
            "what they were before. Received: "
            f"{int(np.isnan(values).sum())} NaN of {values.size} values"
        )
    return values


def integer(name, value, at_least):
    """Returns `value` as an int, or raises a `ValueError`.

    Args:
        name: The name of the argument.
        value: What was given.
        at_least: The smallest that it may be.
    """
    if (
        not isinstance(value, numbers.Integral)
        or isinstance(value, bool)
        or value < at_least
    ):
        raise ValueError(
            f"`{name}` must be an integer of at least {at_least}. "
            f"Received: {name}={value!r}"
        )
    return int(value)


def ids_or_positions(ids, num_samples):
    """Returns ids, their positions for `None`, or raises a `ValueError`.

    Args:
        ids: What was given.
        num_samples: How many there must be.
    """
    if ids is None:
        return np.arange(num_samples)
    ids = as_ids(ids)
    if ids.size != num_samples:
        raise ValueError(
            "`ids` must have one entry for each label. Received: "
            f"{ids.size} ids, {num_samples} labels"
        )
    return ids
