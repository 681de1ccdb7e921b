"""Residuals of a regression: their mean over epochs, and how wide they are."""

import numpy as np

# Samples at a time, so that a median over the epochs takes little memory.
_BLOCK = 65536
# How many predictions stand for one level, where the width follows the level.
_A_LEVEL = 50
_LEVELS = 20


def mean_residual(labels, predictions):
    """The mean of `label - prediction` over what there is, halved.

    Halves, so that not even the largest numbers overflow.

    Args:
        labels: float64 `(N,)`.
        predictions: `(E, N)`, NaN where there is none.

    Returns:
        float64 `(N,)`, NaN for a sample without any prediction.
    """
    total = np.zeros(labels.size)
    seen = np.zeros(labels.size, np.int64)
    # Epoch by epoch: no second (E, N) array for large data.
    for epoch in predictions:
        residual = 0.5 * labels - 0.5 * epoch
        present = ~np.isnan(residual)
        # The running mean: a sum could overflow.
        seen += present
        step = (residual - total) / np.maximum(seen, 1)
        np.add(total, step, out=total, where=present)
    total[seen == 0] = np.nan
    return total


def median_prediction(predictions):
    """The median over the epochs, float64 `(N,)`; NaN without any."""
    median = np.full(predictions.shape[1], np.nan)
    for start in range(0, median.size, _BLOCK):
        part = np.sort(predictions[:, start : start + _BLOCK], axis=0)
        part = part.astype(np.float64)
        # NaN are sorted to the end.
        seen = (~np.isnan(part)).sum(axis=0)
        columns = np.arange(part.shape[1])
        low = part[np.maximum(seen - 1, 0) // 2, columns]
        high = part[np.minimum(seen // 2, len(part) - 1), columns]
        median[start : start + _BLOCK] = 0.5 * low + 0.5 * high
    return median


def robust_scale(deviations):
    """The standard deviation that normal residuals of this width have.

    Formula: `1.4826 median |d|`, or, where more than half of all are 0,
    `1.2533 mean |d|`.

    Args:
        deviations: Residuals less their median, float64 `(N,)`, without NaN.

    Returns:
        The scale, and whether the median gave it.
    """
    size = np.sort(np.abs(deviations))
    if not size.size:
        return 0.0, True
    # In units of the largest: no sum overflows then.
    largest = size[-1] if size[-1] > 0 else 1.0
    size = size / largest
    median = float(np.median(size))
    if median > 0:
        return 1.4826 * median * largest, True
    return 1.2533 * float(np.mean(size)) * largest, False


def scale_by_level(deviations, level):
    """The robust scale of each sample, among those predicted alike.

    The predictions are cut at their quantiles into at most 20 groups of 50
    samples or more; between the middles of the groups the scale is
    interpolated. It is at least a tenth of that of all.

    Args:
        deviations: As of `robust_scale`.
        level: What was predicted, float64 `(N,)`.

    Returns:
        float64 `(N,)`.
    """
    overall, _ = robust_scale(deviations)
    groups = min(_LEVELS, deviations.size // _A_LEVEL)
    if groups < 2:
        return np.full(deviations.size, overall)
    edges = np.quantile(level, np.linspace(0, 1, groups + 1)[1:-1])
    group = np.searchsorted(edges, level, side="right")
    middles, scales = [], []
    # Groups that equal predictions have left empty drop out.
    for number in np.unique(group):
        inside = group == number
        middles.append(np.median(level[inside]))
        scales.append(robust_scale(deviations[inside])[0])
    return np.maximum(np.interp(level, middles, scales), 0.1 * overall)
