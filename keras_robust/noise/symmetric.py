"""Symmetric label noise."""

from keras_robust.noise.flips import as_classes
from keras_robust.noise.flips import draw
from keras_robust.noise.flips import generator
from keras_robust.noise.noisy_labels import with_labels


def symmetric(labels, rate, num_classes=None, seed=None, exact=True):
    """Flips a share of the labels to a uniformly chosen other class.

    `P(noisy = k | given = c) = rate / (K - 1)` for every `k != c`.

    Use it to rehearse on data whose truth you know: train on the noisy
    labels, then compare what was flagged with what was flipped. A loss can
    tolerate symmetric noise while `rate < (K - 1) / K`.

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
        A flipped label always differs from the one it replaces.

    Raises:
        ValueError: if an argument is outside the ranges above, or the
            labels are one-hot or not of an integer dtype.

    Example:

    >>> import numpy as np
    >>> from keras_robust.noise import symmetric
    >>> labels = np.repeat(np.arange(5), 20)
    >>> noisy = symmetric(labels, rate=0.4, seed=0)
    >>> noisy
    NoisyLabels(40 of 100 labels wrong, 5 classes)
    >>> noisy.labels.shape, int(noisy.is_wrong.sum())
    ((100,), 40)
    >>> [int(noisy.is_wrong[labels == c].sum()) for c in range(5)]
    [8, 8, 8, 8, 8]

    Reference:
        Zhou et al., "Asymmetric Loss Functions for Learning with Noisy
        Labels", ICML 2021 (their experiments also flip an exact number).
    """
    given, classes, num_classes = as_classes(labels, num_classes)
    rng = generator(seed)
    positions = draw(classes, rate, num_classes, rng, exact)
    steps = rng.integers(1, num_classes, size=positions.size)
    new = (classes[positions] + steps) % num_classes
    return with_labels(given, classes, positions, new, num_classes)
