"""The score to begin with: margins, and how many labels look wrong at all."""

import numpy as np

from keras_robust.detect.confident_rate import confident_rate
from keras_robust.detect.per_class import ALONE
from keras_robust.detect.scores import Score
from keras_robust.detect.scores import register_score

# How much of a class's own mean is taken off its margins.
_CENTRED = 0.5
# Of the spread of the evidence, the width over which right turns to wrong.
_WIDTH = 0.2
_HALVINGS = 60


@register_score(
    "auto", signals=("cross_entropy", "margin", "predicted"), streams=True
)
def auto(trajectories):
    """The probability that the label is right, by margins and a count.

    Formula: with `m_i` the mean margin over the epochs (AUM) and `M_y` its
    mean over the samples with the same label, `evidence_i = m_i - M_y / 2`:
    classes that are hard as a whole are not all suspicious. `quality_i =
    1 / (1 + exp((c - evidence_i) / h))`, with `h` a fifth of the evidence's
    standard deviation, and `c` such that the mean of `1 - quality` is the
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
    known = evidence[~np.isnan(evidence)]
    width = _WIDTH * known.std() if known.size else 0.0
    # Also refuses a spread that is rounding only.
    if not width > 1e-12 * np.abs(known).max(initial=0.0):
        return np.where(np.isnan(evidence), 1.0, 1.0 - rate)
    low, high = known.min() - 50 * width, known.max() + 50 * width
    for _ in range(_HALVINGS):
        center = (low + high) / 2
        if _logistic((center - known) / width).mean() < rate:
            low = center
        else:
            high = center
    return 1.0 - _logistic((center - evidence) / width)


def _logistic(x):
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(-x))
