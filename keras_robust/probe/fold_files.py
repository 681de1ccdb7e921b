"""Probabilities of the folds that are done, in a folder."""

import hashlib
import json
import os
import zipfile

import keras
import numpy as np

from keras_robust.trajectories.replacing import replacing

_FORMAT = "keras_robust.fold"
_VERSION = 1
_DAMAGED = (EOFError, KeyError, OSError, ValueError, zipfile.BadZipFile)
# Rows at a time: arrays may be on disk.
_ROWS = 4096


class FoldFiles:
    """One npz file a fold, without pickle, each written whole or not at all.

    Args:
        folder: Where they are; it is made if it is not there.
        about: What they are of, a dict of strings by name. Files of other
            data or options are refused.
    """

    def __init__(self, folder, about):
        # The process may change its folder while it trains.
        self._folder = os.path.abspath(os.fspath(folder))
        self._about = about
        self._network = None
        os.makedirs(self._folder, exist_ok=True)

    def read(self, fold, count):
        """Returns the probabilities `(count, K)`, `None` if not done yet.

        Raises:
            ValueError: If the file is damaged, or of other data or options.
        """
        path = self._path(fold)
        if not os.path.lexists(path):
            return None
        try:
            with open(path, "rb") as file, np.load(file) as archive:
                ours = str(archive["format"]) == _FORMAT
                version = int(archive["version"])
                about = json.loads(str(archive["about"]))
                network = str(archive["network"])
                pred_probs = archive["pred_probs"]
        except _DAMAGED as error:
            raise _wrong(
                "The file is damaged, or none of ours", path
            ) from error
        if not ours or version != _VERSION or not isinstance(about, dict):
            raise _wrong("The file is of another format or version", path)
        names = {*about, *self._about}
        other = [n for n in names if about.get(n) != self._about.get(n)]
        if other:
            raise _wrong(
                "The file is of another run: it differs in "
                f"{', '.join(sorted(other))}",
                path,
            )
        if pred_probs.ndim != 2 or len(pred_probs) != count:
            raise _wrong("The file is damaged, or none of ours", path)
        if self._network not in (None, network):
            raise _wrong("The files are of networks of two kinds", path)
        self._network = network
        return pred_probs

    def write(self, fold, model, pred_probs):
        """Keeps the probabilities of a fold.

        Raises:
            OSError: If they cannot be written.
        """
        path = self._path(fold)
        with (
            replacing(path, "probabilities of a fold") as beside,
            open(beside, "wb") as file,
        ):
            np.savez(
                file,
                format=_FORMAT,
                version=_VERSION,
                about=json.dumps(self._about),
                network=_network(model),
                pred_probs=pred_probs,
            )
            file.flush()
            os.fsync(file.fileno())

    def check_network(self, model):
        """Raises if the other folds are of a network of another kind."""
        if model.built and self._network not in (None, _network(model)):
            raise _wrong(
                "`model_fn` makes another network than the one that the folds "
                "in the folder are of",
                self._folder,
            )

    def _path(self, fold):
        return os.path.join(self._folder, f"fold-{fold}.npz")


def fingerprint(nested):
    """What arrays hold, as hexadecimal digits; `"None"` for none."""
    if nested is None:
        return "None"
    digest = hashlib.sha256()
    for path, array in keras.tree.flatten_with_path(nested):
        array = np.asarray(array)
        digest.update(f"{path} {array.dtype.str} {array.shape} ".encode())
        for start in range(0, len(array), _ROWS):
            block = np.ascontiguousarray(array[start : start + _ROWS])
            if block.dtype.kind == "O":
                digest.update(repr(block.tolist()).encode())
            else:
                digest.update(block.reshape(-1).view(np.uint8))
    return digest.hexdigest()


def _network(model):
    """The shapes of its weights, which tell one architecture from another."""
    shapes = [tuple(variable.shape) for variable in model.weights]
    return hashlib.sha256(repr(shapes).encode()).hexdigest()


def _wrong(what, path):
    return ValueError(
        f"{what}; choose another folder, or remove what is there. "
        f"Received: resume with {path!r}"
    )
