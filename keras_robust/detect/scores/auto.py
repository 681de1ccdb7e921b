"""The score to begin with: margins, and how many labels look wrong at all."""

import numpy as np

from keras_robust.detect.scores.confident_rate import confident_rate
from keras_robust.detect.scores.score import Score
from keras_robust.detect.scores.score import register_score
from keras_robust.detect.statistics.class_sizes import ALONE
from keras_robust.detect.statistics.histogram import histogram_of
from keras_robust.detect.statistics.histogram import without_outliers
from keras_robust.detect.statistics.mixtures import fit_two_normals
from keras_robust.detect.statistics.odds import logistic

# How much of a class's own mean is taken off its margins.
_CENTRED = 0.5


@register_score(
    "auto", signals=("cross_entropy", "margin", "predicted"), streams=True
)
def auto(trajectories):
    """The probability that the label is right, by margins and a count.

    Formula: with `m_i` the mean margin over the epochs (AUM) and `M_y` its
    mean over the samples with the same label, `evidence_i = m_i - M_y / 2`:
    classes that are hard as a whole are not all suspicious. `quality_i` is
    the posterior of the upper one of two normal distributions of one
    variance, fitted to the evidence with the lower one's weight held at the
    share of wrong labels by `confident_rate`.

    Classes of fewer than 50 samples are centred on the mean of all.
    """
    area = np.empty(len(trajectories))
    for start, part in trajectories.blocks(("margin",)):
        area[start : start + len(part)] = part.mean("margin")
    limit = np.finfo(np.float32).max
    area = np.clip(area, -limit, limit)
    evidence = area - _CENTRED * _class_means(area, trajectories)
    rate = confident_rate(trajectories)
    return Score(_right(evidence, rate), evidence)


def _class_means(area, trajectories):
    """The mean of each sample's class, or of all where it is small."""
    known = ~np.isnan(area)
    if not known.any():
        return area
    given = trajectories.given_label
    size = trajectories.num_classes
    counts = np.bincount(given[known], minlength=size)
    sums = np.bincount(given[known], area[known], minlength=size)
    means = np.full(size, area[known].mean())
    np.divide(sums, counts, out=means, where=counts >= ALONE)
    return means[given]


def _right(evidence, rate):
    """The probability of each to be of the upper group, `(N,)`."""
    known = evidence[~np.isnan(evidence)]
    alike = np.where(np.isnan(evidence), 1.0, 1.0 - rate)
    if not known.size or not 0.0 < rate < 1.0:
        return alike
    low, high = without_outliers(known)
    histogram = histogram_of(known, low, high)
    center, spread = histogram.mean, histogram.spread
    # Also refuses a spread that is rounding only.
    if not spread > 1e-12 * np.abs(histogram.points).max():
        return alike
    mixture = fit_two_normals(
        histogram._replace(points=(histogram.points - center) / spread),
        common=True,
        max_iter=100,
        tolerance=1e-6,
        floor=1e-6,
        lower_weight=rate,
    )
    odds = mixture.odds_of_lower((evidence - center) / spread)
    return logistic(-odds)
