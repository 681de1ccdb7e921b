"""The samples themselves, where noise depends on them or replaces them."""

import numpy as np

from keras_robust.noise.blocks import first_row_where


def as_numbers(name, values):
    """Returns `values` as an array of real numbers, or raises a `ValueError`.

    Args:
        name: what the caller calls it.
        values: what was given.
    """
    try:
        values = np.asarray(values)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"`{name}` must be an array of numbers, its rows of one length. "
            f"Received: {name} of type {type(values).__name__}"
        ) from error
    if values.dtype.kind not in "biuf":
        raise ValueError(
            f"`{name}` must be an array of numbers. "
            f"Received: dtype={values.dtype}"
        )
    return values


def as_samples(name, values, num_samples=None):
    """Checks an array of samples, without a copy of it.

    Args:
        name: what the caller calls it.
        values: numbers of any shape `(N, ...)`.
        num_samples: the N it must have; any if None.

    Returns:
        The same as a NumPy array.

    Raises:
        ValueError: if it is no array of numbers, or of another N.
    """
    values = as_numbers(name, values)
    if values.ndim == 0 or values[:1].size == 0:
        raise ValueError(
            f"`{name}` must hold at least one sample, and numbers in each. "
            f"Received: {name}.shape={values.shape}"
        )
    if num_samples is not None and len(values) != num_samples:
        raise ValueError(
            f"`{name}` must have one row for each label. Received: "
            f"{name}.shape={values.shape}, {num_samples} labels"
        )
    return values


def refuse_non_finite(name, values):
    """Raises a `ValueError` that names the first row with NaN or infinity."""
    if values.dtype.kind != "f":
        return
    row = first_row_where(lambda block: ~np.isfinite(block), values)
    if row >= 0:
        raise ValueError(
            f"`{name}` must hold finite numbers; fill in what is missing. "
            f"Received: NaN or infinity in {name}[{row}]"
        )
