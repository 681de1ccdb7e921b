"""Dual T: the predicted class between the true one and the given label."""

import numpy as np

from keras_robust.noise.anchor_points import check_quantile
from keras_robust.noise.anchor_points import rows_at_anchors
from keras_robust.noise.noise_estimate import estimate_of
from keras_robust.noise.probabilities import as_classes_and_probabilities


def dual_t(labels, pred_probs, quantile=0.97):
    """Estimates label noise by way of the predicted class (dual T).

    Formula: `T_ij = sum_l A_il C_lj`. `A_il`, the probability of the predicted
    class l for true class i, is that of `anchor_points`; `C_lj`, the share of
    label j among the samples predicted as l, is counted.

    Use it in the place of `anchor_points` where the model's probabilities are
    not exactly those of the labels: what is counted has a smaller error than
    what is read off at a few samples. As there, the model must not have learnt
    its labels by heart, or better has not seen them. It assumes that the label
    depends on the true class only through the predicted one, so it is exact
    for a model whose predictions are right and sure, and finds too much noise
    where they are neither.

    Args:
        labels: given labels, integers in [0, K - 1], `(N,)` or `(N, 1)`.
        pred_probs: predicted probabilities, `(N, K)`.
        quantile: of the anchor points, in (0, 1]. Defaults to `0.97`.

    Returns:
        `NoiseEstimate`. `O(N K)` time. A class that is never predicted, or
        without labels, counts as labelled right.

    Raises:
        ValueError: if an argument is not usable.

    Example:

    >>> import numpy as np
    >>> from keras_robust.noise import dual_t
    >>> pred_probs = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    >>> dual_t([0, 0, 1, 0], pred_probs).transition_matrix
    array([[1. , 0. ],
           [0.5, 0.5]])

    Reference:
        Yao et al., "Dual T: Reducing Estimation Error for Transition Matrix in
        Label-noise Learning", NeurIPS 2020, equation 3.
    """
    check_quantile(quantile)
    classes, pred_probs = as_classes_and_probabilities(labels, pred_probs)
    return from_dual_t(classes, np.asarray(pred_probs), quantile)


def from_dual_t(classes, pred_probs, quantile=0.97):
    """`dual_t` of what is checked already."""
    size = pred_probs.shape[1]
    predicted = pred_probs.argmax(axis=1)
    counts = np.bincount(predicted * size + classes, minlength=size * size)
    counts = counts.reshape(size, size).astype(np.float64)
    never = np.flatnonzero(counts.sum(axis=1) == 0)
    counts[never, never] = 1.0
    counted = counts / counts.sum(axis=1, keepdims=True)
    matrix = rows_at_anchors(pred_probs, quantile) @ counted
    matrix /= matrix.sum(axis=1, keepdims=True)
    return estimate_of(matrix, classes, "dual_t")
