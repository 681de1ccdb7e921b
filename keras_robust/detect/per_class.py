"""Splitting class by class, where the classes differ in size."""

import numpy as np

from keras_robust.detect.scores import Score
from keras_robust.detect.split_registry import Flagged

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


def by_class(ask, score, given_label):
    """Asks a split class by class.

    Samples of a class of fewer than 50 are decided as by all samples
    together.

    Args:
        ask: Returns `Flagged` for a `Score`.
        score: The `Score` of all samples, all of them finite.
        given_label: Class numbers `(N,)`.

    Returns:
        `Flagged` of all samples.
    """
    order = np.argsort(given_label, kind="stable")
    ordered = given_label[order]
    ends = np.flatnonzero(np.diff(ordered)) + 1
    mask = np.zeros(order.size, bool)
    probability = np.zeros(order.size)
    known, together = True, []
    for at in np.split(order, ends):
        if at.size < ALONE:
            together.append(at)
            continue
        found = ask(Score(score.quality[at], score.evidence[at]))
        mask[at] = found.mask
        if found.wrong_probability is None:
            known = False
        else:
            probability[at] = found.wrong_probability
    if together:
        at, found = np.concatenate(together), ask(score)
        mask[at] = found.mask[at]
        if found.wrong_probability is None:
            known = False
        else:
            probability[at] = found.wrong_probability[at]
    return Flagged(mask, probability if known else None)
