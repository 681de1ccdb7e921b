"""The folder of a store: how it is made, opened and told from others."""

import contextlib
import hashlib
import os
import shutil
import uuid

import numpy as np

from keras_robust.trajectories import arrays
from keras_robust.trajectories import commit
from keras_robust.trajectories.checks import as_given_label
from keras_robust.trajectories.checks import as_ids

FORMAT = "keras_robust.trajectories"
VERSION = 1

_IDS, _LABELS, _EPOCHS = "ids", "given_label", "epochs"
_COUNTS = "counts"


def fingerprint(ids, given_label):
    """SHA-256 over ids and labels in their order, as hexadecimal digits.

    Args:
        ids: Unique integers or strings, `(N,)`.
        given_label: Integer class numbers, `(N,)`.
    """
    digest = hashlib.sha256()
    for values in arrays.pack_ids(as_ids(ids)), np.asarray(given_label):
        wide = values.dtype if values.ndim == 2 else np.int64
        values = arrays.little_endian(values.astype(wide, copy=False))
        digest.update(f"{values.dtype.str} {values.shape} ".encode())
        digest.update(values)
    return digest.hexdigest()


def check_samples(ids, given_label):
    """Returns both in the one form in which they are kept.

    Raises:
        ValueError: If they are not ids, and labels from 0 on.
    """
    ids, labels = as_ids(ids), np.asarray(given_label)
    largest = labels.max() if labels.size and labels.dtype.kind in "iu" else 1
    # The number of classes is known when the first epoch ends.
    return ids, as_given_label(labels, ids.size, max(int(largest) + 1, 2))


def make(path, ids, given_label, signals):
    """Makes an empty store at `path`, whole or not at all.

    Raises:
        OSError: If it cannot be written.
    """
    zarr = arrays.import_zarr()
    beside = f"{path}.{uuid.uuid4().hex[:8]}.part"
    packed = arrays.pack_ids(ids)
    first = commit.Commit(
        fingerprint=fingerprint(ids, given_label),
        num_samples=ids.size,
        id_width=packed.shape[1] if packed.ndim == 2 else 0,
        signals=tuple(signals),
    )
    try:
        # Zarr itself would make missing parents too, as of a mistyped path.
        os.mkdir(beside)
        group = zarr.create_group(
            beside, attributes={"format": FORMAT, "version": VERSION}
        )
        arrays.write(group, _IDS, packed)
        arrays.write(group, _LABELS, given_label)
        commit.sync_files(beside)
        commit.write(beside, first)
        os.rename(beside, path)
        commit.sync_folder(os.path.dirname(path) or ".")
    except OSError as error:
        raise OSError(
            error.errno,
            "Cannot make the store; choose a path in an existing, writable "
            f"folder ({error.strerror or error})",
            path,
        ) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def check_format(path):
    """Checks that `path` is a store that this version can read.

    Raises:
        FileNotFoundError: If there is nothing.
        ValueError: If it is not.
    """
    if not os.path.exists(path):
        raise FileNotFoundError(2, "There is no store", path)
    if not os.path.exists(os.path.join(path, "zarr.json")):
        raise damaged(path, "zarr.json is missing")
    zarr = arrays.import_zarr()
    try:
        attributes = zarr.open_group(path, mode="r", zarr_format=3).attrs
        found, version = attributes.get("format"), attributes.get("version")
    except PermissionError:
        raise
    # Whatever the reader says of a damaged file.
    except Exception as error:
        raise damaged(path, "zarr.json is damaged") from error
    if found != FORMAT:
        raise damaged(path, "its format marker is missing")
    if type(version) is not int or version < 1:
        raise damaged(path, "its version is missing")
    if version > VERSION:
        raise ValueError(
            "The store was written by a newer version of keras_robust; "
            "upgrade by `pip install -U keras-robust`. Received: "
            f"path={path!r}, version={version}, known up to {VERSION}"
        )


def read_commit(path):
    """Returns the `Commit` of the store.

    Raises:
        ValueError: If it is missing or damaged.
    """
    try:
        return commit.read(path)
    except ValueError as error:
        raise damaged(path, str(error)) from error


def finished(path):
    """Returns the `Commit` of a store that has a finished epoch.

    Raises:
        ValueError: If it has none, or is damaged.
    """
    kept = read_commit(path)
    if not kept.epochs:
        raise ValueError(
            "The store holds no finished epoch: the run ended, or is, in "
            f"its first one. Received: path={path!r}"
        )
    return kept


