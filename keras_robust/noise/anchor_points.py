"""Anchor points: the samples most surely of a class show how it is labelled."""

import numbers

import numpy as np

from keras_robust.noise.noise_estimate import estimate_of
from keras_robust.noise.probabilities import as_classes_and_probabilities


def anchor_points(labels, pred_probs, quantile=0.97):
    """Estimates label noise at the samples most surely of each class.

    Formula: `T_ij = p_j(x^i)`, where `p` is the model's probability of each
    given label, and `x^i`, the anchor point of class i, is the sample at the
    `quantile` of `p_i`.

    Use it for probabilities of a model that was trained on the noisy labels
    and not to the end, so that they are those of the labels: a model that has
    learnt its labels by heart is sure of everything, and the estimate is no
    noise. It assumes that of each class there are samples that cannot be of
    another. The paper takes the sample of the largest `p_i`, which is
    `quantile=1`, and 0.97 against outliers.

    Args:
        labels: given labels, integers in [0, K - 1], `(N,)` or `(N, 1)`; only
            for the class priors, which are those that explain the labels.
        pred_probs: predicted probabilities of the given labels, `(N, K)`.
        quantile: in (0, 1]. Defaults to `0.97`. With many classes take one
            nearer to 1: the `1 - quantile` share of the samples should be
            fewer than those of any class. Of equal probabilities the mean.

    Returns:
        `NoiseEstimate`. `O(N K)` time. A class without labels counts as
        labelled right.

    Raises:
        ValueError: if an argument is not usable.

    Example:

    >>> import numpy as np
    >>> from keras_robust.noise import anchor_points
    >>> pred_probs = np.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7]])
    >>> anchor_points([0, 0, 1], pred_probs, quantile=1).transition_matrix
    array([[0.9, 0.1],
           [0.3, 0.7]])

    Reference:
        Patrini et al., "Making Deep Neural Networks Robust to Label Noise: a
        Loss Correction Approach", CVPR 2017, equations 12 and 13.
    """
    check_quantile(quantile)
    classes, pred_probs = as_classes_and_probabilities(labels, pred_probs)
    return from_anchors(classes, np.asarray(pred_probs), quantile)


def from_anchors(classes, pred_probs, quantile=0.97):
    """`anchor_points` of what is checked already."""
    matrix = rows_at_anchors(pred_probs, quantile)
    return estimate_of(matrix, classes, "anchor")


def rows_at_anchors(pred_probs, quantile):
    """The probabilities at the anchor point of each class, `(K, K)`."""
    num_samples, num_classes = pred_probs.shape
    matrix = np.empty((num_classes, num_classes))
    place = int(quantile * (num_samples - 1))
    for k in range(num_classes):
        column = np.ascontiguousarray(pred_probs[:, k])
        value = np.partition(column, place)[place]
        # Equals are averaged, so that their order does not matter.
        matrix[k] = pred_probs[column == value].mean(axis=0, dtype=np.float64)
    matrix = np.clip(matrix, 0.0, 1.0)
    return matrix / matrix.sum(axis=1, keepdims=True)


def check_quantile(quantile):
    """Raises a `ValueError` unless it is a number in (0, 1]."""
    if (
        not isinstance(quantile, numbers.Real)
        or isinstance(quantile, bool)
        or not 0 < quantile <= 1
    ):
        raise ValueError(
            "`quantile` must be a number above 0, at most 1. "
            f"Received: quantile={quantile!r}"
        )
