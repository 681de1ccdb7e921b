"""Which labels confident learning prunes, given how many of each kind."""

import numpy as np

from keras_robust.detect.probabilities.largest_margins import LargestMargins
from keras_robust.noise.confident_joint import NEAR
from keras_robust.noise.probabilities import blocks

# Of so many margins the last one is of an ordinary size.
_FEW = 64


def prune_counts(joint, min_examples_per_class, frac_noise):
    """How many labels of each given class to prune for each true one.

    As in cleanlab, to the last rounding: the diagonal is raised to the
    number of labels that are to be left of a class, at the cost of the rest
    of its row, and `1 - frac_noise` of that rest goes to the diagonal.

    Args:
        joint: Counts `(K, K)`, rows given classes.
        min_examples_per_class: The number to be left.
        frac_noise: The share of the estimated errors to prune.

    Returns:
        int64 `(K, K)`, rows given classes; the diagonal stays.
    """
    counts = joint.T
    diagonal = counts.diagonal()
    raised = np.maximum(diagonal, min_examples_per_class)
    others = np.maximum(np.count_nonzero(counts, axis=0) - 1.0, 1.0)
    left = np.maximum(counts - (raised - diagonal) / others, 0.0)
    np.fill_diagonal(left, raised)
    kept = left * frac_noise
    np.fill_diagonal(kept, raised)
    np.fill_diagonal(kept, raised + np.sum(left - kept, axis=0))
    return kept.astype(np.int64).T


def by_class(classes, given, counts):
    """The least probable labels of each class.

    Args:
        classes: Given labels, int64 `(N,)`.
        given: The probability of each, `(N,)`.
        counts: Of `prune_counts`, the row of a class that is left alone 0
            but for its size on the diagonal.

    Returns:
        bool `(N,)`. Of labels as probable as the last one all are pruned.
    """
    pruned = np.zeros(classes.size, bool)
    sizes = np.bincount(classes, minlength=len(counts))
    # Sorted by their digits, where these are few.
    order = np.argsort(classes.astype(_narrow(len(counts))), kind="stable")
    ends = np.cumsum(sizes)
    for own, number in enumerate(sizes - counts.diagonal()):
        if number < 1:
            continue
        members = order[ends[own] - sizes[own] : ends[own]]
        values = given[members]
        last = min(number, members.size) - 1
        pruned[members] = values <= np.partition(values, last)[last]
    return pruned


def by_noise_rate(classes, pred_probs, disputed, counts, floors):
    """For each true class the labels with the largest margins towards it.

    The margin of class j for a sample of given label y is `p_j - p_y`.

    Args:
        classes: Given labels, int64 `(N,)`.
        pred_probs: Checked probabilities, `(N, K)`.
        disputed: Whose label is not the most probable one, bool `(N,)`.
        counts: Of `prune_counts`.
        floors: Margins towards each class that those to prune will mostly
            exceed, `(K,)`. They only save time.

    Returns:
        bool `(N,)`, True only where disputed. Of labels with the margin of
        the last one all are pruned.
    """
    wanted = counts.copy()
    np.fill_diagonal(wanted, 0)
    # Whose label is not disputed has no margin above this. And where few are
    # wanted, chance decides how large these are.
    floor = np.maximum(np.where(wanted < _FEW, 0.0, floors), 2 * NEAR)
    found = LargestMargins(wanted, floor)
    _add_all(found, classes, pred_probs, disputed)
    pruned, missing = found.among(classes.size), found.missing
    # Of labels that are as far as the last one some may be left out.
    least = found.tied
    if missing.any():
        found = LargestMargins(np.where(missing, wanted, 0), -np.inf)
        _add_all(found, classes, pred_probs, missing.any(axis=1)[classes])
        pruned |= found.among(classes.size)
        least = np.minimum(least, found.tied)
    if np.isfinite(least).any():
        again = disputed & np.isfinite(least).any(axis=1)[classes]
        for rows, margins in _margins(classes, pred_probs, again):
            pruned[rows] |= (margins >= least[classes[rows]]).any(axis=1)
    return pruned & disputed


def _add_all(found, classes, pred_probs, among):
    for rows, margins in _margins(classes, pred_probs, among):
        found.add(rows, classes[rows], margins)


def _margins(classes, pred_probs, among):
    """Reads the margins of some samples.

    Yields:
        Positions of samples, and their margins, float64, one column a class.
    """
    for where, block in blocks(pred_probs):
        rows = np.flatnonzero(among[where])
        if rows.size:
            margins = block[rows].astype(np.float64)
            rows += where.start
            own = classes[rows]
            margins -= margins[np.arange(rows.size), own][:, np.newaxis]
            yield rows, margins


def _narrow(num_classes):
    for dtype in (np.uint8, np.uint16):
        if num_classes <= np.iinfo(dtype).max + 1:
            return dtype
    return np.int64
