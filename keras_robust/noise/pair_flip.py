"""Pair-flip label noise."""

from keras_robust.noise.flips import as_classes
from keras_robust.noise.flips import draw
from keras_robust.noise.flips import generator
from keras_robust.noise.noisy_labels import with_labels


def pair_flip(labels, rate, num_classes=None, seed=None, exact=True):
    """Flips a share of the labels to the next class.

    `P(noisy = (c + 1) mod K | given = c) = rate`.

    The harder sibling of symmetric noise: every wrong label of a class
    agrees on one other class, as people do who mix up two similar classes.
    From `rate = 0.5` on the wrong labels of a class outnumber the right
    ones, and nothing can be learned from them alone.

    Args:
        labels: integer class numbers in [0, K - 1], shape `(N,)` or
            `(N, 1)`. They are not changed.
        rate: share of the labels to flip, in [0, 1].
        num_classes: number of classes K >= 2. Defaults to the largest
            label plus one.
        seed: non-negative integer for the same flips every time, a
            `numpy.random.Generator`, or None for fresh ones.
        exact: True (default) flips `round(rate * N)` labels, each class
            giving its proportional number within one sample; False flips
            every label with probability `rate`, as most papers do.

    Returns:
        `NoisyLabels`: the noisy `labels`, a new array of the shape and dtype
        of those given, the mask `is_wrong` and the `transition_matrix`.

    Raises:
        ValueError: if an argument is outside the ranges above, or the
            labels are one-hot or not of an integer dtype.

    Example:

    >>> import numpy as np
    >>> from keras_robust.noise import pair_flip
    >>> pair_flip(np.array([0, 1, 2, 2]), rate=1.0).labels
    array([1, 2, 0, 0])

    Reference:
        Han et al., "Co-teaching: Robust Training of Deep Neural Networks
        with Extremely Noisy Labels", NeurIPS 2018.
    """
    given, classes, num_classes = as_classes(labels, num_classes)
    positions = draw(classes, rate, num_classes, generator(seed), exact)
    new = (classes[positions] + 1) % num_classes
    return with_labels(given, classes, positions, new, num_classes)
