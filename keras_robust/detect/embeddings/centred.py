"""Embeddings around their mean, a block of rows at a time."""

import numpy as np

from keras_robust.noise.blocks import row_blocks
from keras_robust.noise.embeddings import directions

# Of numbers of about 1, what less than this is left is rounding.
_ROUNDING = 1e-12


class Centred:
    """Rows of embeddings without their mean, the largest number about 1.

    Args:
        embeddings: `(N, D)`, finite.
    """

    def __init__(self, embeddings):
        self.embeddings = embeddings
        unit = max(
            _largest(embeddings[rows]) for rows in row_blocks(*embeddings.shape)
        )
        self._unit = unit if unit else 1.0
        total = sum(
            (np.asarray(embeddings[rows], np.float64) / self._unit).sum(axis=0)
            for rows in row_blocks(*embeddings.shape)
        )
        self._mean = total / len(embeddings)

    def rows(self, positions):
        """The rows at `positions`, a slice or an array, in float64."""
        rows = np.asarray(self.embeddings[positions], np.float64)
        rows = rows / self._unit - self._mean
        rows[np.abs(rows).max(axis=1, initial=0.0) < _ROUNDING] = 0.0
        return rows

    def directions(self, positions):
        """As `rows`, each of length 1, or 0 where it is the mean itself."""
        rows = self.rows(positions)
        return directions(rows) if len(rows) else rows


def sums_by_class(rows, classes, num_classes):
    """The sum of the rows of each class, `(K, D)`.

    Args:
        rows: `(B, D)`.
        classes: int64 `(B,)`.
        num_classes: `K`.
    """
    sums = np.zeros((num_classes, rows.shape[1]))
    if len(rows):
        order = np.argsort(classes, kind="stable")
        here, first = np.unique(classes[order], return_index=True)
        sums[here] = np.add.reduceat(rows[order], first, axis=0)
    return sums


def _largest(values):
    # In float64, because the smallest integer has no absolute value.
    return float(np.abs(np.asarray(values, np.float64)).max())
