"""RegressionLoss: the base of losses for targets that are numbers."""

import keras
from keras import ops

from keras_robust.losses.base import loss_dtype


class RegressionLoss(keras.losses.Loss):
    """A loss of the difference between prediction and target.

    A subclass lists its own arguments in `parameters` and gives
    `of_difference(d)`, the loss of `d = y_pred - y_true`, elementwise. The
    value of a sample is the mean over the last axis, as of Keras's own
    regression losses (a tensor of one axis holds one number a sample).

    Target and prediction have the same shape, or one of them has a last axis
    of size 1 more, as Keras takes them. Nothing else is broadcast: a target
    `(B,)` and a prediction `(B, C)`, or `(B, 1)` and `(B, C)`, are a
    `ValueError` with both shapes.

    Args:
        reduction: As in `keras.losses.Loss`.
        name: Name of the loss.
        dtype: `None`, a dtype or a policy. Half precision becomes float32,
            float64 is kept.

    Attributes:
        parameters: Names of the loss's own arguments.
        alias: Short name for `keras_robust.losses.get`, or `None`.
        noise: The noise of the targets it is for, in words.
        paper: Where it is from, in short.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> class Quartic(kr.losses.RegressionLoss):
    ...     def of_difference(self, d):
    ...         return d**4
    >>> round(float(Quartic()(np.array([[1.0]]), np.array([[3.0]]))), 4)
    16.0
    """

    parameters = ()
    alias = None
    noise = ""
    paper = ""

    def __init__(self, reduction="sum_over_batch_size", name=None, dtype=None):
        super().__init__(
            name=name, reduction=reduction, dtype=loss_dtype(dtype)
        )
        self._given_dtype = None if dtype is None else self.dtype

    def of_difference(self, difference):
        """The loss of `y_pred - y_true`, elementwise."""
        raise NotImplementedError(
            f"{type(self).__name__} must define `of_difference(self, d)`."
        )

    def call(self, y_true, y_pred):
        y_true, y_pred = _same_shape(*as_floats(y_true, y_pred))
        values = self.of_difference(y_pred - y_true)
        # Not ops.mean, which makes float32 of float64.
        count = ops.cast(ops.shape(values)[-1], values.dtype)
        return ops.sum(values, axis=-1) / count

    def get_config(self):
        config = {name: getattr(self, name) for name in self.parameters}
        config.update(super().get_config())
        config.update(dtype=self._given_dtype)
        return config

    def __repr__(self):
        values = ", ".join(
            f"{name}={getattr(self, name)!r}" for name in self.parameters
        )
        return f"{type(self).__name__}({values})"


def as_floats(y_true, y_pred):
    """Both as tensors of float32, or float64 where the predictions are."""
    y_pred = ops.convert_to_tensor(y_pred)
    wide = keras.backend.standardize_dtype(y_pred.dtype) == "float64"
    dtype = "float64" if wide else "float32"
    # Both are cast first: the difference of two uint8 would wrap around.
    return ops.convert_to_tensor(y_true, dtype), ops.cast(y_pred, dtype)


def shapes_of(y_true, y_pred):
    """Both shapes, of at least one axis."""
    return [_shape(y_true, y_true, y_pred), _shape(y_pred, y_true, y_pred)]


def _same_shape(y_true, y_pred):
    shapes = shapes_of(y_true, y_pred)
    # One number a sample: an axis of its own to take the mean over.
    whole = [(*shape, 1) if len(shape) == 1 else shape for shape in shapes]
    ranks = [len(shape) for shape in whole]
    longest = whole[0] if ranks[0] > ranks[1] else whole[1]
    extra = abs(ranks[0] - ranks[1])
    if extra == 1 and longest[-1] == 1:
        whole = [shape[: min(ranks)] for shape in whole]
    elif extra:
        _raise_shapes(*shapes)
    pairs = zip(*whole, strict=True)
    if any(None not in pair and pair[0] != pair[1] for pair in pairs):
        _raise_shapes(*shapes)
    return tuple(
        _with_rank(tensor, shape, len(whole[0]))
        for tensor, shape in zip((y_true, y_pred), shapes, strict=True)
    )


def _with_rank(tensor, shape, rank):
    if len(shape) < rank:
        return ops.expand_dims(tensor, axis=-1)
    return ops.squeeze(tensor, axis=-1) if len(shape) > rank else tensor


def _shape(tensor, y_true, y_pred):
    try:
        shape = tuple(tensor.shape)
    except ValueError:  # TensorFlow: not even the number of axes is known
        shape = None
    if not shape:
        raise ValueError(
            "Target and prediction need a batch axis and a known number of "
            "axes. In a tf.data pipeline give it with `tf.ensure_shape`. "
            f"Received: y_true.shape={y_true.shape}, "
            f"y_pred.shape={y_pred.shape}"
        )
    return shape


def _raise_shapes(y_true, y_pred):
    raise ValueError(
        "Target and prediction must have the same shape, or differ by a last "
        "axis of size 1; a loss that broadcast them would compare each with "
        "every other. Reshape one of them. "
        f"Received: y_true.shape={y_true}, y_pred.shape={y_pred}"
    )
