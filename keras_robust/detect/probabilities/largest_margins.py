"""The largest margins of each pair of classes, of samples that stream by."""

import numpy as np

# So many are taken in before those that cannot count are dropped.
_AT_ONCE = 8192


class LargestMargins:
    """Keeps, for each given and other class, the largest margins.

    What is kept are as many as are wanted and as many again, whatever the
    number of samples.

    Args:
        wanted: How many of each pair, int64 `(K, K)`, rows given classes.
        floor: What a margin must reach, a number or `(K, K)`.
    """

    def __init__(self, wanted, floor):
        self._shape = wanted.shape
        self._wanted = wanted.reshape(-1)
        floor = np.broadcast_to(floor, wanted.shape)
        self._floor = np.where(wanted > 0, floor, np.inf)
        self._last = np.full(wanted.size, np.inf)
        self._dropped = np.full(wanted.size, -np.inf)
        self._kept = _joined([(np.empty(0, np.int64),) * 2 + (np.empty(0),)])
        self._more, self._size = [], 0

    def add(self, rows, own, margins):
        """Takes samples in.

        Args:
            rows: Their positions, int64 `(B,)`.
            own: Their given classes, int64 `(B,)`.
            margins: Towards each class, float64 `(B, K)`.
        """
        found = np.flatnonzero(margins >= self._floor[own])
        row, other = np.divmod(found, self._shape[1])
        pairs = own[row] * self._shape[1] + other
        self._more.append((pairs, rows[row], margins.reshape(-1)[found]))
        self._size += found.size
        if self._size > max(_AT_ONCE, self._kept[0].size):
            self._drop()
            # Below these nothing counts any more.
            full = np.isfinite(self._last)
            self._floor.reshape(-1)[full] = self._last[full]

    def among(self, num_samples):
        """Whose margins are kept, bool `(N,)`."""
        self._drop()
        found = np.zeros(num_samples, bool)
        found[self._kept[1]] = True
        return found

    @property
    def missing(self):
        """Of which pairs fewer than wanted have reached the floor."""
        return ((self._wanted > 0) & np.isinf(self._last)).reshape(self._shape)

    @property
    def tied(self):
        """The last margin where it was dropped too, `(K, K)`, else infinite."""
        tied = self._dropped == self._last
        return np.where(tied, self._last, np.inf).reshape(self._shape)

    def _drop(self):
        """Keeps of each pair the largest, as many as are wanted."""
        pairs, rows, values = _joined([self._kept, *self._more])
        self._more, self._size = [], 0
        order = _by_pair(pairs, values)
        pairs, rows, values = pairs[order], rows[order], values[order]
        begins = np.flatnonzero(np.diff(pairs, prepend=-1))
        sizes = np.diff(begins, append=pairs.size)
        rank = np.arange(pairs.size) - np.repeat(begins, sizes)
        wanted = self._wanted[pairs]
        ends = rank == wanted - 1
        self._last[pairs[ends]] = values[ends]
        next_ = rank == wanted
        self._dropped[pairs[next_]] = np.maximum(
            self._dropped[pairs[next_]], values[next_]
        )
        kept = rank < wanted
        self._kept = pairs[kept], rows[kept], values[kept]


def _joined(parts):
    return tuple(np.concatenate(part) for part in zip(*parts, strict=True))


def _by_pair(pairs, values):
    """Positions sorted by pairs, those of a pair from the largest value on.

    As `np.lexsort((-values, pairs))` but for the order of equals, ten times
    as fast: integers of 16 bits are sorted by their digits.
    """
    order = np.argsort(-values)
    most = int(pairs.max(initial=0))
    for shift in range(0, max(most.bit_length(), 1), 16):
        digits = (pairs[order] >> shift).astype(np.uint16)
        order = order[np.argsort(digits, kind="stable")]
    return order
