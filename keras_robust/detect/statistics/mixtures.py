"""Two groups of numbers told apart: a mixture of two normal distributions."""

import typing
import warnings

import numpy as np


class TwoNormals(typing.NamedTuple):
    """A mixture of two normal distributions, the lower one first.

    Args:
        weights: How much of the whole each is, `(2,)`.
        means: `(2,)`.
        variances: `(2,)`.
    """

    weights: np.ndarray
    means: np.ndarray
    variances: np.ndarray

    def log_density(self, values, component):
        """The log of a component's share of the density, `(N,)`."""
        weight, mean, variance = (part[component] for part in self)
        scaled = (values - mean) ** 2
        scaled *= -0.5 / variance
        scaled += np.log(weight) - 0.5 * np.log(2.0 * np.pi * variance)
        return scaled

    def odds_of_lower(self, values):
        """`log(P(lower) / P(upper))` of values, `(N,)`."""
        odds = self.log_density(values, 0)
        odds -= self.log_density(values, 1)
        return odds


def cut_in_two(histogram):
    """The cut with the smallest variance within its two sides, exactly.

    Otsu's, and what k-means of two clusters looks for.

    Args:
        histogram: Of two different values at least.

    Returns:
        How many of the points are on the lower side.
    """
    points, counts = histogram
    below, total = np.cumsum(counts), np.cumsum(counts * points)
    size = below[-1]
    between = (total[:-1] - total[-1] * below[:-1] / size) ** 2
    between /= below[:-1] * (size - below[:-1])
    # A cut between equal values is none.
    between[points[1:] == points[:-1]] = -1.0
    return int(np.argmax(between)) + 1


def fit_two_normals(
    histogram, common, max_iter, tolerance, floor, lower_weight=None
):
    """Fits a mixture of two normal distributions by EM, from the best cut.

    The steps are those of scikit-learn's `GaussianMixture`, which takes no
    weights.

    Args:
        histogram: A `Histogram` of two different values at least.
        common: Whether both have one variance.
        max_iter: The most steps; the fit is taken where it stands then.
        tolerance: The gain in mean log-likelihood below which it ends.
        floor: Is added to the variances.
        lower_weight: The lower one's share of the whole, in (0, 1), if it is
            known; then the cut is there too. Defaults to `None`.

    Returns:
        `TwoNormals`.
    """
    points, counts = (np.asarray(part, np.float64) for part in histogram)
    size = counts.sum()
    lower = np.zeros(points.size)
    if lower_weight is None:
        cut = cut_in_two(histogram)
    else:
        cut = 1 + np.searchsorted(np.cumsum(counts), lower_weight * size)
        cut = min(cut, points.size - 1)
    lower[:cut] = 1.0

    def maximised():
        made = _maximise(points, counts, size, lower, common, floor)
        if lower_weight is None:
            return made
        return made._replace(
            weights=np.array([lower_weight, 1.0 - lower_weight])
        )

    found = maximised()
    before = -np.inf
    for _ in range(max_iter):
        first = found.log_density(points, 0)
        second = found.log_density(points, 1)
        both = np.logaddexp(first, second)
        mean = counts @ both / size
        lower = np.exp(first - both)
        found = maximised()
        if abs(mean - before) < tolerance:
            break
        before = mean
    if found.means[0] > found.means[1]:
        found = TwoNormals(*(part[::-1] for part in found))
    return found


def _maximise(points, counts, size, lower, common, floor):
    share = np.stack([counts * lower, counts * (1.0 - lower)])
    sizes = share.sum(axis=1) + 1e-15
    means = share @ points / sizes
    within = np.array(
        [
            part @ (points - mean) ** 2
            for part, mean in zip(share, means, strict=True)
        ]
    )
    variances = within.sum() / size * np.ones(2) if common else within / sizes
    return TwoNormals(sizes / size, means, variances + floor)


def two_normals(values, **options):
    """Fits scikit-learn's `GaussianMixture` of two components.

    It does not warn where the iterations end before the fit has converged:
    all who ask set the number of iterations, and take where it stands then.

    Args:
        values: float64 `(N,)`, finite; where the fit starts, and with it the
            last digits, may depend on their order.
        **options: Of `GaussianMixture`.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    mixture = GaussianMixture(n_components=2, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return mixture.fit(values[:, None])
