"""Two groups of residuals told apart: narrow ones, and wide ones."""

import math
import typing

import numpy as np

from keras_robust.detect.statistics.odds import logistic

# Quantiles that stand for more residuals than that: more do not move the fit.
_FIT_AT_MOST = 5000
# Degrees of freedom of Student's t; the tails of most residuals are among.
_TAILS = (math.inf, 8.0, 4.0, 2.0)
_ITERATIONS = 200
# Two groups are no two unless one is that much wider.
_WIDER = 3.0


class Groups(typing.NamedTuple):
    """Two t distributions around 0, of one number of degrees of freedom.

    Args:
        share: Of the wide group, 0 where one group says as much.
        narrow, wide: The scales.
        tail: The degrees of freedom, `inf` for normal distributions.
    """

    share: float
    narrow: float
    wide: float
    tail: float

    def wide_probability(self, size):
        """How probably residuals of these sizes are of the wide group."""
        if not self.share:
            return np.zeros(np.shape(size))
        narrow = _log_density(size, self.narrow, self.tail)
        wide = _log_density(size, self.wide, self.tail)
        odds = math.log(self.share / (1.0 - self.share)) + wide - narrow
        return logistic(odds)


def two_groups(size, least):
    """Fits two t distributions around 0, or one where that says as much.

    The tails are fitted too, and two groups are believed only where they are
    worth their two numbers more by the Bayesian information criterion: what is
    far out in a heavy tail is not yet a group of its own.

    Args:
        size: Absolute residuals, float64 `(N,)`, finite; their order does not
            matter.
        least: The smallest scale that a group may have.

    Returns:
        `Groups`.
    """
    size = np.sort(size)
    if size.size > _FIT_AT_MOST:
        ranks = np.linspace(0, size.size - 1, _FIT_AT_MOST)
        size = size[ranks.round().astype(np.int64)]
    penalty = math.log(max(size.size, 2))
    best, found = math.inf, Groups(0.0, 1.0, 1.0, math.inf)
    for tail in _TAILS:
        for fit, numbers in ((_one, 1), (_two, 3)):
            groups, log_likelihood = fit(size, tail, least)
            criterion = numbers * penalty - 2.0 * log_likelihood
            if criterion < best and _are_apart(groups):
                best, found = criterion, groups
    return found


def _are_apart(groups):
    return not groups.share or (
        groups.wide >= _WIDER * groups.narrow and groups.share < 0.5
    )


def _one(size, tail, least):
    return _climb(size, Groups(0.0, 1.0, 1.0, tail), least)


def _two(size, tail, least):
    far = size[size > 3.0]
    wide = np.sqrt(np.mean(far**2)) if far.size else 4.0
    share = min(max(far.size / size.size, 0.02), 0.4)
    return _climb(size, Groups(share, 1.0, float(wide), tail), least)


def _climb(size, groups, least):
    """Expectation and maximisation in turn, until hardly anything moves."""
    before = -math.inf
    for _ in range(_ITERATIONS):
        narrow = _log_density(size, groups.narrow, groups.tail)
        if groups.share:
            narrow = narrow + math.log(1.0 - groups.share)
            wide = _log_density(size, groups.wide, groups.tail)
            wide = wide + math.log(groups.share)
            both = np.logaddexp(narrow, wide)
            membership = np.exp(wide - both)
        else:
            both, membership = narrow, np.zeros_like(size)
        log_likelihood = float(both.sum())
        if log_likelihood - before < 1e-6 * size.size:
            break
        before = log_likelihood
        share = float(membership.mean())
        scales = [
            _scale(size, weight, scale, groups.tail, least)
            for weight, scale in (
                (1.0 - membership, groups.narrow),
                (membership, groups.wide),
            )
        ]
        groups = Groups(min(share, 1.0 - 1e-9), *scales, groups.tail)
    return groups, log_likelihood


def _scale(size, weight, scale, tail, least):
    total = weight.sum()
    if not total > 0:
        return scale
    if tail < math.inf:
        weight = weight * (tail + 1.0) / (tail + (size / scale) ** 2)
    return max(float(np.sqrt((weight * size**2).sum() / total)), least)


def _log_density(size, scale, tail):
    """The logarithm of the density of a t distribution around 0."""
    z = (size / scale) ** 2
    if tail == math.inf:
        return -0.5 * z - math.log(scale) - 0.5 * math.log(2.0 * math.pi)
    norm = math.lgamma((tail + 1.0) / 2.0) - math.lgamma(tail / 2.0)
    norm -= 0.5 * math.log(tail * math.pi) + math.log(scale)
    return norm - 0.5 * (tail + 1.0) * np.log1p(z / tail)
