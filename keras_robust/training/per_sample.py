"""Recording models with one label a sample.

The step keeps a few numbers, and the signals are worked out from them on the
host, once an epoch: uncompiled PyTorch pays for every operation, and twenty
more of them are a tenth of a small network's step.
"""

import numpy as np

from keras_robust.losses.labelled import Labelled
from keras_robust.training import native
from keras_robust.training import signals
from keras_robust.training.epoch import Epoch


class PerSample:
    """Rows of what a step keeps, one a sample.

    Args:
        names: Names of `signals.SIGNALS`.
        from_logits: Whether the model gives logits.
        axis: The class axis of its outputs.

    Attributes:
        width: Numbers a row.
        may_wait: Whether rows of several batches can be made at once.
    """

    may_wait = True

    def __init__(self, names, from_logits, axis):
        self._names = list(names)
        self._fields = signals.columns(names)
        self._from_logits = from_logits
        self._axis = axis
        self.width = len(self._fields)

    def rows(self, y_true, y_pred, losses=None, mask=None):
        """Returns the float32 rows `(B, width)` of a batch.

        Args:
            y_true, y_pred: As a loss takes them, without gradient.
            losses: The compiled loss `(B,)`, where the signals need it.
            mask: Not used; as of `PerPosition`.
        """
        labelled = Labelled(y_true, y_pred, self._from_logits, self._axis, None)
        found = signals.measure(labelled, self._fields, losses)
        if len(found["log_p"].shape) != 2:
            raise ValueError(
                "Labels of shape (N,), (N, 1) or (N, K) were tracked, one a "
                "sample, but the model makes several predictions a sample. "
                f"Received: y_pred.shape={tuple(y_pred.shape)}"
            )
        return native.join_columns(
            [found[field] for field in self._fields if field in found]
        )

    def read(self, rows):
        """Returns the `Epoch` that rows `(N, width)` are of."""
        columns = np.ascontiguousarray(rows.T)
        kept = signals.Kept(**dict(zip(self._fields, columns, strict=True)))
        if not self._from_logits:
            kept = signals.logarithms(kept, np)
        shape = (len(self._names), len(rows))
        values = np.empty(shape, dtype="float32")
        for row, name in zip(values, self._names, strict=True):
            row[:] = signals.SIGNALS[name](kept, np)
        # A model that has diverged predicts nothing, not class 0.
        values[:, np.isnan(kept.log_p) | np.isnan(kept.best)] = np.nan
        return Epoch(kept.label, values, kept.total, np.exp(kept.best))

    @staticmethod
    def same(seen, tracked):
        """Whether labels are those that were tracked, bool `(N,)`."""
        return seen == tracked
