"""From a score to a mask: which labels are called wrong."""

import numpy as np

from keras_robust.detect.mixtures import two_normals
from keras_robust.detect.registry import Registry

_splits = Registry("split", "detect.register_split")

# More samples than this do not move the two groups; they only cost time.
_FIT_AT_MOST = 100_000


def register_split(name):
    """A decorator that makes a function usable as `split=name`.

    The function takes the `Score` of the samples that have a record (no
    NaN, all finite) and returns a boolean mask, True for a wrong label.

    Args:
        name: the name, a string not yet taken; the same function of the
            same module, imported or run once more, takes its own again.

    Returns:
        The decorator, which returns the function unchanged.

    Raises:
        ValueError: if the name is empty, or another function has it.

    Example:

    >>> from keras_robust.detect import register_split
    >>> @register_split("below_a_tenth")
    ... def below_a_tenth(score):
    ...     return score.quality < 0.1
    """

    def register(function):
        _splits.add(name, function, function)
        return function

    return register


def get_split(name):
    """The split function called `name`.

    Raises:
        ValueError: if the name is unknown, with the nearest one there is.
    """
    return _splits.get(name)


@register_split("gmm")
def gmm(score):
    """A mixture of two normal distributions of one common variance.

    A label is flagged if the lower component more probably produced its
    evidence than the upper one, and its quality is below 1/2. So there is
    one threshold, with everything below it flagged.

    DivideMix lets each component have its own variance and sets no limit.
    That fits badly where one group is much narrower or there is only one:
    measured on scikit-learn's digits (1437 images, small CNN, AUM over 30
    epochs of cross-entropy, or of AGCE with a warm-up, three seeds) it
    calls 33 to 45 % of clean labels wrong. With one variance and the limit
    0.5 to 2.5 % of clean labels are flagged, and the F1 stays within 0.04
    of the best that any threshold reaches at 5 to 60 % symmetric noise,
    within 0.08 at 2 % (29 wrong labels).

    Where nothing can be split (fewer than two samples, all alike) nothing
    is flagged.

    Reference:
        Li et al., "DivideMix: Learning with Noisy Labels as Semi-supervised
        Learning", ICLR 2020, section 3.1 (with separate variances).
    """
    suspicious = score.quality < 0.5
    if not suspicious.any():
        return suspicious
    values = _without_outliers(score.evidence)
    # Sorted: not even the rounding may depend on the order of the samples.
    sample = np.sort(values)
    spread = sample.std()
    # Also refuses a spread that is rounding only.
    if not spread > 1e-12 * np.abs(sample).max():
        return np.zeros_like(suspicious)
    center = sample.mean()
    values, sample = (values - center) / spread, (sample - center) / spread
    if sample.size > _FIT_AT_MOST:
        ranks = np.linspace(0, sample.size - 1, _FIT_AT_MOST)
        sample = sample[ranks.round().astype(np.int64)]
    mixture = _fit(sample, _otsu(sample))
    lower = int(np.argmin(mixture.means_[:, 0]))
    posterior = mixture.predict_proba(values[:, None])[:, lower]
    return suspicious & (posterior > 0.5)


def _without_outliers(values):
    """The outermost thousandth on each side, moved to where it begins.

    So one broken sample among a thousand does not become a component of
    its own. Fewer samples than that are left alone.
    """
    low = np.quantile(values, 0.001, method="lower")
    high = np.quantile(values, 0.999, method="higher")
    return np.clip(values, low, high)


def _otsu(ordered):
    """The cut with the smallest variance within its two sides, exactly.

    Returns the largest value of the lower side.
    """
    below = np.arange(1, ordered.size)
    total = np.cumsum(ordered)
    between = (total[:-1] - total[-1] * below / ordered.size) ** 2
    between /= below * (ordered.size - below)
    # A cut between equal values is none.
    between[ordered[1:] == ordered[:-1]] = -1.0
    return ordered[np.argmax(between)]


def _fit(ordered, cut):
    """Fits the mixture, from the two sides of `cut` as a start."""
    sides = ordered[ordered <= cut], ordered[ordered > cut]
    within = sum(((side - side.mean()) ** 2).sum() for side in sides)
    # Where the fit stands after the last iteration is a fair threshold.
    return two_normals(
        ordered,
        covariance_type="tied",
        max_iter=100,
        # Stopping at this tolerance matters where the groups overlap
        # entirely: a fit run to its end turns to the far tail instead.
        tol=1e-3,
        means_init=[[side.mean()] for side in sides],
        weights_init=[side.size / ordered.size for side in sides],
        precisions_init=[[1.0 / max(within / ordered.size, 1e-6)]],
        random_state=0,
    )


@register_split("threshold")
def threshold(score):
    """Flags a quality below 1/2: where the score itself speaks against it.

    For scores that come with a decision of their own, `"gmm"` and `"ctrl"`.
    """
    return score.quality < 0.5
