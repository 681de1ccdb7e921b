"""Many numbers as few: sorted where there are few, counted where not."""

import typing

import numpy as np

# More numbers than this are counted: the two groups in them stay where they
# are, and a fit takes the time of the bins.
FEW = 100_000
_BINS = 2**14
# Numbers at a time, so that they are never copied as a whole.
_BLOCK = 2**16


class Histogram(typing.NamedTuple):
    """Numbers in increasing order, and how often each is there.

    Args:
        points: float64 `(B,)`.
        counts: `(B,)`.
    """

    points: np.ndarray
    counts: np.ndarray

    @property
    def mean(self):
        return float(self.counts @ self.points / self.counts.sum())

    @property
    def spread(self):
        """The standard deviation, divided by the number of all."""
        squares = (self.points - self.mean) ** 2
        return float(np.sqrt(self.counts @ squares / self.counts.sum()))

    def standardised(self):
        """With mean 0 and spread 1; `None` where all are as good as equal."""
        spread = self.spread
        # Also refuses a spread that is rounding only.
        if not spread > 1e-12 * np.abs(self.points).max():
            return None
        return self._replace(points=(self.points - self.mean) / spread)


def histogram_of(values, low, high):
    """A `Histogram` of values that are moved into [low, high] first.

    Up to 100,000 are sorted, more are counted in 16384 bins of one width,
    each by its middle. Neither depends on the order of the values, not even
    in the last digit.

    Args:
        values: float64 `(N,)`, finite, at least one.
        low, high: The ends.
    """
    if values.size <= FEW or not high > low:
        points = np.sort(np.clip(values, low, high))
        return Histogram(points, np.ones(points.size))
    counts = np.zeros(_BINS, np.int64)
    scale = _BINS / (high - low)
    for start in range(0, values.size, _BLOCK):
        part = np.clip(values[start : start + _BLOCK], low, high)
        place = np.minimum(((part - low) * scale).astype(np.int64), _BINS - 1)
        counts += np.bincount(place, minlength=_BINS)
    middles = low + (np.arange(_BINS) + 0.5) / scale
    present = counts > 0
    return Histogram(middles[present], counts[present])


def without_outliers(values):
    """Where the outermost thousandth on each side begins, low and high.

    So one broken sample among a thousand does not become a group of its own.
    Fewer samples than that are left alone.
    """
    last = values.size - 1
    below, above = int(0.001 * last), int(np.ceil(0.999 * last))
    ordered = np.partition(values, [below, above])
    return float(ordered[below]), float(ordered[above])
