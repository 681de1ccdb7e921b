"""Trajectories on disk, written epoch by epoch while the run goes on.

A store is a zarr v3 group, readable by any zarr:

    run.zarr/
      zarr.json                     the format and its version
      committed.json                the epochs that count; see `commit`
      ids  given_label              (N,), string ids as UTF-8 (N, width)
      epochs/000012/signals/margin  (N,) float32, one a signal
      epochs/000012/counts          (N,) uint16

An epoch is a group of its own, rather than a row of one `(E, N)` array:
nothing is resized, so no file of a finished epoch is ever written again, and
it does not matter at which moment a run is killed, nor whether zarr replaces
its files in one step. An epoch counts once `committed.json` lists it, which
is replaced in one step after all else is on the disk. It keeps a checksum of
every array, as zarr reads a missing chunk as fill values without a word.
A store has one writer at a time.
"""

import dataclasses
import numbers
import os

import numpy as np

from keras_robust.trajectories import commit
from keras_robust.trajectories import layout
from keras_robust.trajectories.checks import as_counts
from keras_robust.trajectories.checks import as_given_label
from keras_robust.trajectories.checks import as_num_classes
from keras_robust.trajectories.checks import as_signals
from keras_robust.trajectories.selection import epoch_positions
from keras_robust.trajectories.selection import id_positions


class Store:
    """A run on disk, of which a crash loses the epoch under way at most.

    Made by `create`, `resume` and `open`. N is the number of samples, M of
    signals.

    Attributes:
        path: The folder.
        ids: The ids, `(N,)`.
        given_label: The labels, `(N,)`.
        signals: The names of the signals, in the order of `append`.
    """

    def __init__(self, path, ids, given_label, signals):
        self.path = path
        self.ids = ids
        self.given_label = given_label
        self.signals = list(signals)

    @classmethod
    def create(cls, path, ids, given_label, signals):
        """Makes a new store.

        Args:
            path: The folder to make; nothing may be there yet.
            ids: Unique integers or strings, `(N,)`.
            given_label: Integer class numbers, `(N,)`.
            signals: The names of the signals, at least one.

        Raises:
            ImportError: If zarr is missing.
            OSError: If the folder cannot be written.
            ValueError: If `path` exists, or an argument is not as described.
        """
        path = os.fspath(path)
        ids, given_label = layout.check_samples(ids, given_label)
        signals = _check_names(signals)
        if os.path.lexists(path):
            raise ValueError(
                "There is something at the path of the store already: go on "
                "with that run by `resume=True`, or choose another path. "
                f"Received: path={path!r}"
            )
        layout.make(path, ids, given_label, signals)
        return cls(path, ids, given_label, signals)

    @classmethod
    def resume(cls, path, ids, given_label, signals):
        """Opens the store of the same samples, or makes it.

        Args:
            path, ids, given_label, signals: As of `create`; the order of
                the signals may be another one.

        Raises:
            ImportError: If zarr is missing.
            OSError: If the folder cannot be written.
            ValueError: If the store is of other samples, labels or signals,
                or damaged.
        """
        path = os.fspath(path)
        if not os.path.lexists(path):
            return cls.create(path, ids, given_label, signals)
        ids, given_label = layout.check_samples(ids, given_label)
        signals = _check_names(signals)
        kept = cls.open(path)
        difference = _difference(kept, ids, given_label, signals)
        if difference:
            raise ValueError(
                "The store is of another run: resume with what that run was "
                f"started with, or choose another path. {difference}. "
                f"Received: path={path!r}"
            )
        return cls(path, ids, given_label, signals)

    @classmethod
    def open(cls, path):
        """Opens a store as it is.

        Raises:
            FileNotFoundError: If there is none.
            ImportError: If zarr is missing.
            ValueError: If it is damaged or no store.
        """
        path = os.fspath(path)
        layout.check_format(path)
        kept = layout.read_commit(path)
        ids, given_label = layout.read_samples(path, kept)
        return cls(path, ids, given_label, kept.signals)

    @property
    def epochs(self):
        """The numbers of the finished epochs, increasing."""
        return sorted(layout.read_commit(self.path).epochs)

    def append(self, epoch, num_classes, values, counts):
        """Writes an epoch; it is on the disk when this returns.

        Args:
            epoch: Its number, above those there are.
            num_classes: The number of classes, in all epochs the same.
            values: The signals, float32 `(M, N)`.
            counts: How often each sample was seen, `(N,)`, up to 65535.

        Raises:
            OSError: If it cannot be written, as on a full disk; the epochs
                before it stay readable.
            ValueError: If an argument is not as described.
        """
        # What the disk says counts: an interrupt may have come between.
        kept = layout.read_commit(self.path)
        epoch = _check_epoch(epoch, kept.epochs)
        num_classes = self._check_classes(num_classes, kept.num_classes)
        rows, counts = self._check_values(values, counts)
        try:
            checksums = layout.write_epoch(self.path, epoch, rows, counts)
            finished = {**kept.epochs, epoch: checksums}
            commit.write(
                self.path,
                dataclasses.replace(
                    kept, num_classes=num_classes, epochs=finished
                ),
            )
        except OSError as error:
            left = "no epoch was finished"
            if kept.epochs:
                left = f"the epochs up to {max(kept.epochs)} stay readable"
            raise OSError(
                error.errno,
                f"Cannot write epoch {epoch} to the store; {left} "
                f"({error.strerror or error})",
                self.path,
            ) from error

    def forget_from(self, epoch):
        """Takes the epochs from number `epoch` on out of the store.

        For a run that goes on from a checkpoint older than the store.

        Raises:
            OSError: If the store cannot be written.
        """
        kept = layout.read_commit(self.path)
        left = {k: v for k, v in kept.epochs.items() if k < epoch}
        if len(left) == len(kept.epochs):
            return
        commit.write(self.path, dataclasses.replace(kept, epochs=left))
        for number in kept.epochs.keys() - left.keys():
            layout.remove_epoch(self.path, number)

    def read(self, epochs=None, ids=None):
        """Returns the fields of `Trajectories`, as a dict.

        Args:
            epochs, ids: Which ones, as of `Trajectories.select`; only these
                are kept in memory.

        Raises:
            ValueError: If what is asked for is not there or damaged, or no
                epoch was finished.
        """
        kept = layout.finished(self.path)
        chosen = np.array(sorted(kept.epochs), np.int64)
        chosen = chosen[epoch_positions(chosen, epochs)]
        # No copy of all samples where all are wanted.
        at = slice(None) if ids is None else id_positions(self.ids, ids)
        shape = (chosen.size, self.ids[at].size)
        signals = {name: np.empty(shape, np.float32) for name in kept.signals}
        counts = np.empty(shape, np.uint16)
        for row, epoch in enumerate(chosen.tolist()):
            values, seen = layout.read_epoch(self.path, epoch, kept)
            for name, found in values.items():
                signals[name][row] = found[at]
            counts[row] = seen[at]
        return {
            "ids": self.ids[at],
            "epochs": chosen,
            "signals": signals,
            "given_label": self.given_label[at],
            "num_classes": kept.num_classes,
            "counts": counts,
        }

    def _check_classes(self, num_classes, kept):
        num_classes = as_num_classes(num_classes)
        if kept not in (None, num_classes):
            raise ValueError(
                f"The epochs of the store are of {kept} classes: resume with "
                "the same model, or record into another store. "
                f"Received: num_classes={num_classes}"
            )
        as_given_label(self.given_label, self.ids.size, num_classes)
        return num_classes

    def _check_values(self, values, counts):
        values, counts = np.asarray(values), np.asarray(counts)
        shape = self.ids.shape
        expected = ((len(self.signals), *shape), shape)
        if (values.shape, counts.shape) != expected:
            raise ValueError(
                "`values` must have shape (signals, samples) = "
                f"{expected[0]} and `counts` {expected[1]}. Received: "
                f"shapes {values.shape} and {counts.shape}"
            )
        rows = as_signals(dict(zip(self.signals, values, strict=True)), shape)
        return rows, as_counts(counts, shape)


