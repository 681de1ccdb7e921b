"""Two groups of numbers in [0, 1]: a mixture of two beta distributions."""

import math
import typing

import numpy as np

# A beta density may be infinite at 0 and 1.
_EDGE = 1e-3
# Below it a group is a point, and its parameters are infinite.
_LEAST_VARIANCE = 1e-6


class TwoBetas(typing.NamedTuple):
    """A mixture of two beta distributions, that of the lower mean first.

    Args:
        weights: How much of the whole each is, `(2,)`.
        alphas, betas: Their parameters, `(2,)`.
    """

    weights: np.ndarray
    alphas: np.ndarray
    betas: np.ndarray

    @property
    def means(self):
        return self.alphas / (self.alphas + self.betas)

    def odds_of_lower(self, values):
        """`log(P(lower) / P(upper))` of values in [0, 1], `(N,)`."""
        values = np.clip(values, _EDGE, 1.0 - _EDGE)
        first, second = (self._log_density(values, c) for c in (0, 1))
        return first - second

    def _log_density(self, values, component):
        weight, alpha, beta = (float(part[component]) for part in self)
        constant = math.lgamma(alpha + beta)
        constant -= math.lgamma(alpha) + math.lgamma(beta)
        powers = (alpha - 1.0) * np.log(values)
        powers += (beta - 1.0) * np.log1p(-values)
        return powers + (constant + math.log(weight))


def fit_two_betas(histogram, steps=10):
    """Fits a mixture of two beta distributions by some steps of EM.

    As the authors do: from `Beta(1, 2)` and `Beta(2, 1)`, of one weight; the
    parameters by weighted mean and variance.

    Args:
        histogram: A `Histogram` of numbers in [0, 1].
        steps: How many, converged or not. Defaults to `10`, the authors'.

    Returns:
        `TwoBetas`.
    """
    values, counts = histogram
    values = np.clip(values, _EDGE, 1.0 - _EDGE)
    found = TwoBetas(
        np.array([0.5, 0.5]), np.array([1.0, 2.0]), np.array([2.0, 1.0])
    )
    for _ in range(steps):
        odds = found.odds_of_lower(values)
        # In logarithms, for odds that no float holds.
        lower = np.exp(-np.logaddexp(0.0, -odds))
        found = _maximise(values, counts, lower)
    if found.means[0] > found.means[1]:
        found = TwoBetas(*(part[::-1] for part in found))
    return found


def _maximise(values, counts, lower):
    share = np.stack([counts * lower, counts * (1.0 - lower)])
    sizes = share.sum(axis=1) + 1e-12
    means = np.clip((share @ values + 0.5e-12) / sizes, _EDGE, 1.0 - _EDGE)
    variances = np.array(
        [
            part @ (values - mean) ** 2 / size
            for part, mean, size in zip(share, means, sizes, strict=True)
        ]
    )
    # Of no beta distribution is it larger.
    most = means * (1.0 - means) * (1.0 - 1e-6)
    variances = np.clip(variances, np.minimum(_LEAST_VARIANCE, most), most)
    both = means * (1.0 - means) / variances - 1.0
    return TwoBetas(sizes / sizes.sum(), means * both, (1.0 - means) * both)
