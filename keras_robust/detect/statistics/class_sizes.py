"""How many samples the classes have."""

import numpy as np

# Of fewer samples two groups cannot be told from chance.
ALONE = 50


def differ_tenfold(given_label):
    """Whether the largest class has over ten times the smallest one's count.

    Classes without any sample do not count.
    """
    counts = _counts(given_label)
    return counts.size > 1 and bool(counts.max() > 10 * counts.min())


def _counts(labels):
    # Few numbers are counted without sorting, whatever the largest one.
    if labels.size and labels.max() <= max(labels.size, 1024):
        counts = np.bincount(labels)
        return counts[counts > 0]
    return np.unique(labels, return_counts=True)[1]
