"""One sample after another, out of whatever holds them."""

import numbers

import numpy as np


class Samples:
    """The user's samples by their positions.

    Args:
        data: An array or a memory map `(N, ...)`, a list, a pandas frame or
            series, or a function of a position.
        ids: The ids of all samples, for messages.

    Raises:
        ValueError: if there is not one for each id.
    """

    def __init__(self, data, ids):
        self._ids = ids
        self._take = getattr(data, "iloc", data)
        if callable(data):
            self._get = data
            return
        try:
            size = len(data)
        except TypeError:
            size = None
        if size != len(ids) or isinstance(data, str | bytes | dict):
            raise ValueError(
                "`data` must hold one sample for each id, in their order: an "
                "array, a list or a table; or be a function that takes a "
                f"position. Received: {type(data).__name__} of "
                f"{'no' if size is None else size} samples, {len(ids)} ids"
            )
        self._get = self._take.__getitem__

    def __getitem__(self, position):
        """The sample, `None` where there is none."""
        sample = self._get(int(position))
        if sample is None or _is_nan(sample):
            return None
        return sample

    def name(self, position):
        """What the sample is called in a message."""
        return f"id {self._ids[position].item()!r}"


def _is_nan(sample):
    # As pandas has what is missing: NaN, NaT and NA differ from themselves,
    # or do not tell.
    if type(sample).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(sample, numbers.Real) and bool(np.isnan(float(sample)))
