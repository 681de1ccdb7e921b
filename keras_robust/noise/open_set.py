"""Open-set label noise: samples of no class, with labels nonetheless."""

import dataclasses

import numpy as np

from keras_robust.noise.flips import as_classes
from keras_robust.noise.flips import draw
from keras_robust.noise.flips import generator
from keras_robust.noise.noisy_labels import NoisyLabels
from keras_robust.noise.samples import as_samples


def open_set(
    labels,
    rate,
    x=None,
    outside=None,
    num_classes=None,
    seed=None,
    exact=True,
):
    """Replaces samples by samples of no class, which keep their labels.

    Formula: `P(sample i is replaced) = rate`; its label stays, and is wrong
    whatever it is.

    The noise of data found by a search engine: a picture that is neither a
    cat nor a dog, in the folder of cats. No class is right for it, so it can
    be dropped but not relabelled. To mix with other noise, flip the labels
    first and give `noisy.labels` here.

    Args:
        labels: integer class numbers in [0, K - 1], shape `(N,)` or
            `(N, 1)`. They are not changed.
        rate: share of the samples to replace, in [0, 1].
        x: the samples, an array of shape `(N, ...)`. It is not changed.
            Defaults to `None`: only say which ones, `noisy.positions`.
        outside: samples of no class, of the dtype of `x` and the shape of its
            samples, at least as many as are replaced. Each is used once.
        num_classes: number of classes K >= 2. Defaults to the largest
            label plus one.
        seed: non-negative integer for the same choice every time, a
            `numpy.random.Generator`, or None for a fresh one.
        exact: True (default) replaces `round(rate * N)` samples, each class
            giving its proportional number within one sample; False replaces
            every sample with probability `rate`.

    Returns:
        `NoisyLabels`: a copy of the `labels`; `is_wrong`, True for what is
        replaced; `true_labels` with -1 there, so that
        `issues.evaluate(noisy.true_labels)` counts it as wrong; `x`, with
        some samples replaced, if given. The `transition_matrix` is of the
        samples that have a class, hence the identity matrix.

    Raises:
        ValueError: if an argument is outside the ranges above, the labels are
            not integers, one of `x` and `outside` is missing, or they do not
            fit together.

    Example:

    >>> import numpy as np
    >>> from keras_robust.noise import open_set
    >>> x = np.zeros((6, 2))
    >>> outside = np.ones((4, 2))
    >>> labels = [0, 0, 0, 1, 1, 1]
    >>> noisy = open_set(labels, rate=1 / 3, x=x, outside=outside, seed=0)
    >>> int(noisy.is_wrong.sum()), int(noisy.x.sum())
    (2, 4)
    >>> bool((noisy.true_labels[noisy.is_wrong] == -1).all())
    True

    Reference:
        Wang et al., "Iterative Learning with Open-set Noisy Labels", CVPR
        2018.
    """
    given, classes, num_classes = as_classes(labels, num_classes)
    if (x is None) != (outside is None):
        raise ValueError(
            "`x` and `outside` go together: samples, and what to replace "
            f"some by. Received: {'outside' if x is None else 'x'} alone"
        )
    if x is not None:
        x = as_samples("x", x, classes.size)
        outside = _as_outside(outside, x)
    rng = generator(seed)
    positions = draw(classes, rate, num_classes, rng, exact)
    is_wrong = np.zeros(classes.size, bool)
    is_wrong[positions] = True
    classes[positions] = -1
    noisy = NoisyLabels(given.copy(), is_wrong, classes, num_classes)
    if x is None:
        return noisy
    if len(outside) < positions.size:
        raise ValueError(
            "`outside` must have a sample for each one that is replaced. "
            f"Received: {len(outside)} samples for {positions.size}"
        )
    replaced = x.copy()
    chosen = rng.permutation(len(outside))[: positions.size]
    replaced[positions] = outside[chosen]
    return dataclasses.replace(noisy, x=replaced)


def _as_outside(outside, x):
    outside = as_samples("outside", outside)
    if outside.shape[1:] != x.shape[1:] or outside.dtype != x.dtype:
        raise ValueError(
            "`outside` must have the dtype of `x` and the shape of its "
            f"samples, and numbers on the same scale. Received: x of shape "
            f"{x.shape} and dtype {x.dtype}, outside of shape "
            f"{outside.shape} and dtype {outside.dtype}"
        )
    return outside
