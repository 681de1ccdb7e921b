"""One sample after another, out of whatever holds them."""

import numbers


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
        if (
            size != len(ids)
            or isinstance(data, str | bytes | dict)
            or not hasattr(self._take, "__getitem__")
        ):
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
        if is_missing(sample):
            return None
        # A tensor of torch may be on a device, or part of a gradient.
        return sample.detach().cpu() if hasattr(sample, "detach") else sample

    def name(self, position):
        """What the sample is called in a message."""
        return f"id {self._ids[position].item()!r}"


def is_missing(value):
    """Whether it is None, or as pandas has what is missing."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    # NaN differs from itself.
    return isinstance(value, numbers.Real) and bool(value != value)
