"""Trajectories as one npz file: written whole or not at all, no pickle."""

import os
import struct
import tokenize
import zipfile
import zlib

import numpy as np

from keras_robust.trajectories.replacing import replacing

FORMAT = "keras_robust.trajectories"
VERSION = 1

_FIELDS = ("ids", "epochs", "given_label", "num_classes")
_SIGNAL = "signal."

# What NumPy and zipfile raise on files that are not what they should be;
# RuntimeError and NotImplementedError stand for odd zip flags, MemoryError
# for a damaged header that asks for a huge array.
_DAMAGED = (
    EOFError,
    KeyError,
    MemoryError,
    OSError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)


def write(path, trajectories):
    """Writes `trajectories` to `path`; see `Trajectories.save`."""
    path = os.fspath(path)
    arrays = {name: getattr(trajectories, name) for name in _FIELDS}
    for name, values in trajectories.signals.items():
        arrays[_SIGNAL + name] = values
    if trajectories.counts is not None:
        arrays["counts"] = trajectories.counts
    # A damaged zip directory can lose entries without any other sign.
    arrays["contents"] = np.array(sorted(arrays))
    with replacing(path, "trajectories") as beside:
        # A file object keeps NumPy from adding a suffix to the name.
        with open(beside, "xb") as file:
            np.savez(file, format=FORMAT, version=VERSION, **arrays)


def read(path, build):
    """Reads `path` and calls `build(**fields)`; see `Trajectories.load`."""
    path = os.fspath(path)
    # Opened here, so that a missing or forbidden file raises its own error.
    with open(path, "rb") as file:
        try:
            with np.load(file, allow_pickle=False) as archive:
                arrays = {name: archive[name] for name in archive.files}
        except _DAMAGED as error:
            raise _not_ours(path, "it is no complete npz file") from error
    if str(arrays.pop("format", "")) != FORMAT:
        raise _not_ours(path, "its format marker is missing")
    version = arrays.pop("version", np.array(0))
    if version.shape != () or version.dtype.kind not in "iu" or version < 1:
        raise _not_ours(path, "its version is missing")
    if version > VERSION:
        raise ValueError(
            "The trajectories were written by a newer version of "
            "keras_robust; upgrade by `pip install -U keras-robust`. "
            f"Received: path={path!r}, version={version}, known up to "
            f"{VERSION}"
        )
    contents = arrays.pop("contents", np.array(_FIELDS))
    expected = {*_FIELDS, *contents.reshape(-1).astype(str).tolist()}
    missing = sorted(expected - arrays.keys())
    if missing:
        raise _not_ours(path, f"it lacks {', '.join(missing)}")
    unknown = sorted(arrays.keys() - expected)
    if unknown:
        raise _not_ours(path, f"it has unknown parts: {', '.join(unknown)}")
    fields = {name: arrays.pop(name) for name in _FIELDS}
    fields["counts"] = arrays.pop("counts", None)
    fields["signals"] = {
        name.removeprefix(_SIGNAL): arrays.pop(name)
        for name in list(arrays)
        if name.startswith(_SIGNAL)
    }
    if fields["num_classes"].shape == ():
        fields["num_classes"] = fields["num_classes"][()]
    try:
        return build(**fields)
    except ValueError as error:
        raise _not_ours(path, f"its contents do not fit: {error}") from error


def _not_ours(path, reason):
    return ValueError(
        "Cannot read trajectories: the file is damaged or was not written "
        f"by `Trajectories.save`, as {reason}. Received: path={path!r}"
    )
