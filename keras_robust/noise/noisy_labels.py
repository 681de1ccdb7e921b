"""What every kind of noise returns: the labels, and the truth about them."""

import dataclasses
import functools

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class NoisyLabels:
    """Labels of which some were made wrong, and which ones.

    `np.asarray(noisy)` is `noisy.labels`, so that comparing it with an array
    compares the labels.

    Attributes:
        labels: the noisy labels, of the shape and dtype of those given.
        is_wrong: bool `(N,)`, True where the label is not that of the sample.
        true_labels: int64 `(N,)`, the labels given; -1 where the sample was
            replaced by one of no class, which no label is right for.
        num_classes: number of classes K.
        x: with `open_set(x=..., outside=...)` the samples, a copy in which
            some are replaced; else None.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> right = np.repeat(np.arange(3), 10)
    >>> noisy = kr.noise.pair_flip(right, rate=0.2, seed=0)
    >>> noisy
    NoisyLabels(6 of 30 labels wrong, 3 classes)
    >>> bool((noisy.labels[noisy.is_wrong] != right[noisy.is_wrong]).all())
    True
    >>> noisy.transition_matrix
    array([[0.8, 0.2, 0. ],
           [0. , 0.8, 0.2],
           [0.2, 0. , 0.8]])
    """

    labels: np.ndarray
    is_wrong: np.ndarray
    true_labels: np.ndarray
    num_classes: int
    x: np.ndarray | None = None

    def __len__(self):
        return self.true_labels.size

    def __repr__(self):
        return (
            f"NoisyLabels({self.positions.size} of {len(self)} labels wrong, "
            f"{self.num_classes} classes)"
        )

    def __array__(self, dtype=None, copy=None):
        return np.array(self.labels, dtype=dtype, copy=copy)

    @property
    def positions(self):
        """The positions of the wrong labels, int64, ascending."""
        return np.flatnonzero(self.is_wrong)

    @property
    def rate(self):
        """The share of the labels that are wrong."""
        return float(self.is_wrong.mean())

    @functools.cached_property
    def transition_matrix(self):
        """What became of the classes: float64 `(K, K)`, counted when asked.

        Row c has the shares of the samples of class c that are labelled 0 to
        K - 1. The row of a class without samples is that of the identity
        matrix. Samples of no class are in no row.
        """
        shape = (self.num_classes, self.num_classes)
        has_class = self.true_labels >= 0
        true = self.true_labels[has_class]
        given = self.labels.reshape(-1)[has_class].astype(np.int64)
        pairs = true * self.num_classes + given
        counts = np.bincount(pairs, minlength=shape[0] * shape[1])
        counts = counts.reshape(shape)
        sizes = counts.sum(axis=1)
        matrix = counts / np.maximum(sizes, 1)[:, np.newaxis]
        empty = np.flatnonzero(sizes == 0)
        matrix[empty, empty] = 1.0
        return matrix


def with_labels(given, classes, positions, new, num_classes):
    """`NoisyLabels` that are `given`, with others at some positions.

    Args:
        given: the labels, in their own shape and dtype. They are copied.
        classes: the same, flat and int64.
        positions: where labels change.
        new: the classes to put there.
        num_classes: number of classes.
    """
    noisy = given.copy()
    noisy.reshape(-1)[positions] = new
    return NoisyLabels(
        noisy, noisy.reshape(-1) != classes, classes, num_classes
    )
