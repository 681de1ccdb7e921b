"""CNLCU: how small a sample's loss may be, given how little is known of it."""

import numpy as np

from keras_robust.detect.checks import as_matrix
from keras_robust.detect.checks import integer
from keras_robust.detect.scores.score import Score
from keras_robust.detect.scores.score import register_score
from keras_robust.detect.statistics.means import mean_of_seen

# Samples at a time, so that their distances take little memory.
_BLOCK = 65536


def soft_lower_bound(losses, selections, epoch, variance=1e-4):
    """The lower confidence bound of a mean loss, outliers damped (CNLCU-S).

    Formula: `max(0, mu - v (s + v log(2s) / s^2) / (n + 1 - v))`, with
    `mu` the mean of `log(1 + l + l^2 / 2)` over the window, `s = epoch + 1`,
    `n` the number of times that the sample was selected, plus 1, and `v` the
    variance. The fewer those, the lower the bound: who was hardly ever
    selected gets another chance.

    Args:
        losses: Cross-entropies of a window, `(W, N)`; NaN where not seen.
        selections: How often each sample was selected, plus 1, `(N,)`.
        epoch: The number of the epoch, from 0.
        variance: `sigma^2` of the paper. Defaults to `1e-4`.

    Returns:
        float64 `(N,)`, NaN for a sample not seen in the window.

    Raises:
        ValueError: if the losses have not two axes, or `epoch` is not an
            integer of at least 0.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import soft_lower_bound
    >>> losses, selections = np.ones((3, 2)), np.array([1, 4])
    >>> soft_lower_bound(losses, selections, epoch=9, variance=0.1)
    array([0.390, 0.712])

    Reference:
        Xia et al., "Sample Selection with Uncertainty of Losses for Learning
        with Noisy Labels", ICLR 2022.
    """
    epoch = integer("epoch", epoch, at_least=0)
    losses = np.maximum(as_matrix("losses", losses, "(W, N)"), 0.0)
    mean = mean_of_seen(np.log1p(losses + losses**2 / 2.0))
    s = epoch + 1.0
    width = variance * (s + variance * np.log(2.0 * s) / s**2)
    return np.maximum(mean - width / (selections + 1.0 - variance), 0.0)


def hard_lower_bound(losses, selections, epoch, variance=1e-4, bound=2.0):
    """The lower confidence bound of a mean loss, outliers dropped (CNLCU-H).

    Formula: `max(0, mu - 2 sqrt(2v) L (s + sqrt(2) o) sqrt(log(4s) / n) /
    ((s - o) sqrt(s)))`, with `mu` the mean of the losses but for `o` outliers,
    `L` the bound of the loss and the rest as of `soft_lower_bound`. Outliers
    are those that the local outlier factor among 2 neighbours finds at 10 %
    contamination, in windows of 5 losses or more.

    The authors' code sets the others to 0 in place of the outliers; this
    follows the paper.

    Args:
        losses, selections, epoch: As of `soft_lower_bound`.
        variance: `tau_min` of the paper. Defaults to `1e-4`.
        bound: `L`. Defaults to `2.0`, the authors'.

    Returns:
        float64 `(N,)`, NaN for a sample not seen in the window.

    Raises:
        ValueError: if the losses have not two axes, or `epoch` is not an
            integer of at least 0.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import hard_lower_bound
    >>> losses = np.array([[1.0, 1.2, 0.9, 1.1, 9.0, 1.3]]).T
    >>> hard_lower_bound(losses, np.array([1]), epoch=9, variance=0.0)
    array([1.1])

    Reference:
        Xia et al., "Sample Selection with Uncertainty of Losses for Learning
        with Noisy Labels", ICLR 2022.
    """
    epoch = integer("epoch", epoch, at_least=0)
    losses = as_matrix("losses", losses, "(W, N)").copy()
    outlying = _outlying(losses)
    losses[outlying] = np.nan
    mean, o, s = mean_of_seen(losses), outlying.sum(axis=0), epoch + 1.0
    # A window may be longer than there were epochs, where data were recorded
    # in another way; then all that is left counts.
    left = np.maximum(s - o, 1.0)
    width = 2.0 * np.sqrt(2.0 * variance) * bound * (s + np.sqrt(2.0) * o)
    width = width * np.sqrt(np.log(4.0 * s) / selections) / (left * np.sqrt(s))
    return np.maximum(mean - width, 0.0)


def _outlying(losses):
    """Which losses of each sample are outliers, bool `(W, N)`."""
    outlying = np.zeros(losses.shape, bool)
    # Of a part of a window, or an infinite loss, there is nothing to say.
    whole = np.flatnonzero(np.isfinite(losses).all(axis=0))
    if len(losses) >= 5:
        for begin in range(0, whole.size, _BLOCK):
            columns = whole[begin : begin + _BLOCK]
            outlying[:, columns] = _factor_below(losses[:, columns].T).T
    return outlying


def _factor_below(rows):
    """As `LocalOutlierFactor(2, contamination=0.1)` of each row, all at once.

    scikit-learn's takes one sample at a time, about a millisecond each.
    """
    distance = np.abs(rows[:, :, None] - rows[:, None, :])
    own = np.arange(rows.shape[1])
    distance[:, own, own] = np.inf
    nearest = np.argsort(distance, axis=2, kind="stable")[:, :, :2]
    near = np.take_along_axis(distance, nearest, 2)
    to_second = near[:, :, 1]
    neighbours = nearest.reshape(len(rows), -1)
    reach = np.take_along_axis(to_second, neighbours, 1).reshape(near.shape)
    density = 1.0 / (np.maximum(reach, near).mean(axis=2) + 1e-10)
    around = np.take_along_axis(density, neighbours, 1).reshape(near.shape)
    inverse = -around.mean(axis=2) / density
    limit = np.percentile(inverse, 10.0, axis=1, keepdims=True)
    return inverse < limit


def _score(trajectories, bound, window):
    losses = trajectories.signal("cross_entropy")[-window:]
    seen = (~np.isnan(losses)).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        low = bound(losses, seen, trajectories.num_epochs - 1)
    low = np.where(seen, low, np.nan)
    return Score(quality=np.exp(-low), evidence=-np.sqrt(low))


@register_score("cnlcu_soft", signals=("cross_entropy",), per_sample=True)
def cnlcu_soft(trajectories):
    """The lower confidence bound of the loss over the last three epochs.

    `quality = exp(-b)` and `evidence = -sqrt(b)`, with `b` the
    `soft_lower_bound`. In place of how often a sample was selected, which a
    trajectory does not say, stands in how many of those epochs it was seen.

    Reference:
        Xia et al., "Sample Selection with Uncertainty of Losses for Learning
        with Noisy Labels", ICLR 2022.
    """
    return _score(trajectories, soft_lower_bound, window=3)


@register_score("cnlcu_hard", signals=("cross_entropy",), per_sample=True)
def cnlcu_hard(trajectories):
    """The lower confidence bound of the loss over the last seven epochs.

    As `cnlcu_soft`, with the `hard_lower_bound`.

    Reference:
        Xia et al., "Sample Selection with Uncertainty of Losses for Learning
        with Noisy Labels", ICLR 2022.
    """
    return _score(trajectories, hard_lower_bound, window=7)
