"""Confident learning's filter "both", for benchmarks/back_off.py.

Northcutt et al., JAIR 2021, as cleanlab has it: a label is flagged that is
among those pruned by class and among those pruned by noise rate.
"""

import numpy as np


def flags(labels, probabilities):
    """Which labels look wrong, a mask `(N,)`.

    Args:
        labels: `(N,)`, of K classes that all occur.
        probabilities: `(N, K)`, of models that have not seen the sample.
    """
    joint = confident_joint(labels, probabilities)
    by_class = np.zeros(len(labels), bool)
    by_rate = np.zeros(len(labels), bool)
    for given in range(len(joint)):
        own = np.flatnonzero(labels == given)
        # The least probable of a class, as many as are not right.
        values = probabilities[own, given]
        count = len(own) - joint[given, given]
        if 0 < count < len(own):
            by_class[own] = values < np.partition(values, count)[count]
        # Of each other class, those that are closest to it.
        for other in np.flatnonzero(joint[given]):
            if other == given:
                continue
            margins = probabilities[own, other] - values
            least = np.sort(margins)[-joint[given, other]]
            by_rate[own] |= margins >= least
    predicted = probabilities.argmax(axis=1)
    return by_class & by_rate & (predicted != labels)


def confident_joint(labels, probabilities):
    """How many samples of a given class are of which class, `(K, K)`.

    Rows are given classes and sum to the samples of the class.
    """
    classes = probabilities.shape[1]
    thresholds = np.array(
        [probabilities[labels == k, k].mean() for k in range(classes)]
    )
    confident = probabilities >= thresholds - 1e-6
    among = np.where(confident, probabilities, -1.0).argmax(axis=1)
    # With several confident classes cleanlab takes the most probable of all.
    several = confident.sum(axis=1) > 1
    among = np.where(several, probabilities.argmax(axis=1), among)
    counted = confident.any(axis=1)
    joint = np.zeros((classes, classes))
    np.add.at(joint, (labels[counted], among[counted]), 1)
    np.fill_diagonal(joint, np.maximum(joint.diagonal(), 1))
    sizes = np.bincount(labels, minlength=classes)
    joint *= (sizes / joint.sum(axis=1))[:, np.newaxis]
    return np.stack([_rounded(row) for row in joint])


def _rounded(row):
    """Whole numbers of the same sum."""
    whole = np.round(row)
    missing = int(round(row.sum() - whole.sum()))
    order = np.argsort(row - whole)
    chosen = order[::-1][:missing] if missing > 0 else order[:-missing]
    if missing:
        whole[chosen] += np.sign(missing)
    return whole.astype(int)
