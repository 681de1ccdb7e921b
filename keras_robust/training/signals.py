"""What can be recorded of a sample in a training step."""

import numpy as np
from keras import ops

from keras_robust.losses.labelled import Labelled


def cross_entropy(log_p, given):
    """`-log p` of the given label, in nats."""
    return -_of_given(log_p, given)


def margin(log_p, given):
    """`log p` of the given label less the largest other: the logit margin."""
    own = _of_given(log_p, given)
    other = ops.max(ops.where(given > 0, float("-inf"), log_p), axis=-1)
    return own - other


def correct(log_p, given):
    """1 where the given label is the most probable class, else 0."""
    hit = ops.equal(ops.argmax(log_p, axis=-1), ops.argmax(given, axis=-1))
    return ops.cast(hit, log_p.dtype)


def predicted(log_p, given):
    """The most probable class, as a float."""
    return ops.cast(ops.argmax(log_p, axis=-1), log_p.dtype)


def label(log_p, given):
    """The given class, as a float."""
    return ops.cast(ops.argmax(given, axis=-1), log_p.dtype)


SIGNALS = {
    "cross_entropy": cross_entropy,
    "margin": margin,
    "correct": correct,
    "predicted": predicted,
}


def _of_given(log_p, given):
    # Not a product: another class may have log p = -inf.
    return ops.sum(ops.where(given > 0, log_p, 0.0), axis=-1)


def rows(functions, y_true, y_pred, from_logits, axis):
    """Computes signals of a batch, one row a sample.

    Args:
        functions: Functions of this module.
        y_true, y_pred: As a loss takes them, one label a sample.
        from_logits: Whether `y_pred` are logits.
        axis: The class axis.

    Returns:
        float32 tensor `(B, len(functions))`, without gradient.
    """
    y_pred = ops.stop_gradient(y_pred)
    labelled = Labelled(y_true, y_pred, from_logits, axis, None)
    log_p = labelled.classes.log_p
    if len(log_p.shape) != 2:
        raise ValueError(
            "Only models with one prediction a sample can be recorded. "
            f"Received: y_pred.shape={tuple(y_pred.shape)}"
        )
    given = ops.one_hot(
        ops.argmax(labelled.weights, axis=-1),
        labelled.num_classes,
        dtype=log_p.dtype,
    )
    columns = [function(log_p, given) for function in functions]
    # A model that has diverged predicts nothing, not class 0.
    diverged = ops.any(ops.isnan(log_p), axis=-1)
    columns = [
        column if function is label else ops.where(diverged, np.nan, column)
        for function, column in zip(functions, columns, strict=True)
    ]
    return ops.cast(ops.stack(columns, axis=-1), "float32")
