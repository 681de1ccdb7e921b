"""The pairs of samples that may be neighbours, by blocks of products."""

import numpy as np

from keras_robust.noise.blocks import row_blocks

# Samples that are asked for at once, and bytes of a block of products: small
# enough for a processor's cache, large enough for its full speed.
_QUERIES = 512
_BLOCK_BYTES = 2**23
# How many more candidates than neighbours are kept of a sample. There are
# more only where many samples are as near as the last neighbour.
_SPARE = 64


def search(values, scaled, half_squares, k):
    """Yields the candidates of some samples after others.

    A distance is known within the rounding of a product, so candidates are
    all samples that are not clearly beyond the k-th nearest. Where float32
    leaves more than `k + 64` of them, float64 decides; what that cannot tell
    apart either goes by position.

    Args:
        values: embeddings `(N, E)`.
        scaled: a function that takes some of them and returns them in
            float64, of a size that squares bear.
        half_squares: half of their squared lengths then, float64 `(N,)`.
        k: number of neighbours, from 1 to N - 1.

    Yields:
        `(queries, candidates)`: positions, int64, of a pair each; at least k
        candidates of each query, its k nearest among them.
    """
    rows = np.empty(values.shape, np.float32)
    for block in row_blocks(*values.shape):
        rows[block] = scaled(values[block])
    halves = half_squares.astype(np.float32)
    undecided = []
    for asked in _parts(np.arange(len(values))):
        nearest = _nearest(rows, _as_they_are, halves, asked, k)
        undecided.append(asked[nearest.crowded])
        decided = ~nearest.crowded[nearest.queries]
        if decided.any():
            yield asked[nearest.queries[decided]], nearest.candidates[decided]
    for asked in _parts(np.concatenate(undecided)):
        nearest = _nearest(values, scaled, half_squares, asked, k)
        yield asked[nearest.queries], nearest.candidates


def _as_they_are(rows):
    return rows


def _parts(positions):
    for start in range(0, len(positions), _QUERIES):
        yield positions[start : start + _QUERIES]


def _nearest(rows, scaled, half_squares, asked, k):
    query = scaled(rows[asked])
    nearest = _Nearest(half_squares[asked], k, rows.shape[1])
    step = _BLOCK_BYTES // (_QUERIES * half_squares.itemsize)
    for start in range(0, len(rows), step):
        block = slice(start, min(start + step, len(rows)))
        # The larger <a, b> - |b|^2 / 2, the nearer is b to a.
        near = query @ scaled(rows[block]).T
        near -= half_squares[block]
        own = asked - start
        inside = np.flatnonzero((own >= 0) & (own < near.shape[1]))
        near[inside, own[inside]] = -np.inf
        nearest.add(near, start)
    return nearest


class _Nearest:
    """The candidates of some samples, among all that were seen so far."""

    def __init__(self, half_squares, k, num_dimensions):
        self._half_squares, self._k = half_squares, k
        dtype, size = half_squares.dtype, len(half_squares)
        self._rounding = np.finfo(dtype).eps * (8 + 2 * num_dimensions**0.5)
        self.queries = np.empty(0, np.int64)
        self.candidates = np.empty(0, np.int64)
        self._near = np.empty(0, dtype)
        # Who has had to drop candidates, and how near who comes must be.
        self.crowded = np.zeros(size, bool)
        self._least = np.full(size, -np.finfo(dtype).max, dtype)

    def add(self, near, start):
        """Takes the products with a block that begins at position `start`."""
        width = near.shape[1]
        if start == 0 and width > self._k:
            kth = np.partition(near, width - self._k, axis=1)
            kth = kth[:, width - self._k]
            self._least = kth - self._slack(kth)
        found = np.flatnonzero(near >= self._least[:, None])
        queries = np.concatenate([self.queries, found // width])
        candidates = np.concatenate([self.candidates, found % width + start])
        near = np.concatenate([self._near, near.ravel()[found]])
        order = np.lexsort((candidates, -near, queries))
        queries, near = queries[order], near[order]
        sizes = np.bincount(queries, minlength=len(self._least))
        enough = sizes >= self._k
        last = (np.cumsum(sizes) - sizes)[enough] + self._k - 1
        kth = np.full(self._least.shape, -np.inf, near.dtype)
        kth[enough] = near[last]
        slack = np.zeros_like(kth)
        slack[enough] = self._slack(kth)[enough]
        kept = near >= (kth - slack)[queries]
        sizes = np.bincount(queries[kept], minlength=len(self._least))
        crowded = sizes > self._k + _SPARE
        self.crowded |= crowded
        self._least = np.maximum(self._least, kth - slack)
        if crowded.any():
            clear = near > (kth + slack)[queries]
            kept &= self._first(queries, ~clear, candidates[order], kept)
            # Of equals only those that stand first are kept: later ones
            # need not come.
            surely = np.nextafter(kth + slack, np.inf, dtype=kth.dtype)
            self._least = np.where(crowded, surely, self._least)
        self.queries, self._near = queries[kept], near[kept]
        self.candidates = candidates[order][kept]

    def _slack(self, kth):
        """How far a product may be off for a candidate about the k-th."""
        with np.errstate(invalid="ignore"):
            away = np.sqrt(np.maximum(2 * (self._half_squares - kth), 0))
            return (
                self._rounding * (np.sqrt(2 * self._half_squares) + away) ** 2
            )

    def _first(self, queries, is_equal, candidates, kept):
        """The clearly nearer ones, and of the others those that stand first."""
        order = np.lexsort((candidates, is_equal, ~kept, queries))
        sizes = np.bincount(queries, minlength=len(self._least))
        first = np.cumsum(sizes) - sizes
        place = np.empty(len(queries), np.int64)
        place[order] = np.arange(len(queries)) - first[queries[order]]
        return place < self._k + _SPARE
