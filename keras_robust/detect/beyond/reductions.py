"""From the qualities of positions or classes to one of each sample."""

import numpy as np

# cleanlab's.
_TEMPERATURE = 0.1


def _soft_minimum(quality, starts):
    """The mean with weights `exp((1 - q) / 0.1)`."""
    weights = np.exp((1.0 - quality) / _TEMPERATURE)
    total = np.add.reduceat(weights, starts)
    return np.add.reduceat(weights * quality, starts) / total


def _minimum(quality, starts):
    return np.minimum.reduceat(quality, starts)


def _mean(quality, starts):
    return np.add.reduceat(quality, starts) / _sizes(quality, starts)


def _sizes(quality, starts):
    return np.diff(np.append(starts, quality.size))


REDUCTIONS = {
    "softmin": _soft_minimum,
    "min": _minimum,
    "mean": _mean,
}


def reduced(name, quality, sizes):
    """One quality for each sample.

    Args:
        name: A name of `REDUCTIONS`.
        quality: Of all samples, one after another, float64 `(P,)` in [0, 1].
        sizes: How many of them each sample has, `(n,)`.

    Returns:
        float64 `(n,)` in [0, 1], 1 for a sample of none.
    """
    found = _of_some(REDUCTIONS[name], quality, sizes, otherwise=1.0)
    # Rounding can leave a mean a hair outside.
    return np.clip(found, 0.0, 1.0)


def totals(flags, sizes):
    """How many are True of each sample, int64 `(n,)`."""
    found = _of_some(np.add.reduceat, flags.astype(np.int64), sizes, 0)
    return found.astype(np.int64)


def _of_some(function, values, sizes, otherwise):
    """`function` of the samples that have any."""
    found = np.full(sizes.size, otherwise)
    some = sizes > 0
    if some.any():
        starts = (np.cumsum(sizes) - sizes)[some]
        found[some] = function(values, starts)
    return found


def check_aggregate(name, known):
    """Raises a `ValueError` for a name that is none of those known."""
    if not isinstance(name, str) or name not in known:
        raise ValueError(
            f"`aggregate` must be one of {', '.join(known)}. Received: "
            f"aggregate={name!r}"
        )
