"""Trajectories that stay in their store, read a block of samples at a time."""

import numpy as np

from keras_robust.trajectories import layout
from keras_robust.trajectories.blocks import Blocks
from keras_robust.trajectories.blocks import part_by_part
from keras_robust.trajectories.blocks import unchecked
from keras_robust.trajectories.store import Store
from keras_robust.trajectories.trajectories import Trajectories


class TrajectoriesOnDisk(Blocks):
    """The finished epochs of a store, for what is larger than memory.

    Takes the memory of ids and labels, and while `blocks` runs 1 MiB for
    each epoch and signal that is asked for.

    Args:
        path: The folder of the store, which `LossTrajectory(store=...)`
            writes. What the run adds later is not seen.

    Attributes:
        ids, given_label: Of the samples, `(N,)`.
        epochs: The finished epochs, `(E,)`.
        signals: The names of the recorded signals.
        num_classes: The number of classes.

    Raises:
        FileNotFoundError: If there is no such folder.
        ImportError: If zarr is not installed.
        ValueError: If it is no store, damaged, or has no finished epoch.

    Example:

    >>> import os
    >>> import tempfile
    >>> import numpy as np
    >>> from keras_robust.trajectories.on_disk import TrajectoriesOnDisk
    >>> from keras_robust.trajectories.store import Store
    >>> path = os.path.join(tempfile.mkdtemp(), "run.zarr")
    >>> store = Store.create(path, [7, 8], [0, 1], ["margin"])
    >>> store.append(0, 2, np.ones((1, 2), "float32"), [1, 1])
    >>> for start, part in TrajectoriesOnDisk(path).blocks(["margin"]):
    ...     print(start, part.signal("margin"))
    0 [[1. 1.]]
    """

    def __init__(self, path):
        self._store = Store.open(path)
        self._kept = layout.finished(self._store.path)
        self.ids = self._store.ids
        self.given_label = self._store.given_label
        self.epochs = np.array(sorted(self._kept.epochs), np.int64)
        self.signals = tuple(self._kept.signals)
        self.num_classes = self._kept.num_classes

    def __len__(self):
        return self.ids.size

    @property
    def num_epochs(self):
        """Number of finished epochs, E."""
        return self.epochs.size

    def blocks(self, names):
        """As of `Trajectories.blocks`.

        Raises:
            ValueError: If a signal was not recorded, or is damaged; that is
                known when the last block has been read.
        """
        names = list(names)
        for name in names:
            self.check_recorded(name)
        return self._blocks(names)

    def load(self, names):
        """Returns `Trajectories` with these signals, all in memory."""
        signals = {
            n: np.empty((self.num_epochs, len(self)), "f4") for n in names
        }
        for start, part in self.blocks(names):
            for name, values in part.signals.items():
                signals[name][:, start : start + len(part)] = values
        return self._part(slice(None), signals)

    def _blocks(self, names):
        for start, signals in layout.read_slices(
            self._store.path, self.epochs.tolist(), names, self._kept
        ):
            shape = signals[names[0]].shape if names else (0, 0)
            at = slice(start, start + shape[1])
            yield from part_by_part(self._part(at, signals), names, start)

    def _part(self, at, signals):
        return unchecked(
            Trajectories,
            ids=self.ids[at],
            epochs=self.epochs,
            signals=signals,
            given_label=self.given_label[at],
            num_classes=self.num_classes,
            counts=None,
        )
