"""NoiseCorrectedAccuracy: clean accuracy, estimated on noisy labels."""

import keras
import numpy as np
from keras import ops

from keras_robust.noise.matrices import as_transition_matrix

# What is near to singular multiplies chance so much that nothing is left.
_LARGEST_CONDITION = 1e6


@keras.saving.register_keras_serializable(package="keras_robust")
class NoiseCorrectedAccuracy(keras.metrics.Metric):
    """The accuracy on clean labels, estimated on noisy ones.

    Formula: the mean of `(T^-1)[y_i, c_i]` over the samples, `y_i` the given
    label and `c_i` the predicted class: the backward correction of the 0-1
    loss. Its expectation over the label noise is the accuracy on the true
    labels, for any invertible `T` and whatever the model. Beside it its
    standard error, the deviation of these values over `sqrt(N)`.

    Use it as the score of a search where some wrong labels are likelier than
    others: then the model of the highest accuracy on noisy labels need not be
    that of the highest on clean ones. It varies more than plain accuracy,
    the more the closer `T` is to singular, and can leave [0, 1]; under
    symmetric noise both rank models alike, and plain accuracy is enough.

    Args:
        transition_matrix: `(K, K)`, `T[i, j]` the share of class `i` that is
            labelled `j`; rows sum to 1. `noise.estimate_transition_matrix`
            estimates one.
        name: Defaults to `"noise_corrected_accuracy"`.
        dtype: As of any metric.

    Call arguments: labels `(B,)`, `(B, 1)` or one-hot `(B, K)`, and
    predictions `(B, K)`, probabilities or logits; of two classes also
    probabilities `(B, 1)` of the second. With more axes, K the last one.
    A label of no class makes the result NaN.
    Results: a dict of the estimate under the metric's name and its standard
    error under that name and `_error`, which `fit` logs as two metrics.

    Raises:
        ValueError: If the matrix is not square, has rows that do not sum to 1
            or no inverse; at the first step, if it has not as many classes as
            the model.

    Example:

    >>> from keras_robust.tuning import NoiseCorrectedAccuracy
    >>> metric = NoiseCorrectedAccuracy([[0.8, 0.2], [0.2, 0.8]])
    >>> metric.update_state([0, 1, 1, 0], [[1, 0], [0, 1], [0, 1], [0, 1]])
    >>> {name: round(float(x), 3) for name, x in metric.result().items()}
    {'noise_corrected_accuracy': 0.917, 'noise_corrected_accuracy_error': 0.361}

    Three labels of four are as predicted, 75 %: of 91.7 % right predictions
    20 % wrong labels leave as many.

    Reference: Patrini et al., "Making Deep Neural Networks Robust to Label
    Noise: a Loss Correction Approach", CVPR 2017, theorem 1.
    """

    def __init__(
        self, transition_matrix, name="noise_corrected_accuracy", dtype=None
    ):
        super().__init__(name=name, dtype=dtype)
        self.transition_matrix = _checked(transition_matrix)
        self._inverse = np.linalg.inv(self.transition_matrix)
        self._sums = [
            self.add_variable((), "zeros", name=sum_name)
            for sum_name in ("weight", "weight2", "value", "value2", "square2")
        ]

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true, y_pred = map(ops.convert_to_tensor, (y_true, y_pred))
        classes = len(self._inverse)
        predicted = self._predicted(y_pred, classes)
        given = _given(y_true, y_pred, classes)
        inverse = ops.convert_to_tensor(self._inverse.ravel(), self.dtype)
        known = ops.logical_and(given >= 0, given < classes)
        given = ops.clip(given, 0, classes - 1)
        values = ops.take(inverse, given * classes + predicted)
        # A label of no class must not pass for one.
        values = ops.where(known, values, float("nan"))
        weights = ops.ones_like(values)
        if sample_weight is not None:
            weights = ops.cast(sample_weight, values.dtype)
            while len(weights.shape) > len(values.shape):
                weights = ops.squeeze(weights, -1)
            while len(weights.shape) < len(values.shape):
                weights = ops.expand_dims(weights, -1)
            weights = ops.broadcast_to(weights, ops.shape(values))
        squares = weights * weights
        moments = (
            weights,
            squares,
            weights * values,
            squares * values,
            squares * values * values,
        )
        for total, moment in zip(self._sums, moments, strict=True):
            total.assign_add(ops.sum(moment))

    def _predicted(self, y_pred, classes):
        outputs = y_pred.shape[-1]
        if outputs == 1 and classes == 2:
            return ops.cast(ops.squeeze(y_pred, -1) > 0.5, "int32")
        if outputs != classes:
            raise ValueError(
                "NoiseCorrectedAccuracy needs a transition matrix with a row "
                f"for every class. Received: a matrix of {classes} classes, "
                f"y_pred.shape={tuple(y_pred.shape)}"
            )
        return ops.cast(ops.argmax(y_pred, axis=-1), "int32")

    def result(self):
        weight, weight2, value, value2, square2 = (
            ops.convert_to_tensor(total) for total in self._sums
        )
        mean = ops.divide_no_nan(value, weight)
        # Of values near each other rounding may leave less than nothing.
        spread = ops.maximum(
            square2 - 2 * mean * value2 + mean * mean * weight2, 0.0
        )
        error = ops.divide_no_nan(ops.sqrt(spread), weight)
        return {self.name: mean, f"{self.name}_error": error}

    def get_config(self):
        matrix = self.transition_matrix.tolist()
        return {**super().get_config(), "transition_matrix": matrix}


def _given(y_true, y_pred, classes):
    """The given classes, in the shape of the predictions less the last axis."""
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] != 1:
        return ops.cast(ops.argmax(y_true, axis=-1), "int32")
    if len(y_true.shape) == len(y_pred.shape):
        y_true = ops.squeeze(y_true, -1)
    if len(y_true.shape) != len(y_pred.shape) - 1:
        raise ValueError(
            "Labels must have the shape of the predictions, without or with "
            f"the classes. Received: y_true.shape={tuple(y_true.shape)}, "
            f"y_pred.shape={tuple(y_pred.shape)}"
        )
    return ops.cast(ops.round(ops.cast(y_true, "float32")), "int32")


def _checked(transition_matrix):
    as_transition_matrix(transition_matrix)
    # As it was given, so that a config is that of what is made of it.
    matrix = np.array(transition_matrix, np.float64)
    condition = np.linalg.cond(matrix)
    if not condition < _LARGEST_CONDITION:
        raise ValueError(
            "`transition_matrix` must have an inverse, or noisy labels say "
            "nothing of some classes. Received: a matrix with the condition "
            f"number {condition:.3g}"
        )
    return matrix
