"""Splits by a mixture of two groups, which say P(wrong) of every label."""

import dataclasses

import numpy as np

from keras_robust.detect.splits.split import Flagged
from keras_robust.detect.splits.split import named
from keras_robust.detect.statistics.beta_mixture import fit_two_betas
from keras_robust.detect.statistics.histogram import histogram_of
from keras_robust.detect.statistics.histogram import without_outliers
from keras_robust.detect.statistics.mixtures import fit_two_normals
from keras_robust.detect.statistics.odds import logistic

# Where a posterior is worked out that is read off for all samples.
_GRID = 2**14


def _flagged(score, probability, separate):
    """What both mixtures return.

    A label of quality 1/2 or more is never flagged, so its P(wrong) is at
    most 1/2; and 0 if all of the lower group are such labels, which then is
    no group of wrong ones.

    Args:
        score: The `Score`.
        probability: That of the lower group, `(N,)`; is changed.
        separate: The evidence of the middle of the lower group.
    """
    suspicious = score.quality < 0.5
    no_group = separate >= np.min(
        score.evidence, where=~suspicious, initial=np.inf
    )
    np.minimum(
        probability,
        0.0 if no_group else 0.5,
        out=probability,
        where=~suspicious,
    )
    return Flagged(suspicious & (probability > 0.5), probability)


def _nothing(score):
    """Where nothing can be split."""
    empty = np.zeros(score.quality.shape)
    return Flagged(empty > 0, empty)


def _can_be_split(score):
    return score.quality.size > 0 and (score.quality < 0.5).any()


@dataclasses.dataclass(frozen=True)
class GaussianMixture:
    """A mixture of two normal distributions of one common variance (`"gmm"`).

    A label is flagged if the lower component more probably produced its
    evidence than the upper one, and its quality is below 1/2. So there is
    one threshold, with everything below it flagged. `P(wrong)` is the
    posterior of the lower component; at most 1/2 at a quality of 1/2 or
    more, and 0 there if the lower component lies there as a whole.

    DivideMix lets each component have its own variance and sets no limit.
    That fits badly where one group is much narrower or there is only one:
    measured on scikit-learn's digits (1437 images, small CNN, AUM over 30
    epochs of cross-entropy, or of AGCE with a warm-up, three seeds) it
    calls 33 to 45 % of clean labels wrong. With one variance and the limit
    0.5 to 2.5 % of clean labels are flagged, and the F1 stays within 0.04
    of the best that any threshold reaches at 5 to 60 % symmetric noise,
    within 0.08 at 2 % (29 wrong labels).

    Where nothing can be split (fewer than two samples, all alike) nothing
    is flagged. Above 100,000 samples a histogram is fitted.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import Score
    >>> from keras_robust.detect.splits import GaussianMixture
    >>> evidence = np.array([-4.0, -3.0, 3.0, 4.0, 5.0, 4.0])
    >>> score = Score(1 / (1 + np.exp(-evidence)), evidence)
    >>> GaussianMixture()(score).mask
    array([ True,  True, False, False, False, False])

    Reference:
        Li et al., "DivideMix: Learning with Noisy Labels as Semi-supervised
        Learning", ICLR 2020, section 3.1 (with separate variances).
    """

    def __call__(self, score):
        if not _can_be_split(score):
            return _nothing(score)
        low, high = without_outliers(score.evidence)
        histogram = histogram_of(score.evidence, low, high)
        center, spread = histogram.mean, histogram.spread
        standardised = histogram.standardised()
        if standardised is None:
            return _nothing(score)
        # Stopping at this tolerance matters where the groups overlap
        # entirely: a fit run to its end turns to the far tail instead.
        # Where it stands after the last step is a fair threshold.
        mixture = fit_two_normals(
            standardised,
            common=True,
            max_iter=100,
            tolerance=1e-3,
            floor=1e-6,
        )
        scaled = np.clip(score.evidence, low, high)
        scaled -= center
        scaled /= spread
        odds = mixture.odds_of_lower(scaled)
        posterior = logistic(odds, out=odds)
        return _flagged(score, posterior, center + spread * mixture.means[0])


