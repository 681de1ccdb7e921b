"""Rows of an epoch that are gathered on the host."""

import numpy as np
from keras import ops


class HostRows:
    """Gathers what a `Recorder` measures outside of a training step.

    Args:
        recorder: The `Recorder`.
        count: The number of samples, N.
    """

    def __init__(self, recorder, count):
        self._recorder = recorder
        self._rows = np.zeros((count, recorder.width), dtype="float32")
        self._counts = np.zeros(count, dtype="int32")

    def add(self, position, made):
        """Takes the rows `(B, width)` of the samples at `position` `(B,)`."""
        self._rows[position] = ops.convert_to_numpy(made)
        np.add.at(self._counts, position, 1)

    def finish(self):
        """Returns `(signals (M, N), counts (N,))`."""
        values = self._recorder.examine(self._rows, self._counts)
        return values, self._counts
