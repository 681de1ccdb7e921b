"""The score to begin with: odds of mean probabilities, and a count."""

import numpy as np

from keras_robust.detect.scores.confident_rate import confident_rate
from keras_robust.detect.scores.in_pass import given_and_other
from keras_robust.detect.scores.in_pass import learnt_after_contradiction
from keras_robust.detect.scores.in_pass import looks_collapsed
from keras_robust.detect.scores.score import Score
from keras_robust.detect.scores.score import register_score
from keras_robust.detect.statistics.histogram import histogram_of
from keras_robust.detect.statistics.histogram import without_outliers
from keras_robust.detect.statistics.means import mean_of_seen
from keras_robust.detect.statistics.mixtures import fit_two_normals
from keras_robust.detect.statistics.odds import logistic

_SIGNALS = ("cross_entropy", "margin", "predicted")
# How fast P(wrong) falls with the evidence.
_SLOPE = 2.5
# When two groups are told apart, in standard deviations, and when two counts
# of the wrong labels say the same.
_APART = 2.5
_AGREE = 1.6
# Of fewer epochs a mean says little.
_FEW_EPOCHS = 5
# Of texts, whose labels were learnt by heart, .044 and more were contradicted
# and learnt, also where all were right; of digits and images up to .028.
_BY_HEART = 0.035


@register_score("auto", _SIGNALS, streams=True, split="expected")
def auto(trajectories):
    """How much likelier the model found the label than any other class.

    Formula: with `p_y` and `p_o` the probabilities of the given label and of
    the strongest other class, and their means over the epochs,
    `evidence = log(mean p_y) - log(mean p_o)`. And
    `quality = P(right) = 1 / (1 + exp(2.5 (c - evidence)))`, with c such
    that the probabilities of being wrong add up to the number of wrong labels
    by `confident_rate`; or, where two normal distributions of one variance
    fitted to the evidence stand 2.5 standard deviations apart and the lower
    one's weight is within a factor of 1.6 of that, by this weight. On digits
    with 20 % symmetric noise it said .194 to .201 after 8 to 60 epochs, where
    `confident_rate` fell from .274 to .135.

    A mean of probabilities instead of margins: late in training a few large
    margins of labels learnt by heart would outweigh the epochs before.

    The slope 2.5 and the window of the count were chosen on trainings of 15
    epochs on digits, Fashion-MNIST and CIFAR-10N. After many more, a model
    has learnt wrong labels, and where the two groups overlap the count is too
    small; of a model that is often wrong it is too large (2.2 times on
    CIFAR-10N `aggre`).

    `notes` say when not to trust it: fewer than five epochs; a model that
    predicts one class; more than 3.5 % of the labels that another class was
    predicted for with a probability of at least .7 in the middle third of the
    epochs, and the given one throughout the last third.
    """
    evidence, likeliest = np.empty((2, len(trajectories)))
    by_heart = 0
    for start, part in trajectories.blocks(_SIGNALS):
        own, other = given_and_other(part)
        at = slice(start, start + len(part))
        evidence[at] = log_ratio(own, other)
        likeliest[at] = mean_of_seen(np.maximum(own, other))
        by_heart += int(learnt_after_contradiction(part, other).sum())
    by_heart /= max(len(trajectories), 1)
    notes = []
    if by_heart > _BY_HEART:
        notes.append(
            f"{by_heart:.0%} of the labels were contradicted clearly and "
            "predicted as given later: the model seems to learn them by "
            "heart, so few look wrong in the end (fewer epochs, a robust loss "
            "or `confident_learning` on out-of-fold probabilities help)"
        )
    if trajectories.num_epochs < _FEW_EPOCHS:
        notes.append(
            f"{trajectories.num_epochs} epochs were recorded, fewer than "
            f"{_FEW_EPOCHS}"
        )
    if looks_collapsed(trajectories):
        notes.append("the model predicts one class for nearly every sample")
    rate = sharper_rate(evidence, confident_rate(trajectories))
    right = probability_right(evidence, rate)
    return Score(right, evidence, tuple(notes), likeliest)


def log_ratio(own, other):
    """`log(mean own / mean other)` over the epochs, `(N,)`."""
    return _log_of_mean(own) - _log_of_mean(other)


def _log_of_mean(probability):
    """Over the epochs in which a sample was seen; NaN if in none."""
    mean = mean_of_seen(probability)
    return np.log(np.maximum(mean, np.finfo(np.float64).tiny))


def sharper_rate(evidence, rate):
    """The weight of the lower of two groups, if it agrees with the rate.

    Args:
        evidence: float64 `(N,)`, NaN without a record.
        rate: The share of wrong labels by another count.

    Returns:
        The weight, where there are two groups and it is near the rate; else
        the rate.
    """
    known = evidence[~np.isnan(evidence)]
    if not known.size or not 0.0 < rate < 1.0:
        return rate
    histogram = histogram_of(known, *without_outliers(known)).standardised()
    if histogram is None:
        return rate
    mixture = fit_two_normals(
        histogram,
        common=True,
        max_iter=200,
        tolerance=1e-5,
        floor=1e-6,
    )
    low, high = mixture.means
    apart = (high - low) / np.sqrt(mixture.variances[0])
    weight = float(mixture.weights[0])
    agree = rate / _AGREE <= weight <= rate * _AGREE
    return weight if apart >= _APART and agree else rate


def probability_right(evidence, rate, slope=_SLOPE):
    """The probability of each label to be right, `(N,)`.

    Args:
        evidence: float64 `(N,)`, NaN without a record.
        rate: The share of wrong labels, which the probabilities add up to.
        slope: How fast they change with the evidence.
    """
    known = evidence[~np.isnan(evidence)]
    if not known.size or not 0.0 < rate < 1.0:
        return np.where(np.isnan(evidence), 1.0, 1.0 - rate)
    histogram = histogram_of(known, *without_outliers(known))
    share = histogram.counts / histogram.counts.sum()
    scaled = slope * histogram.points
    low, high = scaled[0] - 50.0, scaled[-1] + 50.0
    for _ in range(60):
        middle = (low + high) / 2
        if share @ logistic(middle - scaled) < rate:
            low = middle
        else:
            high = middle
    odds = slope * evidence
    odds -= middle
    return logistic(odds, out=odds)