def _check_names(signals):
    names = list(signals)
    if not names or len(set(names)) != len(names):
        raise ValueError(
            "`signals` must be names that differ, at least one. "
            f"Received: signals={names}"
        )
    as_signals(dict.fromkeys(names, np.zeros(1)), (1,))
    return names


def _check_epoch(epoch, finished):
    if (
        not isinstance(epoch, numbers.Integral)
        or isinstance(epoch, bool)
        or epoch < 0
    ):
        raise ValueError(
            f"`epoch` must be an integer of at least 0. Received: {epoch=}"
        )
    if finished and epoch <= max(finished):
        raise ValueError(
            f"The store has epochs up to {max(finished)}: go on with the "
            "next one, or take the later ones out by "
            f"`store.forget_from({epoch})`. Received: {epoch=}"
        )
    return int(epoch)


def _difference(kept, ids, given_label, signals):
    """What tells the data from that of a store, `None` if nothing."""
    if kept.ids.size != ids.size:
        return f"It has {kept.ids.size} samples, this data {ids.size}"
    for name, old, new in (
        ("ids", kept.ids, ids),
        ("given_label", kept.given_label, given_label),
    ):
        same_kind = old.dtype.kind == new.dtype.kind
        differs = old != new if same_kind else np.ones(ids.size, bool)
        if differs.any():
            first = int(np.argmax(differs))
            return (
                f"Its {name}[{first}] is {old[first].item()!r}, that of this "
                f"data {new[first].item()!r}"
            )
    if set(kept.signals) != set(signals):
        return f"Its signals are {kept.signals}, those of this run {signals}"
    return None
