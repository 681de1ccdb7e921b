"""What is kept of every sample, in a file: written whole, or not at all.

A training may be killed between the end of an epoch here and the checkpoint of
that epoch, which is then one epoch older. So the file of the epoch before stays
beside the newest one, and a training goes on with the one that fits.
"""

import os
import warnings
import zipfile

import numpy as np

from keras_robust.trajectories.replacing import replacing

_FORMAT = "keras_robust.kept"
_VERSION = 1
_DAMAGED = (EOFError, KeyError, OSError, ValueError, zipfile.BadZipFile)


class KeptFile:
    """An npz file, without pickle, and the one before it.

    Args:
        path: The file; that of the epoch before is `<path>.previous`.
        name: Whose numbers these are: the class of the callback.
        resume: Whether to go on with what it has.
    """

    def __init__(self, path, name, resume):
        # The process may change its folder while it trains.
        self.path = os.path.abspath(os.fspath(path))
        self._previous = f"{self.path}.previous"
        self._name = name
        self._resume = resume
        # Whether what is at `path` is the epoch before the next one written.
        self._is_before = False

    def check_free(self):
        """Raises if a run that goes on with nothing would replace a file."""
        for path in (self.path, self._previous):
            if not self._resume and os.path.lexists(path):
                raise ValueError(
                    "There is something at the path of the store already: go "
                    "on with it by `resume=True`, or choose another path. "
                    f"Received: store={self.path!r}, there is {path!r}"
                )
        self._is_before = False

    def write(self, next_epoch, data, arrays):
        """Writes the end of an epoch; a whole file is there at any moment.

        Args:
            next_epoch: The number of the epoch after it.
            data: What data it is of, a string.
            arrays: What is kept, arrays by name.

        Raises:
            OSError: If it cannot be written; what was there is kept.
        """
        with (
            replacing(self.path, f"numbers of {self._name}") as beside,
            open(beside, "wb") as file,
        ):
            np.savez(
                file,
                format=_FORMAT,
                version=_VERSION,
                name=self._name,
                next_epoch=next_epoch,
                data=data,
                **{f"kept_{key}": value for key, value in arrays.items()},
            )
            file.flush()
            os.fsync(file.fileno())
            if self._is_before:
                os.replace(self.path, self._previous)
                self._is_before = False
        self._is_before = True

    def read(self, epoch, data, shapes):
        """Returns what was kept before an epoch, `None` to begin anew.

        That is in the newest file or, where that one's epoch was not finished
        elsewhere, in the one before.

        Args:
            epoch: The first epoch of this training.
            data: What data it must be of, a string.
            shapes: The shape and the dtype that each array must have, by name.

        Raises:
            ValueError: If the file is missing, damaged, or of another run.
        """
        if not self._resume:
            return None
        files = [
            path for path in (self.path, self._previous) if os.path.exists(path)
        ]
        if not files and epoch == 0:
            return None
        if not files:
            raise self._wrong(
                f"This training begins at epoch {epoch}, and there is no file "
                "to go on with: begin at 0"
            )
        begins = []
        for path in files:
            found = self._load(path, data)
            begins.append(int(found.pop("next_epoch")))
            if begins[-1] == epoch:
                self._check_shapes(path, found, shapes)
                self._is_before = path == self.path
                return found
        if epoch == 0 and begins == [1]:
            # Killed before the first checkpoint: there is nothing to lose.
            warnings.warn(
                "This training begins at epoch 0, so what the store has of "
                f"epoch 0 is made again. Received: store={self.path!r}",
                stacklevel=3,
            )
            return None
        raise self._of_other_epochs(begins, epoch)

    def _of_other_epochs(self, begins, epoch):
        begins = sorted(begins)
        ends = " and ".join(str(begin - 1) for begin in begins)
        firsts = " or ".join(f"initial_epoch={begin}" for begin in begins)
        hint = ""
        if epoch > begins[-1]:
            hint = (
                f" (after a kill: BackupAndRestore must stand after "
                f"{self._name} in `callbacks`, else its checkpoint can be "
                "ahead of the store)"
            )
        return self._wrong(
            f"The store is of the end of epoch {ends}, and this training "
            f"begins at epoch {epoch}: give `fit` {firsts} and the weights of "
            f"then{hint}; or begin anew at epoch 0, with no checkpoint and "
            "without the store and its '.previous'"
        )

    def _check_shapes(self, path, found, shapes):
        has = {k: (v.shape, str(v.dtype)) for k, v in found.items()}
        if has != shapes:
            raise self._wrong(
                f"The file keeps {_listed(has)}, and this training "
                f"{_listed(shapes)}",
                path,
            )

    def _load(self, path, data):
        """What is in a file of this callback and this data."""
        try:
            with (
                open(path, "rb") as file,
                np.load(file, allow_pickle=False) as archive,
            ):
                found = {
                    k.removeprefix("kept_"): archive[k] for k in archive.files
                }
            ours = str(found.pop("format")) == _FORMAT
            version = int(found.pop("version"))
            int(found["next_epoch"])
        except _DAMAGED as error:
            what = "The file is damaged, or none of ours"
            raise self._wrong(what, path) from error
        if not ours or version != _VERSION:
            what = "The file is of another format or version"
            raise self._wrong(what, path)
        if str(found.pop("name")) != self._name:
            raise self._wrong(f"The file is not one of {self._name}", path)
        if str(found.pop("data")) != data:
            raise self._wrong(
                "The file is of other samples, labels or classes than this "
                "training",
                path,
            )
        return found

    def _wrong(self, what, path=None):
        path = self.path if path is None else path
        return ValueError(
            f"{what}; or choose another path. Received: store={path!r}"
        )


def _listed(shapes):
    return ", ".join(
        f"{name} {dtype} {shape}" for name, (shape, dtype) in shapes.items()
    )