@dataclasses.dataclass(frozen=True)
class BetaMixture:
    """A mixture of two beta distributions (`"bmm"`).

    Formula: `x = (max - evidence) / (max - min)`, kept within [0.001,
    0.999], of a mixture of two beta distributions, by ten steps of EM that
    match mean and variance. A label is flagged if the distribution of the
    larger mean more probably produced it, and its quality is below 1/2;
    `P(wrong)` is its posterior, as of `GaussianMixture`.

    For evidence that is piled up at its ends, as where a model is sure of
    most labels; normal distributions have their bulk in the middle. Ten
    steps do not reach the end, by design: on scikit-learn's digits (13 runs,
    10 to 40 % wrong) it flags as well as `"gmm"` (mean F1 .966, .951 and .956
    with AUM, mean cross-entropy and confidence), and a fit run to its end
    loses whole runs; but its mean `P(wrong)` is .04 to .06 off the share of
    wrong labels.

    The authors scale losses from their 5th to their 95th percentile, which
    with 5 % of wrong labels or fewer has all of them at one end; this leaves
    the outermost thousandth away on both sides. Beyond the mean of each
    distribution the posterior goes on towards that side, or stays: between
    two beta distributions of different width it can turn back. There is
    chance in neither.

    Args:
        on: `"evidence"`, or `"quality"`, which is in [0, 1] by itself.
            Defaults to `"evidence"`.

    Raises:
        ValueError: if `on` is neither.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import Score
    >>> from keras_robust.detect.splits import BetaMixture
    >>> evidence = np.array([-4.0, -3.0, 3.0, 4.0, 5.0, 4.0])
    >>> score = Score(1 / (1 + np.exp(-evidence)), evidence)
    >>> BetaMixture()(score).mask
    array([ True,  True, False, False, False, False])

    Reference:
        Arazo et al., "Unsupervised Label Noise Modeling and Loss
        Correction", ICML 2019, section 3.1.
    """

    on: str = "evidence"

    def __post_init__(self):
        if not isinstance(self.on, str) or self.on not in (
            "evidence",
            "quality",
        ):
            raise ValueError(
                '`on` must be "evidence" or "quality". Received: '
                f"on={self.on!r}"
            )

    def __call__(self, score):
        if not _can_be_split(score):
            return _nothing(score)
        values, (low, high) = score.quality, (0.0, 1.0)
        if self.on == "evidence":
            values = score.evidence
            low, high = without_outliers(values)
        histogram = histogram_of(values, low, high)
        largest = np.abs(histogram.points).max()
        if not histogram.spread > 1e-12 * largest:
            return _nothing(score)
        # From the least to the most suspicious.
        x = ((high - histogram.points) / (high - low))[::-1]
        mixture = fit_two_betas(
            histogram._replace(points=x, counts=histogram.counts[::-1])
        )
        grid = np.linspace(0.0, 1.0, _GRID)
        posterior = _one_way(
            logistic(-mixture.odds_of_lower(grid)),
            int(round(mixture.means[0] * (_GRID - 1))),
        )
        scaled = np.clip(values, low, high)
        scaled -= high
        scaled /= low - high
        middle = np.interp(mixture.means[1], [0.0, 1.0], [high, low])
        if self.on == "quality":
            # `_flagged` compares evidence.
            order = np.argsort(score.quality, kind="stable")
            middle = np.interp(
                middle, score.quality[order], score.evidence[order]
            )
        return _flagged(score, np.interp(scaled, grid, posterior), middle)


def _one_way(posterior, start):
    """From the middle of the right labels on it rises, before it falls."""
    posterior = posterior.copy()
    np.maximum.accumulate(posterior[start:], out=posterior[start:])
    before = posterior[start::-1]
    posterior[start::-1] = np.minimum.accumulate(before)
    return posterior


named("gmm", GaussianMixture())
named("bmm", BetaMixture())
