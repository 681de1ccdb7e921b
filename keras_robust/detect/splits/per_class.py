"""Splitting class by class, where the classes differ in size."""

import numpy as np

from keras_robust.detect.scores.score import Score
from keras_robust.detect.splits.split import Flagged
from keras_robust.detect.statistics.class_sizes import ALONE


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
