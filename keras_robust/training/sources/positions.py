"""Which samples a batch holds: by its place in the data, or by their ids."""

import numpy as np

from keras_robust.training.sources.layout import as_names
from keras_robust.training.sources.tracked import position_dtype


class InOrder:
    """Positions by the number of a batch and the place in it.

    Args:
        sizes: The samples of each batch, in order.
    """

    def __init__(self, sizes):
        self._starts = np.concatenate([[0], np.cumsum(sizes)]).astype("int64")
        self._dtype = position_dtype(self._starts[-1])

    def find(self, number, ids, size):
        """Returns the positions `(size,)` of batch `number`."""
        if number >= len(self._starts) - 1:
            raise ValueError(
                "The data yields more batches than when it was tracked, "
                f"{len(self._starts) - 1}. Received: batch {number}"
            )
        start, end = self._starts[number : number + 2]
        if size != end - start:
            raise ValueError(
                "The data yields a batch of another size than when it was "
                "tracked, so positions no longer name the same samples: give "
                "the same batches every time, or say which sample is which "
                f"with `id_key`. Received: batch {number} of {size} samples, "
                f"tracked with {end - start}"
            )
        return np.arange(start, end, dtype=self._dtype)


class ByKey:
    """Positions by the ids that batches carry.

    Args:
        ids: The ids of all samples, int64 or str, `(N,)`.
    """

    def __init__(self, ids):
        self._order = np.argsort(ids).astype(position_dtype(len(ids)))
        self._sorted = ids[self._order]

    def find(self, number, ids, size):
        """Returns the positions `(size,)` of samples named `ids`."""
        ids = as_names(ids)
        if ids.shape != (size,):
            raise ValueError(
                "There must be one id a sample. Received: "
                f"ids.shape={ids.shape}, {size} samples"
            )
        known = ids.dtype.kind == self._sorted.dtype.kind
        if not known:
            at = np.zeros(size, dtype="int64")
            found = np.zeros(size, dtype=bool)
        else:
            at = np.searchsorted(self._sorted, ids)
            at = np.minimum(at, len(self._sorted) - 1)
            found = self._sorted[at] == ids
        if not found.all():
            first = ids[np.argmin(found)].item()
            raise ValueError(
                "These samples are not among those that were tracked or "
                f"declared. Received: id {first!r} "
                f"({np.count_nonzero(~found)} such samples)"
            )
        return self._order[at]
