"""A transition matrix that explains how often similar samples agree."""

import numpy as np

# Rows of a product that are held at once, in numbers.
_BLOCK = 2**22
# Shares of right labels that a fit starts from: the objective has other
# minima, which the wrong start may end in.
_STARTS = (0.9, 0.6)
_OPTIONS = {"maxiter": 2000, "maxfun": 4000, "ftol": 1e-11, "gtol": 1e-8}


class Agreement:
    """How often labels stand alone, in pairs and in triples.

    The model of it: a class k is drawn by `p`, and three labels of it, each
    by row k of `T`, independently of each other. So a label is j with
    probability `sum_k p_k T_kj`, two are i and j with `sum_k p_k T_ki T_kj`,
    and so on; which of a triple is which does not matter.

    Args:
        triples: class numbers, int64 `(M, 3)`, labels of similar samples.
        num_classes: number of classes K, each with a label in `triples`.
    """

    def __init__(self, triples, num_classes):
        size = num_classes
        low, mid, high = np.sort(triples, axis=1).T
        code = (low * size + mid) * size + high
        code, self._inverse = np.unique(code, return_inverse=True)
        a, rest = np.divmod(code, size * size)
        b, c = np.divmod(rest, size)
        self._singles = np.concatenate([a, b, c])
        pairs = np.concatenate([b * size + c, a * size + c, a * size + b])
        pairs, self._pair_of = np.unique(pairs, return_inverse=True)
        self._pairs = np.divmod(pairs, size)
        self._first = triples[:, 0]
        self._size = size
        self.weigh(np.ones(len(triples)))

    def weigh(self, weights):
        """Counts every triple as often as its weight, `(M,)`, says."""
        from scipy.sparse import csr_array

        size, (b, c) = self._size, self._pairs
        weights = weights / weights.sum()
        alone = np.bincount(self._first, weights, size)
        share = np.tile(np.bincount(self._inverse, weights) / 3, 3)
        self._alone = alone
        self._triple = csr_array(
            (share, (self._singles, self._pair_of)), shape=(size, b.size)
        )
        in_pairs = np.bincount(self._pair_of, share, b.size) / 2
        self._pair = np.zeros((size, size))
        np.add.at(self._pair, (b, c), in_pairs)
        np.add.at(self._pair, (c, b), in_pairs)

    def fit(self, start=None):
        """Solves for `T` and `p` by least squares.

        Args:
            start: `(T, p)` to start from. Defaults to `None`: several starts,
                of which the best ending is taken.

        Returns:
            `(T, p)`, float64 `(K, K)` and `(K,)`.
        """
        from scipy.optimize import minimize

        starts = [start] if start else [self._start(s) for s in _STARTS]
        ends = [
            minimize(
                self._objective,
                _packed(*begin),
                jac=True,
                method="L-BFGS-B",
                options=_OPTIONS,
            )
            for begin in starts
        ]
        best = min(ends, key=lambda end: end.fun)
        return _in_order(*self._unpacked(best.x))

    def _start(self, right):
        # A prior of 0 could not leave it.
        priors = (self._alone + 1 / self._size) / 2
        off = (1 - right) / max(1, self._size - 1)
        rows = np.full((self._size, self._size), off)
        np.fill_diagonal(rows, right)
        return rows, priors / priors.sum()

    def _unpacked(self, x):
        size = self._size
        return _softmax(x[size:].reshape(size, size)), _softmax(x[:size])

    def _objective(self, x):
        """Squared distances of all three tables, and their slopes in x."""
        rows, priors = self._unpacked(x)
        alone = priors @ rows - self._alone
        pair = (rows.T * priors) @ rows - self._pair
        seen = self._projected(rows)
        gram = rows @ rows.T
        cubes = gram**3 @ priors
        # The table of triples has K^3 entries, most of them 0: its distance
        # is found from the entries that are not; the square of those is the
        # same for all T and p.
        agreement = np.einsum("kj,kj->k", seen, rows)
        value = alone @ alone + (pair * pair).sum()
        value += priors @ cubes - 2 * priors @ agreement
        by_priors = rows @ (2 * alone)
        by_priors += 2 * np.einsum("ki,ij,kj->k", rows, pair, rows)
        by_priors += 2 * cubes - 2 * agreement
        by_rows = 2 * alone + 4 * rows @ pair
        by_rows += 6 * (gram**2 * priors) @ rows - 6 * seen
        by_rows *= priors[:, None]
        slope = np.concatenate(
            [
                _through_softmax(by_priors, priors),
                _through_softmax(by_rows, rows).ravel(),
            ]
        )
        # Shares are small numbers of whose squares little would be left.
        return value * self._size, slope * self._size

    def _projected(self, rows):
        """`sum_bc S_jbc T_kb T_kc` of the table S of triples, `(K, K)`."""
        columns, (b, c) = np.ascontiguousarray(rows.T), self._pairs
        total = np.zeros_like(rows)
        step = max(1, _BLOCK // self._size)
        for start in range(0, b.size, step):
            part = slice(start, start + step)
            products = columns[b[part]] * columns[c[part]]
            triple = self._triple
            if step < b.size:
                triple = triple[:, part]
            total += (triple @ products).T
        return total


def _softmax(x):
    x = np.exp(x - x.max(axis=-1, keepdims=True))
    return x / x.sum(axis=-1, keepdims=True)


def _through_softmax(slope, values):
    return values * (slope - (slope * values).sum(axis=-1, keepdims=True))


def _packed(rows, priors):
    logs = [np.log(np.maximum(v, 1e-6)) for v in (priors, rows)]
    return np.concatenate([logs[0], logs[1].ravel()])


def _in_order(rows, priors):
    """The rows in the order of classes that makes most labels right.

    The fit does not know which row is whose.
    """
    from scipy.optimize import linear_sum_assignment

    order, whose = linear_sum_assignment(-rows * priors[:, None])
    order = order[np.argsort(whose)]
    return rows[order], priors[order]
