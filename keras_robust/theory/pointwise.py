"""A loss of any make as a function of the given label's probability."""

import numpy as np

from keras_robust.theory.evaluation import INTEGER
from keras_robust.theory.evaluation import ONE_HOT
from keras_robust.theory.evaluation import STEP
from keras_robust.theory.evaluation import evaluate
from keras_robust.theory.evaluation import precision_by

_PROBES = np.array([0.06, 0.13, 0.29, 0.37, 0.48, 0.59, 0.71, 0.83, 0.94])


def pointwise_values(loss, p, num_classes):
    """Evaluates a loss that depends on the given label's probability only.

    Everything is evaluated in one batch. Labels are passed one-hot, or as
    integers if the loss does not take those.

    Args:
        loss: A `keras.losses.Loss` or a function of `(y_true, y_pred)`.
        p: Probabilities of the given label, float64, shape `(N,)`.
        num_classes: Number of classes; the rest of the probability is spread
            evenly over the others.

    Returns:
        The values, float64, shape `(N,)`, of which only those at `p = 0` may
        be infinite, and the machine epsilon they were computed with (which
        may be larger than that of their dtype).

    Raises:
        ValueError: If the loss fails, is not finite, or depends on more than
            `p`; says why for both kinds of labels.
    """
    labels, y_pred = _batch(p, num_classes)
    complaints = []
    for kind in (ONE_HOT, INTEGER):
        values, complaint = evaluate(loss, labels, y_pred, kind)
        complaint = complaint or _complaint(values, y_pred, labels)
        if complaint is None:
            precision = _precision(values, num_classes)
            return values[: p.size].astype("float64"), precision
        complaints.append(f"With {kind} labels {complaint}.")
    raise ValueError(
        "This loss cannot be taken as one of the probability of the given "
        "label only. " + " ".join(complaints) + " "
        f"Received: loss={loss!r}, num_classes={num_classes}"
    )


def is_pointwise(loss, num_classes):
    """Whether a loss depends on the given label's probability only."""
    try:
        pointwise_values(loss, _PROBES, num_classes)
    except ValueError:
        return False
    return True


def _batch(p, num_classes):
    """`p` and then the probes: for label 0, beside it, then for all labels,
    and for all with the rest spread unevenly."""
    label, which = _all_labels(num_classes)
    near = [_PROBES, _PROBES - STEP, _PROBES + STEP]
    p = np.concatenate([p, *near, _PROBES[which], _PROBES[which]])
    labels = np.zeros(p.size, "int32")
    labels[-2 * label.size :] = np.tile(label, 2)
    rest = np.tile(((1 - p) / (num_classes - 1))[:, None], num_classes)
    away = (np.arange(num_classes) - label[:, None]) % num_classes
    uneven = np.where(away, 0.5**away, 0)
    uneven *= ((1 - _PROBES[which]) / uneven.sum(axis=1))[:, None]
    rest[-label.size :] = uneven
    rest[np.arange(p.size), labels] = p
    return labels, rest


def _all_labels(num_classes):
    """Labels, and which probe each is tried at: all, or one if too many."""
    number = np.arange(max(num_classes, min(_PROBES.size * num_classes, 1000)))
    which = (number // num_classes + number) % _PROBES.size
    return number % num_classes, which


def _probed(values, num_classes):
    """At the probes, below and above them; of all labels, evenly and not."""
    number = _all_labels(num_classes)[0].size
    ends = np.cumsum([_PROBES.size] * 3 + [number])
    values = values[-ends[-1] - number :].astype("float64")
    return np.split(values, ends)


def _complaint(values, y_pred, labels):
    num_classes = y_pred.shape[1]
    given = np.take_along_axis(y_pred, labels[:, None], axis=1)[:, 0]
    wrong = ~(np.isfinite(values) | (np.isposinf(values) & (given == 0)))
    if wrong.any():
        return (
            f"it is {values[wrong][0]} at a probability of "
            f"{given[wrong][0]:.3g}; clip it there"
        )
    even, _, _, of_labels, uneven = _probed(values, num_classes)
    which = _all_labels(num_classes)[1]
    # Of what the loss varies by, not of a constant it may have added.
    rounding = 16 * np.finfo(values.dtype).eps * np.abs(even).max()
    tolerance = max(1e-4 * np.ptp(even), rounding)
    for name, probe in (
        ("the label", of_labels),
        ("the probabilities of the other classes", uneven),
    ):
        if np.abs(probe - even[which]).max() > tolerance:
            return f"it changes with {name}"
    return None


def _precision(values, num_classes):
    even, below, above, _, _ = _probed(values, num_classes)
    return precision_by(below, even, above, np.finfo(values.dtype).eps)
