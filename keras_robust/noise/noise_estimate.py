"""The result of an estimation: how often which class gets which label."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Bounds:
    """One end of the intervals of a `NoiseEstimate`, number by number.

    Args:
        transition_matrix: float64 `(K, K)`; its rows do not sum to 1.
        class_priors: float64 `(K,)`.
        noise_rate: float.
    """

    transition_matrix: np.ndarray
    class_priors: np.ndarray
    noise_rate: float


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class NoiseEstimate:
    """What an estimation of label noise found.

    Args:
        transition_matrix: float64 `(K, K)`: P(given label j | true class i)
            in row i and column j, so that rows sum to 1; as
            `losses.ForwardCorrection` takes it. The row of a class of which
            there seem to be no samples is that of right labels.
        class_priors: float64 `(K,)`, the shares of the true classes.
        method: the name of the method.
        low: `Bounds`, the lower ends of the intervals; `None` without
            bootstrap.
        high: `Bounds`, the upper ends.

    Attributes:
        noise_rate: the share of labels that are wrong,
            `1 - sum_k class_priors[k] transition_matrix[k][k]`.

    Example:

    >>> import numpy as np
    >>> from keras_robust.noise import NoiseEstimate
    >>> matrix = np.array([[0.9, 0.1], [0.3, 0.7]])
    >>> NoiseEstimate(matrix, np.array([0.5, 0.5]), "anchor")
    NoiseEstimate(noise_rate=0.200, num_classes=2, method='anchor')
    """

    transition_matrix: np.ndarray
    class_priors: np.ndarray
    method: str
    low: Bounds | None = None
    high: Bounds | None = None

    @property
    def noise_rate(self):
        right = self.class_priors @ self.transition_matrix.diagonal()
        return min(1.0, max(0.0, 1.0 - float(right)))

    def __repr__(self):
        interval = ""
        if self.low is not None:
            low, high = self.low.noise_rate, self.high.noise_rate
            interval = f" ({low:.3f} to {high:.3f})"
        return (
            f"NoiseEstimate(noise_rate={self.noise_rate:.3f}{interval}, "
            f"num_classes={len(self.class_priors)}, method={self.method!r})"
        )


def estimate_of(matrix, classes, method):
    """The estimate of a matrix, its class priors those that explain labels.

    Args:
        matrix: float64 `(K, K)`, rows sum to 1.
        classes: the given labels, checked, `(N,)`.
        method: the name of the method.
    """
    sizes = np.bincount(classes, minlength=len(matrix))
    # Nothing can be said of a class without labels.
    none = sizes == 0
    matrix = np.where(none[:, None], np.eye(len(matrix)), matrix)
    priors = true_priors(matrix, sizes / classes.size)
    return NoiseEstimate(matrix, priors, method)


def true_priors(transition_matrix, given_priors):
    """The shares of the true classes that explain those of the labels.

    Of highest likelihood, by expectation maximisation from the shares of the
    labels: shares stay shares also where the matrix has no inverse.

    Args:
        transition_matrix: float64 `(K, K)`, rows sum to 1.
        given_priors: float64 `(K,)`, the shares of the given labels.

    Returns:
        float64 `(K,)`.
    """
    # What no class is labelled by the matrix says nothing of the classes.
    given = np.where(transition_matrix.any(axis=0), given_priors, 0.0)
    if not given.any():
        return given_priors
    given = given / given.sum()
    priors = (given + 1 / given.size) / 2
    for _ in range(1000):
        expected = priors @ transition_matrix
        ratio = given / np.where(expected > 0, expected, 1.0)
        moved = priors * (transition_matrix @ ratio)
        change = np.abs(moved - priors).max()
        priors = moved / moved.sum()
        if change < 1e-10:
            break
    return priors
