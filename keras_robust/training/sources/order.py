"""In which order the samples of arrays are read."""

import numpy as np

from keras_robust.training.sources.tracked import position_dtype


class Order:
    """The order of every pass over samples.

    It depends on nothing but the seed and the epoch, so a training that goes
    on after it was broken off shuffles as the unbroken one.

    Args:
        count: The number of samples.
        shuffle: Whether every pass has an order of its own.
        seed: Seed of the shuffling, an integer of at least 0.
    """

    def __init__(self, count, shuffle, seed):
        self.count = count
        self.dtype = position_dtype(count)
        self._shuffle, self._seed = shuffle, seed
        self.begin_epoch(0)

    def begin_epoch(self, epoch):
        """Makes the next pass the first one of an epoch."""
        self._epoch, self._passes = epoch, 0

    def draw(self):
        """Returns the positions `(N,)` in the order of the next pass."""
        if not self._shuffle:
            return np.arange(self.count, dtype=self.dtype)
        rng = np.random.default_rng([self._seed, self._epoch, self._passes])
        self._passes += 1
        return rng.permutation(np.arange(self.count, dtype=self.dtype))
