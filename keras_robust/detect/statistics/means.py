"""Means of what was seen."""

import numpy as np


def mean_of_seen(values):
    """The mean of each column's values, NaN left out; NaN if all are."""
    total = np.zeros(values.shape[1])
    seen = np.zeros(values.shape[1], np.int64)
    # Row by row: how NumPy sums depends on how the rows lie in memory.
    for row in values:
        present = ~np.isnan(row)
        np.add(total, row, out=total, where=present)
        seen += present
    with np.errstate(invalid="ignore"):
        return total / seen
