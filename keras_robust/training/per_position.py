"""Recording models with many labels a sample: segmentation, tokens.

The signals are worked out at every position inside the step and reduced there
to one number a sample, so that what is kept does not grow with the image.
"""

import numpy as np
from keras import ops

from keras_robust.losses.labelled import Labelled
from keras_robust.training import native
from keras_robust.training import signals
from keras_robust.training.epoch import Epoch

# Before the signals, in every row.
_FIRST = ("fingerprint", "total", "largest")


class PerPosition:
    """Rows of signals reduced over the positions, one a sample.

    Positions with the ignored class, or masked ones, do not count; a sample
    with no other is NaN.

    Args:
        names: Names of `signals.SIGNALS`.
        from_logits: Whether the model gives logits.
        axis: The class axis of its outputs.
        ignore_class: The label to leave out, or `None`.
        reduce: `"mean"`, or the quantile as a float in [0, 1] (the value at
            that rank, rounded down).

    Attributes:
        width: Numbers a row.
        may_wait: Whether rows of several batches can be made at once; not
            where a mask belongs to each.
    """

    may_wait = False

    def __init__(self, names, from_logits, axis, ignore_class, reduce):
        self._names = list(names)
        self._fields = signals.columns(names)
        self._from_logits = from_logits
        self._axis = axis
        self._ignore_class = ignore_class
        self._reduce = reduce
        self.width = len(_FIRST) + len(self._names)

    def rows(self, y_true, y_pred, losses=None, mask=None):
        """Returns the float32 rows `(B, width)` of a batch.

        Args:
            y_true, y_pred: As a loss takes them, without gradient.
            losses: The compiled loss `(B, ...)`, where the signals need it.
            mask: Which positions Keras's mask leaves, `(B, ...)`, or `None`.
        """
        labelled = Labelled(
            y_true,
            y_pred,
            self._from_logits,
            self._axis,
            self._ignore_class,
        )
        found = signals.measure(labelled, self._fields, losses)
        best = found.pop("best")
        if len(best.shape) < 3:
            raise ValueError(
                "Labels with several positions a sample were tracked, but the "
                "model makes one prediction a sample. Received: "
                f"y_pred.shape={tuple(y_pred.shape)}"
            )
        found = {name: value[..., 0] for name, value in found.items()}
        kept = signals.Kept(best=best[..., 0], second=best[..., 1], **found)
        if not self._from_logits:
            kept = signals.logarithms(kept, ops)
        counted = _counted(labelled.valid, mask)
        given = kept.label if labelled.labels is None else y_true
        first = [
            _mean(ops.cast(given, "float32"), None),
            _mean(kept.total, counted),
            _mean(ops.exp(kept.best), counted),
        ]
        values = [
            self._one(name, kept, labelled, counted) for name in self._names
        ]
        return native.join_columns(
            [ops.expand_dims(column, axis=-1) for column in [*first, *values]]
        )

    def _one(self, name, kept, labelled, counted):
        if name == "predicted":
            # The class with the largest mean probability.
            p = ops.moveaxis(labelled.classes.p, -1, 1)
            if counted is not None:
                p = ops.where(ops.expand_dims(counted, axis=1), p, 0.0)
            return ops.argmax(ops.sum(_flat(p, 2), axis=-1), axis=-1)
        values = ops.cast(signals.SIGNALS[name](kept, ops), "float32")
        if self._reduce == "mean":
            return _mean(values, counted)
        return _quantile(values, counted, self._reduce)

    def read(self, rows):
        """Returns the `Epoch` that rows `(N, width)` are of."""
        columns = np.ascontiguousarray(rows.T)
        fingerprint, total, largest = columns[: len(_FIRST)]
        values = columns[len(_FIRST) :]
        values[:, np.isnan(total) | np.isnan(largest)] = np.nan
        return Epoch(fingerprint, values, total, largest)

    @staticmethod
    def same(seen, tracked):
        """Whether labels are those that were tracked, bool `(N,)`."""
        # Sums over many positions differ in their last digits.
        return np.isclose(seen, tracked, rtol=1e-4, atol=1e-5)


def _counted(valid, mask):
    """Which positions count, bool `(B, ...)`; `None` for all."""
    if mask is None:
        return valid
    mask = ops.cast(mask, "bool")
    return mask if valid is None else ops.logical_and(valid, mask)


def _flat(values, kept_axes=1):
    shape = ops.shape(values)[:kept_axes]
    return ops.reshape(values, (*shape, -1))


def _mean(values, counted):
    values = _flat(values)
    if counted is None:
        return ops.mean(values, axis=-1)
    counted = _flat(counted)
    total = ops.sum(ops.where(counted, values, 0.0), axis=-1)
    number = ops.sum(ops.cast(counted, "float32"), axis=-1)
    # 0 / 0: a sample with no position that counts.
    return total / number


def _quantile(values, counted, quantile):
    values = _flat(values)
    if counted is None:
        counted = ops.ones_like(values, dtype="bool")
    counted = _flat(counted)
    ordered = ops.sort(ops.where(counted, values, float("inf")), axis=-1)
    number = ops.sum(ops.cast(counted, "int32"), axis=-1, keepdims=True)
    last = ops.cast(ops.maximum(number - 1, 0), "float32")
    at = ops.cast(ops.floor(quantile * last), "int32")
    found = ops.take_along_axis(ordered, at, axis=-1)[:, 0]
    return ops.where(number[:, 0] > 0, found, float("nan"))
