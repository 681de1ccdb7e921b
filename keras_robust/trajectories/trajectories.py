"""The recorded data: one value per signal, epoch and sample."""

import dataclasses
import os

import numpy as np

from keras_robust.trajectories import storage
from keras_robust.trajectories.blocks import Blocks
from keras_robust.trajectories.checks import as_counts
from keras_robust.trajectories.checks import as_epochs
from keras_robust.trajectories.checks import as_given_label
from keras_robust.trajectories.checks import as_ids
from keras_robust.trajectories.checks import as_num_classes
from keras_robust.trajectories.checks import as_signals
from keras_robust.trajectories.frames import Frames
from keras_robust.trajectories.joining import Joining
from keras_robust.trajectories.store import Store


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Trajectories(Joining, Frames, Blocks):
    """Per-sample signals over the epochs of one training run.

    Filled by the `LossTrajectory` callback and read by
    `detect.find_label_issues`; build one by hand for signals recorded
    elsewhere. N is the number of samples, E of recorded epochs.

    Args:
        ids: unique sample ids, integers or strings, shape `(N,)`.
        epochs: epoch numbers, strictly increasing integers, shape `(E,)`.
        signals: dict of name to values, shape `(E, N)` each, kept as
            float32; NaN where a sample was not seen in the epoch.
            `"cross_entropy"` is `-log p_given` (in nats), `"margin"` is
            `log p_given - max_{k != given} log p_k`, `"correct"` is 1 where
            the model predicts the given label, `"predicted"` is the
            predicted class number, `"confidence"` is `p_given`,
            `"entropy"` is that of the prediction (in nats), `"el2n"` is the
            L2 norm of `p - one_hot(given)`, `"loss"` is the compiled loss.
        given_label: the labels trained on, integers in
            [0, num_classes - 1], shape `(N,)`.
        num_classes: number of classes, at least 2.
        counts: how often each sample was seen in the epoch, integers in
            [0, 65535], shape `(E, N)`; None where this was not counted.

    Raises:
        ValueError: if an argument is not as described.

    Example:

    >>> import numpy as np
    >>> from keras_robust.trajectories import Trajectories
    >>> t = Trajectories(
    ...     ids=["a", "b", "c"],
    ...     epochs=[0, 1],
    ...     signals={"margin": [[2.0, -1.0, np.nan], [4.0, -3.0, 1.0]]},
    ...     given_label=[0, 1, 1],
    ...     num_classes=2,
    ... )
    >>> t
    Trajectories(3 samples, 2 epochs, 2 classes, signals: margin;
    coverage 66.7 % to 100.0 %)
    >>> t.mean("margin")
    array([ 3., -2.,  1.])
    """

    ids: np.ndarray
    epochs: np.ndarray
    signals: dict
    given_label: np.ndarray
    num_classes: int
    counts: np.ndarray | None = None

    def __post_init__(self):
        ids = as_ids(self.ids)
        epochs = as_epochs(self.epochs)
        shape = (epochs.size, ids.size)
        num_classes = as_num_classes(self.num_classes)
        checked = {
            "ids": ids,
            "epochs": epochs,
            "signals": as_signals(self.signals, shape),
            "given_label": as_given_label(
                self.given_label, ids.size, num_classes
            ),
            "num_classes": num_classes,
            "counts": as_counts(self.counts, shape),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    def __len__(self):
        return self.ids.size

    def __repr__(self):
        low, high = 100 * self.coverage.min(), 100 * self.coverage.max()
        coverage = f"{low:.1f} %"
        if f"{high:.1f}" != f"{low:.1f}":
            coverage += f" to {high:.1f} %"
        return (
            f"Trajectories({len(self)} samples, {self.num_epochs} epochs, "
            f"{self.num_classes} classes, signals: "
            f"{', '.join(self.signals)}; coverage {coverage})"
        )

    @property
    def num_epochs(self):
        """Number of recorded epochs, E."""
        return self.epochs.size

    @property
    def seen(self):
        """Which samples were seen at least once in the epoch, bool (E, N)."""
        if self.counts is not None:
            return self.counts > 0
        seen = np.zeros((self.num_epochs, len(self)), bool)
        for values in self.signals.values():
            seen |= ~np.isnan(values)
        return seen

    @property
    def coverage(self):
        """Share of the samples seen at least once, float64 (E,)."""
        return self.seen.mean(axis=1)

    def signal(self, name):
        """The values of one signal.

        Args:
            name: the name of a recorded signal.

        Returns:
            float32 array of shape `(E, N)`, NaN where not seen.

        Raises:
            ValueError: if the signal was not recorded; the message says
                which were, and how to record this one.
        """
        self.check_recorded(name)
        return self.signals[name]

    def last_seen(self, name):
        """The latest value of a signal for each sample.

        Args:
            name: the name of a recorded signal.

        Returns:
            float32 array of shape `(N,)`, NaN for a sample never seen.

        Raises:
            ValueError: if the signal was not recorded.
        """
        last = np.full(len(self), np.nan, np.float32)
        for values in self.signal(name):
            np.copyto(last, values, where=~np.isnan(values))
        return last

    def mean(self, name):
        """The mean of a signal over the epochs in which a sample was seen.

        Args:
            name: the name of a recorded signal.

        Returns:
            float64 array of shape `(N,)`, NaN for a sample never seen.

        Raises:
            ValueError: if the signal was not recorded.
        """
        total = np.zeros(len(self))
        seen = np.zeros(len(self), np.int64)
        # Epoch by epoch: no second (E, N) array for large data.
        with np.errstate(invalid="ignore"):
            for values in self.signal(name):
                present = ~np.isnan(values)
                np.add(total, values, out=total, where=present)
                seen += present
            return total / seen

    def save(self, path):
        """Writes everything to one npz file, without pickle.

        The file is written beside its target and then put in its place, so
        a crash never leaves half a file there.

        Args:
            path: the file to write, used exactly as given (no suffix is
                added). A file already there is replaced.

        Raises:
            OSError: if the file cannot be written.

        Example:

        >>> import os
        >>> import tempfile
        >>> from keras_robust.trajectories import Trajectories
        >>> t = Trajectories([7, 8], [0], {"margin": [[1, 2]]}, [0, 1], 2)
        >>> path = os.path.join(tempfile.mkdtemp(), "run.npz")
        >>> t.save(path)
        >>> Trajectories.load(path).ids
        array([7, 8])
        """
        storage.write(path, self)

    @classmethod
    def load(cls, path, epochs=None, ids=None):
        """Reads a file written by `save`, or the store of a run.

        A store is the folder that `LossTrajectory(store=...)` writes; it can
        be read while the run goes on, up to the last finished epoch.

        Args:
            path: the file or folder to read.
            epochs: which epochs, as in `select`; None for all. Of a store
                no others are read.
            ids: which samples, as in `select`; None for all. Of a store no
                others are kept in memory.

        Returns:
            `Trajectories` equal to the saved ones.

        Raises:
            FileNotFoundError: if there is no such file or folder.
            ImportError: if it is a store and zarr is not installed.
            ValueError: if it is damaged, was not written by this package or
                by a newer version of it, if a store has no finished epoch,
                or if an epoch or id is not there.
        """
        if os.path.isdir(path):
            return cls(**Store.open(path).read(epochs, ids))
        return storage.read(path, cls).select(epochs, ids)