def read_samples(path, kept):
    """Returns `(ids, given_label)` of a store with the `Commit` `kept`.

    Raises:
        ValueError: If they are damaged.
    """
    shape = (kept.num_samples,)
    packed = (*shape, kept.id_width) if kept.id_width else shape
    try:
        ids, _ = arrays.read(
            path, _IDS, packed, np.uint8 if kept.id_width else np.int64
        )
        given_label, _ = arrays.read(path, _LABELS, shape, np.int64)
    except ValueError as error:
        raise damaged(path, str(error)) from error
    reason = "its ids and labels are not those it began with"
    try:
        ids = arrays.unpack_ids(ids)
        found = fingerprint(ids, given_label)
    # They may have become bytes that are no UTF-8, or repeated ids.
    except ValueError as error:
        raise damaged(path, reason) from error
    if found != kept.fingerprint:
        raise damaged(path, reason)
    return ids, given_label


def write_epoch(path, epoch, values, counts):
    """Writes the arrays of an epoch; returns their checksums.

    What an append that was cut off left behind is removed first.
    """
    zarr = arrays.import_zarr()
    remove_epoch(path, epoch)
    group = zarr.open_group(path, mode="r+")
    written = {_signal(name): row for name, row in values.items()}
    written[_COUNTS] = counts
    checksums = {
        name: arrays.write(group, f"{_epoch(epoch)}/{name}", array)
        for name, array in written.items()
    }
    commit.sync_files(os.path.join(path, *_epoch(epoch).split("/")))
    commit.sync_folder(os.path.join(path, _EPOCHS))
    return checksums


def read_epoch(path, epoch, kept):
    """Returns `(values by name, counts)` of an epoch of N samples each.

    Raises:
        ValueError: If one is missing or damaged.
    """
    expected = {_signal(name): np.float32 for name in kept.signals}
    expected[_COUNTS] = np.uint16
    found = []
    for name, dtype in expected.items():
        where = f"{_epoch(epoch)}/{name}"
        try:
            array, checksum = arrays.read(
                path, where, (kept.num_samples,), dtype
            )
        except ValueError as error:
            raise damaged(path, str(error), epoch) from error
        if checksum != kept.epochs[epoch].get(name):
            reason = f"{where} is not what was written"
            raise damaged(path, reason, epoch)
        found.append(array)
    return dict(zip(kept.signals, found, strict=False)), found[-1]


def read_slices(path, epochs, names, kept):
    """Yields some signals of some epochs, a block of samples at a time.

    Args:
        path: The folder.
        epochs: Their numbers.
        names: The names of the signals.
        kept: The `Commit` of the store.

    Yields:
        The position of the first sample, and float32 `(E, B)` by name.

    Raises:
        ValueError: If an array is missing or damaged. Those that are not
            what was written are told at the end.
    """
    checksums = dict.fromkeys(((e, n) for e in epochs for n in names), 0)
    rows = {}
    for epoch, name in checksums:
        where = f"{_epoch(epoch)}/{_signal(name)}"
        with _told(path, epoch):
            rows[epoch, name] = arrays.open_rows(
                path, where, (kept.num_samples,), np.float32
            )
    for start in range(0, kept.num_samples, arrays.BLOCK):
        stop = min(start + arrays.BLOCK, kept.num_samples)
        shape = (len(epochs), stop - start)
        signals = {name: np.empty(shape, np.float32) for name in names}
        for name, values in signals.items():
            for row, epoch in enumerate(epochs):
                with _told(path, epoch):
                    values[row], checksums[epoch, name] = arrays.read_rows(
                        rows[epoch, name], start, stop, checksums[epoch, name]
                    )
        yield start, signals
    for (epoch, name), found in checksums.items():
        if found != kept.epochs[epoch].get(_signal(name)):
            where = f"{_epoch(epoch)}/{_signal(name)}"
            reason = f"{where} is not what was written"
            raise damaged(path, reason, epoch)


@contextlib.contextmanager
def _told(path, epoch):
    """Says of which store and epoch an array is damaged."""
    try:
        yield
    except ValueError as error:
        raise damaged(path, str(error), epoch) from error


def remove_epoch(path, epoch):
    """Removes the arrays of an epoch, if there are any."""
    folder = os.path.join(path, *_epoch(epoch).split("/"))
    if os.path.exists(folder):
        shutil.rmtree(folder)


def damaged(path, reason, epoch=None):
    """The error for a store that cannot be read."""
    cure = ""
    if epoch is not None:
        cure = (
            " The other epochs can be read by `Trajectories.load(path, "
            "epochs=...)`."
        )
    return ValueError(
        "Cannot read trajectories: the store is damaged or was not written "
        f"by keras_robust, as {reason}.{cure} Received: path={path!r}"
    )


def _epoch(epoch):
    return f"{_EPOCHS}/{epoch:06d}"


def _signal(name):
    # In a folder of their own, so that one may be called "counts".
    return f"signals/{name}"
