"""How surely a share is known from a part of the cases."""

import statistics

import numpy as np

from keras_robust.detect.ranges import number


def wilson_interval(hits, total, confidence=0.95):
    """Wilson's score interval of shares.

    Formula: `(p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) /
    (1 + z^2 / n)`, with `p = hits / n` and `z` the normal quantile.

    Unlike `p -+ z sqrt(p (1 - p) / n)` it stays in [0, 1], and is no point
    where all cases are alike.

    Args:
        hits: How many of the cases, integers of any shape.
        total: Of how many, integers of the same shape.
        confidence: How often such an interval holds the true share, in
            (0, 1). Defaults to `0.95`.

    Returns:
        The lower and the upper ends, float64; 0 and 1 where there are no
        cases.

    Raises:
        ValueError: if `confidence` is not in (0, 1).

    Example:

    >>> from keras_robust.detect.statistics.proportions import wilson_interval
    >>> low, high = wilson_interval(9, 10)
    >>> round(float(low), 3), round(float(high), 3)
    (0.596, 0.982)

    Reference:
        Wilson, "Probable Inference, the Law of Succession, and Statistical
        Inference", Journal of the American Statistical Association 22, 1927.
    """
    confidence = number("confidence", confidence, 0, 1, ends="none")
    z = statistics.NormalDist().inv_cdf(0.5 + confidence / 2.0)
    hits, total = np.asarray(hits, float), np.asarray(total, float)
    some = np.maximum(total, 1.0)
    p = hits / some
    center = p + z**2 / (2.0 * some)
    width = z * np.sqrt(p * (1.0 - p) / some + (z / (2.0 * some)) ** 2)
    low, high = (center + np.stack([-width, width])) / (1.0 + z**2 / some)
    # Rounding aside, these are the ends where no or all cases are hits.
    low = np.where(hits == 0, 0.0, np.clip(low, 0.0, p))
    high = np.where(hits == total, 1.0, np.clip(high, p, 1.0))
    return low, high
