"""From the qualities of a sample's classes to one of the sample."""

import numpy as np

from keras_robust.detect.beyond.reductions import REDUCTIONS
from keras_robust.detect.beyond.reductions import reduced

# cleanlab's.
_ALPHA = 0.8

AGGREGATES = ("exponential_moving_average", *REDUCTIONS)


def aggregated(name, quality, known):
    """One quality for each row.

    Args:
        name: A name of `AGGREGATES`.
        quality: Numbers in [0, 1], `(N, K)`.
        known: Which of them count, bool `(N, K)`.

    Returns:
        float64 `(N,)` in [0, 1], 1 for a row of which none counts.
    """
    number = known.sum(axis=1)
    if name in REDUCTIONS:
        return reduced(name, quality[known].astype(np.float64), number)
    return np.where(number > 0, _moving_average(quality, known, number), 1.0)


def _moving_average(quality, known, number):
    """`m <- 0.8 q + 0.2 m` from the best to the worst."""
    ordered = np.where(known, quality, np.inf).astype(np.float64)
    ordered = np.sort(ordered, axis=1)
    place = np.arange(ordered.shape[1])
    # The worst has the weight 0.8, the next 0.2 * 0.8, and so on; the best
    # all that is left.
    weights = np.broadcast_to(_ALPHA * (1.0 - _ALPHA) ** place, ordered.shape)
    left = (1.0 - _ALPHA) ** np.maximum(number - 1, 0)
    last = place == number[:, None] - 1
    weights = np.where(last, left[:, None], weights)
    ordered[place >= number[:, None]] = 0.0
    return np.clip((weights * ordered).sum(axis=1), 0.0, 1.0)
