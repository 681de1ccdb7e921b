"""Rows of numbers over classes inside the step: all of them, or the largest.

Both know `read(index)`, which gives float32 `(B, K)`, and `write(index, rows)`.
"""

import numpy as np
from keras import ops

from keras_robust.training import native

BYTES = {"float32": 4, "float16": 2}
_CLASS = "int32"


def bytes_of(count, classes, dtype, top_k):
    """How many bytes the rows of `count` samples take."""
    if top_k is None:
        return count * classes * BYTES[dtype]
    return count * top_k * (BYTES[dtype] + 4)


def rows(carrier, count, classes, dtype, top_k):
    """Returns new rows of zeros."""
    if top_k is None:
        return AllClasses(carrier, count, classes, dtype)
    return Largest(carrier, count, classes, dtype, top_k)


class AllClasses:
    """Rows as they are.

    Attributes:
        kept: The variables, by name.
    """

    def __init__(self, carrier, count, classes, dtype):
        self._rows = carrier.add("targets", (count, classes), dtype)
        self.kept = {"targets": self._rows}

    def read(self, index):
        return ops.cast(native.rows(self._rows, index), "float32")

    def write(self, index, rows):
        native.set_rows(self._rows, index, ops.cast(rows, self._rows.dtype))

    @staticmethod
    def dense(kept):
        """The rows `(N, K)` of what was kept, copied to the host."""
        return kept["targets"]


class Largest:
    """The `top_k` largest numbers of every row, and of which classes they are.

    The others are dropped at `write`, and read as 0 from then on.

    Attributes:
        kept: The variables, by name.
    """

    def __init__(self, carrier, count, classes, dtype, top_k):
        shape = count, top_k
        self._values = carrier.add("targets", shape, dtype)
        self._columns = carrier.add("target_classes", shape, _CLASS)
        self._classes, self._top_k = classes, top_k
        self.kept = {"values": self._values, "classes": self._columns}

    def read(self, index):
        values = ops.cast(native.rows(self._values, index), "float32")
        columns = native.rows(self._columns, index)
        count = ops.shape(values)[0]
        # A row not written yet names class 0 several times, with zeros, which
        # add up.
        row = ops.expand_dims(ops.arange(count, dtype=_CLASS), 1)
        row = ops.broadcast_to(row, ops.shape(columns))
        at = ops.reshape(ops.stack([row, columns], axis=-1), (-1, 2))
        values = ops.reshape(values, (-1,))
        return ops.scatter(at, values, (count, self._classes))

    def write(self, index, rows):
        values, columns = ops.top_k(rows, self._top_k)
        native.set_rows(
            self._values, index, ops.cast(values, self._values.dtype)
        )
        native.set_rows(self._columns, index, ops.cast(columns, _CLASS))

    def dense(self, kept):
        values = kept["values"]
        rows = np.zeros((len(values), self._classes), values.dtype)
        np.put_along_axis(rows, kept["classes"], values, axis=1)
        return rows
