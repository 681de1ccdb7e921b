"""Labels changed as a transition matrix says."""

import numpy as np

from keras_robust.noise.samples import as_numbers
from keras_robust.noise.sharing import largest_remainder

_TOLERANCE = 1e-5


def as_transition_matrix(matrix, name="transition_matrix"):
    """Checks a row-stochastic matrix.

    Args:
        matrix: P(noisy = k | true = c) in row c and column k.
        name: what the caller calls it.

    Returns:
        The same as float64 `(K, K)`, its rows summing to 1 in float64.

    Raises:
        ValueError: if it is not square with K >= 2, or a row has a number
            below 0 or does not sum to 1; the first such row is named.
    """
    matrix = as_square(matrix, name)
    sums = matrix.sum(axis=1)
    bad = np.abs(sums - 1) > _TOLERANCE
    if bad.any():
        row = int(np.argmax(bad))
        hint = (
            " Its columns do, so it may be transposed."
            if np.allclose(matrix.sum(axis=0), 1, atol=_TOLERANCE)
            else ""
        )
        raise ValueError(
            f"The rows of `{name}` must sum to 1: row c has the shares of "
            f"class c that become class 0 to K - 1.{hint} "
            f"Received: {name}[{row}].sum()={sums[row]:.6g}"
        )
    return matrix / sums[:, np.newaxis]


def as_square(matrix, name):
    """Checks a matrix of shares or counts, `(K, K)` with K >= 2.

    Args:
        matrix: what was given.
        name: what the caller calls it.

    Returns:
        The same as a new float64 array.

    Raises:
        ValueError: if it has another shape or no numbers, or a number is
            negative or not finite; the first such row is named.
    """
    checked = as_numbers(name, matrix).astype(np.float64)
    shape = checked.shape
    if len(shape) != 2 or shape[0] != shape[1] or shape[0] < 2:
        raise ValueError(
            f"`{name}` must be square, shape (K, K) for K >= 2 classes. "
            f"Received: shape={shape}"
        )
    bad = ~(np.isfinite(checked) & (checked >= 0))
    if bad.any():
        row, column = (int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"`{name}` must have numbers of at least 0. "
            f"Received: {name}[{row}, {column}]={checked[row, column]}"
        )
    return checked


def exact_counts(sizes, matrix):
    """How many samples of each class become which, in whole numbers.

    Args:
        sizes: number of samples of each class, int64 `(K,)`.
        matrix: rows that sum to 1, float64 `(K, K)`.

    Returns:
        int64 `(K, K)`, the rows summing to `sizes`, each number within one of
        its share.
    """
    return largest_remainder(matrix, sizes)


def assign(classes, counts, rng):
    """Gives each class's samples new classes, in given numbers, shuffled.

    Args:
        classes: class numbers, int64 `(N,)`.
        counts: how many of class c become class k, int64 `(K, K)`.
        rng: a `numpy.random.Generator`.

    Returns:
        The new class of every sample, int64 `(N,)`.
    """
    order = rng.permutation(classes.size)
    order = order[np.argsort(classes[order], kind="stable")]
    # In this order the samples of class 0 come first, and of them those that
    # become class 0: the matrix read row by row.
    used = np.flatnonzero(counts)
    new = np.empty(classes.size, np.int64)
    targets = used % counts.shape[1]
    new[order] = np.repeat(targets, counts.reshape(-1)[used])
    return new


def bernoulli(classes, matrix, rng):
    """Gives every sample a new class by a draw of its own.

    Args:
        classes: class numbers, int64 `(N,)`.
        matrix: rows that sum to 1, float64 `(K, K)`.
        rng: a `numpy.random.Generator`.

    Returns:
        The new class of every sample, int64 `(N,)`.
    """
    uniform = rng.random(classes.size)
    order = np.argsort(classes, kind="stable")
    sizes = np.bincount(classes, minlength=len(matrix))
    ends = np.cumsum(sizes)
    new = np.empty(classes.size, np.int64)
    for c in np.flatnonzero(sizes):
        members = order[ends[c] - sizes[c] : ends[c]]
        upto = np.cumsum(matrix[c])
        # Divided, so that the last is 1 and no draw from [0, 1) is past it.
        new[members] = np.searchsorted(
            upto / upto[-1], uniform[members], side="right"
        )
    return new
