"""From the qualities of a sample's classes, or positions, to one number."""

import numpy as np

# cleanlab's, of the moving average and of the soft minimum.
_ALPHA = 0.8
_TEMPERATURE = 0.1


def _moving_average(quality, counted):
    """`m <- 0.8 q + 0.2 m` from the best to the worst."""
    ordered = np.sort(np.where(counted, quality, np.inf), axis=1)
    number = counted.sum(axis=1)
    place = np.arange(ordered.shape[1])
    # The worst has the weight 0.8, the next 0.2 * 0.8, and so on; the best
    # all that is left.
    weights = np.broadcast_to(_ALPHA * (1.0 - _ALPHA) ** place, ordered.shape)
    left = (1.0 - _ALPHA) ** np.maximum(number - 1, 0)
    last = place == number[:, None] - 1
    weights = np.where(last, left[:, None], weights)
    return np.where(place < number[:, None], weights * ordered, 0.0).sum(axis=1)


def _soft_minimum(quality, counted):
    """The mean with weights `exp((1 - q) / 0.1)`."""
    weights = np.where(counted, np.exp((1.0 - quality) / _TEMPERATURE), 0.0)
    total = np.maximum(weights.sum(axis=1), np.finfo(np.float64).tiny)
    return (weights * quality).sum(axis=1) / total


def _minimum(quality, counted):
    return np.where(counted, quality, 1.0).min(axis=1)


def _mean(quality, counted):
    number = np.maximum(counted.sum(axis=1), 1)
    return np.where(counted, quality, 0.0).sum(axis=1) / number


AGGREGATES = {
    "exponential_moving_average": _moving_average,
    "softmin": _soft_minimum,
    "min": _minimum,
    "mean": _mean,
}


def check_aggregate(name, known=tuple(AGGREGATES)):
    """Raises a `ValueError` for a name that is none of those known."""
    if not isinstance(name, str) or name not in known:
        raise ValueError(
            f"`aggregate` must be one of {', '.join(known)}. Received: "
            f"aggregate={name!r}"
        )


def aggregated(name, quality, counted):
    """One quality for each row.

    Args:
        name: A name of `AGGREGATES`.
        quality: Numbers in [0, 1], `(N, K)`.
        counted: Which of them count, bool `(N, K)`.

    Returns:
        float64 `(N,)` in [0, 1], 1 for a row of which none counts.
    """
    quality = np.where(counted, quality, 0.0).astype(np.float64, copy=False)
    found = AGGREGATES[name](quality, counted)
    # Rounding can leave a mean a hair outside.
    found = np.clip(found, 0.0, 1.0)
    return np.where(counted.any(axis=1), found, 1.0)
