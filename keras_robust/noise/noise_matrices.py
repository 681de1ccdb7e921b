"""What a joint count of given and true labels says of the noise."""

import typing

import numpy as np


class NoiseMatrices(typing.NamedTuple):
    """Shares of given and true classes, float64.

    Attributes:
        prior: `P(true = j)`, `(K,)`.
        given_of_true: `P(given = i | true = j)` at `[i, j]`: each column's
            sum is 1. Its transpose is the transition matrix of
            `ForwardCorrection`.
        true_of_given: `P(true = j | given = i)` at `[j, i]`: each column's
            sum is 1.
        joint: `P(given = i, true = j)` at `[i, j]`.
    """

    prior: np.ndarray
    given_of_true: np.ndarray
    true_of_given: np.ndarray
    joint: np.ndarray


def noise_matrices(joint):
    """The shares that a confident joint stands for.

    Formula: with `C` the joint and `n` its sum, `C / n`; of each column,
    `C[i, j] / sum_i C[i, j]`; of each row, `C[i, j] / sum_j C[i, j]`; and
    `sum_i C[i, j] / n`. A class that nothing is counted of keeps its labels:
    1 on the diagonal, where cleanlab has a column of 0.

    Use it to read a joint, best one with `calibrate=True`, whose rows are as
    large as the given classes.

    Args:
        joint: Counts `(K, K)`, rows given and columns true classes, as of
            `confident_joint`.

    Returns:
        `NoiseMatrices`.

    Raises:
        ValueError: if the joint is not square, has a negative or not finite
            count, or none at all.

    Example:

    >>> from keras_robust.noise import noise_matrices
    >>> found = noise_matrices([[8, 2], [0, 10]])
    >>> found.prior
    array([0.4, 0.6])
    >>> found.given_of_true
    array([[1.   , 0.167],
           [0.   , 0.833]])

    Reference:
        Northcutt et al., "Confident Learning: Estimating Uncertainty in
        Dataset Labels", JAIR 2021, section 3.1.
    """
    joint = as_joint(joint).astype(np.float64)
    total = joint.sum()
    return NoiseMatrices(
        prior=joint.sum(axis=0) / total,
        given_of_true=_shares(joint),
        true_of_given=_shares(joint.T),
        joint=joint / total,
    )


def as_joint(joint, num_classes=None):
    """Counts `(K, K)` as an array, or a `ValueError`.

    Args:
        joint: What was given.
        num_classes: K, if it is known.
    """
    try:
        found = np.asarray(joint)
        whole = found.dtype.kind in "fiu" and np.isfinite(found).all()
    except (TypeError, ValueError):
        found, whole = np.empty(0), False
    shape = found.shape
    size = shape[0] if num_classes is None and shape else num_classes
    if shape != (size, size) or not whole or not (found >= 0).all():
        raise ValueError(
            "`joint` must hold counts of at least 0, the given classes in "
            "its rows and the true ones in its columns, shape "
            f"({'K, K' if num_classes is None else f'{size}, {size}'}). "
            f"Received: joint={joint!r}"
        )
    if not found.any():
        raise ValueError("`joint` must count something. Received: zeros only")
    return found


def _shares(joint):
    """Each column divided by its sum."""
    sums = joint.sum(axis=0)
    shares = np.eye(len(joint))
    np.divide(joint, sums, out=shares, where=sums > 0)
    return shares
