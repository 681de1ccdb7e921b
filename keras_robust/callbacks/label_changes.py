"""The labels in force, and every change of them, on the host."""

import numpy as np

from keras_robust.trajectories.selection import id_positions


class LabelChanges:
    """What `Relabel` has changed in one training.

    Args:
        ids, given: The names and the given labels of the samples, `(N,)`.

    Attributes:
        labels: int64 `(N,)`, those in force.
    """

    def __init__(self, ids, given):
        self._ids = ids
        self._given = given
        self._parts = []
        self.labels = given.copy()

    def set(self, epoch, labels, confidence):
        """Sets all labels from an epoch on; returns how many changed.

        Args:
            epoch: The epoch.
            labels: int64 `(N,)`.
            confidence: float64 `(N,)`, of those that are not the given ones.
        """
        at = np.flatnonzero(labels != self.labels)
        rows = np.zeros(at.size, self._dtype)
        rows["id"], rows["epoch"] = self._ids[at], epoch
        rows["from"], rows["to"] = self.labels[at], labels[at]
        given = labels[at] == self._given[at]
        rows["confidence"] = np.where(given, np.nan, confidence[at])
        self._parts.append(rows)
        self.labels = labels.copy()
        return at.size

    def take_back(self, epoch, positions):
        """Puts the given labels back, from an epoch on."""
        labels = self.labels.copy()
        labels[positions] = self._given[positions]
        return self.set(epoch, labels, np.full(labels.size, np.nan))

    @property
    def changed(self):
        """bool `(N,)`: where the label in force is not the given one."""
        return self.labels != self._given

    @property
    def table(self):
        """Every change, in their order, as a structured array."""
        return np.concatenate([np.zeros(0, self._dtype), *self._parts])

    @property
    def _dtype(self):
        return [
            ("id", self._ids.dtype),
            ("epoch", "int64"),
            ("from", "int64"),
            ("to", "int64"),
            ("confidence", "float64"),
        ]

    def positions(self, ids):
        """The positions of samples; `None`: of those that are changed."""
        if ids is None:
            return np.flatnonzero(self.changed)
        return id_positions(self._ids, ids)

    def ids_of(self, positions):
        """The names of samples at some positions."""
        return self._ids[positions]
