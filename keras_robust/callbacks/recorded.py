"""Where a tracker keeps the epochs it has recorded: in memory or on disk."""

import os
import warnings

import numpy as np

from keras_robust.trajectories import Trajectories
from keras_robust.trajectories.store import Store


class Recorded:
    """The epochs that a tracker has recorded.

    Attributes:
        epochs: Their numbers, increasing.
    """

    def last(self, signal, count, ago=0):
        """Returns `(E, N)`: the last epochs of a signal, in their order.

        Args:
            signal: Its name.
            count: How many epochs, at least 1; fewer if there are fewer.
            ago: How many epochs to leave out at the end.

        Returns:
            float32 `(E, N)`, NaN where a sample was not seen.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must define `last(signal, count, ago)`."
        )

    def last_values(self, signal, ago=0):
        """Returns `(N,)`: a signal when each sample was seen last.

        Args:
            signal, ago: As of `last`.

        Returns:
            float32 `(N,)`, NaN where a sample was never seen.
        """
        [found] = self.last(signal, 1, ago)
        for before in range(ago + 1, len(self.epochs)):
            unseen = np.isnan(found)
            if not unseen.any():
                break
            [earlier] = self.last(signal, 1, before)
            found = np.where(unseen, earlier, found)
        return found


class InMemory(Recorded):
    """Epochs in memory.

    Args:
        tracked: What is known of the samples.
        names: The names of the signals.
    """

    def __init__(self, tracked, names):
        self._tracked, self._names = tracked, names
        self._values, self._counts = [], []
        self._num_classes = None
        self.epochs = []

    def start(self, epoch):
        """Begins a training; returns the number of its first epoch."""
        return max(epoch, self.epochs[-1] + 1) if self.epochs else epoch

    def append(self, epoch, num_classes, values, counts):
        """Keeps `values (M, N)` and `counts (N,)` of an epoch."""
        self.epochs.append(epoch)
        self._values.append(values)
        self._counts.append(counts)
        self._num_classes = num_classes

    def last(self, signal, count, ago=0):
        column = self._names.index(signal)
        end = len(self.epochs) - ago
        epochs = self._values[max(end - count, 0) : end]
        return np.stack([values[column] for values in epochs])

    def read(self):
        """Returns all epochs, as `Trajectories`."""
        values = np.stack(self._values)
        by_name = {
            name: np.ascontiguousarray(values[:, column])
            for column, name in enumerate(self._names)
        }
        return Trajectories(
            ids=self._tracked.ids,
            epochs=np.array(self.epochs, dtype="int64"),
            signals=by_name,
            given_label=self._tracked.given_label,
            num_classes=self._num_classes,
            counts=np.stack(self._counts),
        )


def finished_epochs(path):
    """The numbers of the epochs that a store has, none if there is none."""
    return Store.open(path).epochs if os.path.exists(path) else ()


class OnDisk(Recorded):
    """Epochs in a zarr store, written as each ends.

    Args:
        path: The folder.
        resume: Whether to go on with what is there.
        tracked, names: As of `InMemory`.
    """

    def __init__(self, path, resume, tracked, names):
        # The process may change its folder while it trains.
        self.path = os.path.abspath(os.fspath(path))
        self._resumed = resume
        begin = Store.resume if resume else Store.create
        self._store = begin(
            self.path, tracked.ids, tracked.given_label, list(names)
        )

    @property
    def epochs(self):
        return self._store.epochs

    def start(self, epoch):
        """Begins a training; returns the number of its first epoch."""
        done = self.epochs
        # Only the first training goes on with another process's.
        resumed, self._resumed = self._resumed, False
        if not done or epoch > done[-1]:
            return epoch
        if not resumed:
            return done[-1] + 1
        if epoch == 0 and len(done) > 1:
            raise ValueError(
                f"The store has epochs up to {done[-1]}, but this training "
                f"begins at 0: give `fit` initial_epoch={done[-1] + 1} and "
                "the weights of then, or record into another store. "
                f"Received: store={self.path!r}"
            )
        # A checkpoint older than the store, as after a kill between the two.
        warnings.warn(
            f"This training begins at epoch {epoch}, so what the store has "
            f"of epochs {epoch} to {done[-1]} is recorded again.",
            stacklevel=3,
        )
        self._store.forget_from(epoch)
        return epoch

    def append(self, epoch, num_classes, values, counts):
        """Keeps `values (M, N)` and `counts (N,)` of an epoch."""
        self._store.append(epoch, num_classes, values, counts)

    def last(self, signal, count, ago=0):
        end = len(self.epochs) - ago
        epochs = self.epochs[max(end - count, 0) : end]
        return self._store.read(epochs=epochs)["signals"][signal]

    def read(self):
        """Returns all epochs, as `Trajectories`."""
        return Trajectories.load(self.path)
