"""Masked arrays, whose missing entries NumPy else reads as if they were."""

import numpy as np


def refuse_masked(name, values):
    """Raises a `ValueError` that names the first row with a masked entry.

    Args:
        name: what to call it, an argument in backticks.
        values: what was given, before it became an array.
    """
    if not isinstance(values, np.ma.MaskedArray):
        return
    masked = np.argwhere(np.ma.getmaskarray(values))
    if masked.size:
        raise ValueError(
            f"{name} must be without masked entries: leave such samples out. "
            f"Received: {len(masked)} of {values.size} masked, the first in "
            f"row {masked[0][0]}"
        )
