"""Means of what was seen."""

import numpy as np


def mean_of_seen(values):
    """The mean of each column's values, NaN left out; NaN if all are."""
    seen = ~np.isnan(values)
    total = np.where(seen, values, 0.0).sum(axis=0)
    with np.errstate(invalid="ignore"):
        return total / seen.sum(axis=0)
