"""Means of what was seen, and their log-odds."""

import numpy as np

# Half of the distance between 1 and the next smaller float32.
_LEAST = 2.0**-25


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


def log_odds(share):
    """`log(s / (1 - s))`, finite for 0 and 1, as those are rounded."""
    share = np.clip(share, _LEAST, 1.0 - _LEAST)
    return np.log(share) - np.log1p(-share)
