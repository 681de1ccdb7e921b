"""Probabilities from log-odds, and log-odds from probabilities."""

import numpy as np

# Half of the distance between 1 and the next smaller float32.
_LEAST = 2.0**-25
_AT_ONCE = 65_536


def logistic(odds, out=None):
    """`1 / (1 + exp(-odds))`, without overflow; NaN stays NaN.

    Args:
        odds: float64 of any shape.
        out: where the work is done, such as `odds` itself if that is needed
            no more. Defaults to `None`: in new memory.
    """
    negative = odds < 0
    # No argument is positive, so nothing overflows.
    tail = np.exp(np.negative(np.abs(odds, out=out), out=out), out=out)
    result = np.where(negative, tail, 1.0)
    tail = np.add(tail, 1.0, out=out)
    return np.divide(result, tail, out=result)


def log_odds(share):
    """`log(s / (1 - s))`, finite for 0 and 1, as those are rounded."""
    share = np.clip(share, _LEAST, 1.0 - _LEAST)
    return np.log(share) - np.log1p(-share)


def log_odds_of_doubles(probability):
    """`log(p / (1 - p))`, finite for 0 and 1, as float64 rounds to them."""
    odds = np.empty(probability.shape)
    for begin in range(0, probability.size, _AT_ONCE):
        where = slice(begin, begin + _AT_ONCE)
        part = probability[where]
        odds[where] = np.log(np.maximum(part, np.finfo(np.float64).tiny))
        # The next number below 1 is twice as far from it as this.
        odds[where] -= np.log(np.maximum(1.0 - part, 2.0**-54))
    return odds
