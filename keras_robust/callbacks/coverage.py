"""Whether every sample was seen, once an epoch, and what if not."""

import warnings

import numpy as np


class Coverage:
    """Counts over the epochs of a tracker."""

    def __init__(self):
        self._ever = None
        self._twice = 0

    def see(self, counts):
        """Takes how often each sample was seen in an epoch, `(N,)`."""
        seen = counts > 0
        self._ever = seen if self._ever is None else self._ever | seen
        self._twice = max(self._twice, int(np.count_nonzero(counts > 1)))

    def warn(self):
        """Warns of samples never seen, and of those seen twice."""
        if self._ever is None:
            return
        count = len(self._ever)
        unseen = count - int(np.count_nonzero(self._ever))
        if unseen:
            warnings.warn(
                f"{unseen} of {count} samples were never seen, and are NaN in "
                "the trajectories. Usual causes are a `steps_per_epoch` "
                "smaller than an epoch, a loader that drops its last batch, "
                "and a sampler that leaves samples out.",
                stacklevel=3,
            )
        if self._twice:
            warnings.warn(
                f"{self._twice} of {count} samples were seen more than once "
                "in an epoch; the last value of each is in the trajectories. "
                "Usual causes are a `steps_per_epoch` larger than an epoch, a "
                "sampler with replacement, and a `PyDataset` with several "
                "workers.",
                stacklevel=3,
            )
