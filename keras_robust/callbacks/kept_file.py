"""What is kept of every sample, in a file: written whole, or not at all."""

import os
import zipfile

import numpy as np

from keras_robust.trajectories.replacing import replacing

_FORMAT = "keras_robust.kept"
_VERSION = 1
_DAMAGED = (EOFError, KeyError, OSError, ValueError, zipfile.BadZipFile)


class KeptFile:
    """An npz file, without pickle.

    Args:
        path: The file.
        name: Whose numbers these are: the class of the callback.
        resume: Whether to go on with what it has.
    """

    def __init__(self, path, name, resume):
        # The process may change its folder while it trains.
        self.path = os.path.abspath(os.fspath(path))
        self._name = name
        self._resume = resume

    def check_free(self):
        """Raises if a run that goes on with nothing would replace a file."""
        if not self._resume and os.path.lexists(self.path):
            raise ValueError(
                "There is something at the path of the store already: go on "
                "with it by `resume=True`, or choose another path. Received: "
                f"store={self.path!r}"
            )

    def write(self, next_epoch, data, arrays):
        """Writes the end of an epoch in one step.

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

    def read(self, epoch, data, shapes):
        """Returns what was kept before an epoch, `None` to begin anew.

        Args:
            epoch: The first epoch of this training.
            data: What data it must be of, a string.
            shapes: The shape and the dtype that each array must have, by name.

        Raises:
            ValueError: If the file is missing, damaged, or of another run.
        """
        if not self._resume:
            return None
        if not os.path.exists(self.path):
            if epoch == 0:
                return None
            raise self._wrong(
                f"This training begins at epoch {epoch}, and there is no file "
                "to go on with: begin at 0"
            )
        found = self._load()
        if str(found.pop("name")) != self._name:
            raise self._wrong(f"The file is not one of {self._name}")
        if str(found.pop("data")) != data:
            raise self._wrong(
                "The file is of other samples, labels or classes than this "
                "training"
            )
        before = int(found.pop("next_epoch"))
        if before != epoch:
            raise self._wrong(
                f"The file is of the end of epoch {before - 1}, and this "
                f"training begins at epoch {epoch}: give `fit` "
                f"initial_epoch={before} and the weights of then"
            )
        has = {k: (v.shape, str(v.dtype)) for k, v in found.items()}
        if has != shapes:
            raise self._wrong(
                f"The file keeps {_listed(has)}, and this training "
                f"{_listed(shapes)}"
            )
        return found

    def _load(self):
        try:
            with (
                open(self.path, "rb") as file,
                np.load(file, allow_pickle=False) as archive,
            ):
                found = {
                    k.removeprefix("kept_"): archive[k] for k in archive.files
                }
            ours = str(found.pop("format")) == _FORMAT
            version = int(found.pop("version"))
            int(found["next_epoch"])
        except _DAMAGED as error:
            raise self._wrong("The file is damaged, or none of ours") from error
        if not ours or version != _VERSION:
            raise self._wrong("The file is of another format or version")
        return found

    def _wrong(self, what):
        return ValueError(
            f"{what}; or choose another path. Received: store={self.path!r}"
        )


def _listed(shapes):
    return ", ".join(
        f"{name} {dtype} {shape}" for name, (shape, dtype) in shapes.items()
    )
