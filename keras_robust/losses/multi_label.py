"""Multi-label targets: every class is a binary head of its own."""

from keras import ops

from keras_robust.losses.elementwise import at_least


def split(y_true, y_pred, axis):
    """Makes `(B, ..., C)` outputs into C binary heads.

    Returns:
        Labels `(B, ..., C)`, predictions `(B, ..., C, 1)` and their class
        axis.

    Raises:
        ValueError: If labels and predictions differ in shape.
    """
    y_true, y_pred = (
        ops.convert_to_tensor(y_true),
        ops.convert_to_tensor(y_pred),
    )
    shapes = tuple(y_true.shape), tuple(y_pred.shape)
    pairs = zip(*shapes, strict=False)
    differ = any(None not in pair and pair[0] != pair[1] for pair in pairs)
    if len(shapes[0]) != len(shapes[1]) or differ:
        raise ValueError(
            "Multi-label targets are 0 or 1 for every class: labels and "
            "predictions must have the same shape. Received: "
            f"y_true.shape={shapes[0]}, y_pred.shape={shapes[1]}"
        )
    y_true = ops.moveaxis(y_true, axis, -1)
    y_pred = ops.moveaxis(y_pred, axis, -1)
    return y_true, ops.expand_dims(y_pred, axis=-1), -1


def mean(values, valid):
    """The mean over the classes, of those that are valid.

    Args:
        values: Loss of every class, `(B, ..., C)`.
        valid: Whether a class counts, of the same shape, or `None`.

    Returns:
        Values `(B, ...)`, and whether any class of theirs counts, or `None`.
    """
    # Not ops.mean, which makes float32 of float64.
    if valid is None:
        return ops.sum(values, axis=-1) / values.shape[-1], None
    weights = ops.cast(valid, values.dtype)
    kept = ops.where(valid, values, ops.zeros_like(values))
    count = ops.sum(weights, axis=-1)
    return ops.sum(kept, axis=-1) / at_least(count, 1.0), count > 0
