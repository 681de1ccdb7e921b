"""What is kept of a sample in a training step, and what it says.

The step keeps five numbers a sample, and the signals are worked out from them
on the host, once an epoch: uncompiled PyTorch pays for every operation, and
twenty more of them are a tenth of a small network's step.
"""

from dataclasses import dataclass

import numpy as np
from keras import ops

from keras_robust.losses.labelled import Labelled


@dataclass(frozen=True)
class Kept:
    """What the steps of an epoch kept, arrays `(N,)`.

    Attributes:
        label: The given class.
        log_p: `log p` of the given class.
        best, second: The largest and second largest `log p`.
        predicted: The class of the largest.
    """

    label: np.ndarray
    log_p: np.ndarray
    best: np.ndarray
    second: np.ndarray
    predicted: np.ndarray


COLUMNS = tuple(Kept.__dataclass_fields__)


def cross_entropy(kept):
    """`-log p` of the given label, in nats."""
    return -kept.log_p


def margin(kept):
    """`log p` of the given label less the largest other: the logit margin."""
    own = kept.predicted == kept.label
    return kept.log_p - np.where(own, kept.second, kept.best)


def correct(kept):
    """1 where the given label is the most probable class, else 0."""
    return (kept.predicted == kept.label).astype("float32")


def predicted(kept):
    """The most probable class, as a float."""
    return kept.predicted


SIGNALS = {
    "cross_entropy": cross_entropy,
    "margin": margin,
    "correct": correct,
    "predicted": predicted,
}


def rows(y_true, y_pred, from_logits, axis):
    """What to keep of a batch, one row a sample.

    Args:
        y_true, y_pred: As a loss takes them, one label a sample.
        from_logits: Whether `y_pred` are logits.
        axis: The class axis.

    Returns:
        float32 tensor `(B, len(COLUMNS))`, without gradient.
    """
    y_pred = ops.stop_gradient(y_pred)
    labelled = Labelled(y_true, y_pred, from_logits, axis, None)
    log_p = labelled.classes.log_p
    if len(log_p.shape) != 2:
        raise ValueError(
            "Only models with one prediction a sample can be recorded. "
            f"Received: y_pred.shape={tuple(y_pred.shape)}"
        )
    label = labelled.labels
    if label is None:
        label = ops.argmax(labelled.weights, axis=-1)
    label = ops.expand_dims(label, axis=-1)
    best = ops.top_k(log_p, 2)[0]
    # Not top_k's index: of classes that tie PyTorch takes any.
    predicted = ops.argmax(log_p, axis=-1, keepdims=True)
    columns = [
        label,
        ops.take_along_axis(log_p, label, axis=-1),
        best,
        predicted,
    ]
    columns = [ops.cast(column, "float32") for column in columns]
    return ops.concatenate(columns, axis=-1)


def derive(names, values):
    """Works the signals of an epoch out of what was kept.

    Args:
        names: Names of `SIGNALS`.
        values: Array `(len(COLUMNS), N)`.

    Returns:
        float32 array `(len(names), N)`, NaN where the model had diverged.
    """
    kept = Kept(*values)
    found = np.stack([SIGNALS[name](kept) for name in names])
    # A model that has diverged predicts nothing, not class 0.
    found[:, np.isnan(kept.log_p) | np.isnan(kept.best)] = np.nan
    return found
