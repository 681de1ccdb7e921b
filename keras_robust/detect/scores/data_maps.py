"""Data Maps: how sure, how changeable and how often right a model was."""

import numpy as np

from keras_robust.detect.scores.forgetting import forgotten
from keras_robust.detect.scores.reading import correct_of
from keras_robust.detect.scores.reading import opened
from keras_robust.detect.scores.score import Score
from keras_robust.detect.scores.score import register_score
from keras_robust.detect.statistics.means import mean_of_seen
from keras_robust.detect.statistics.odds import log_odds


def data_map(trajectories):
    """Where every sample lies on the data map of a training run.

    Formula: with `p_e` the probability of the given label in epoch `e`,
    `confidence = mean_e p_e`, `variability = std_e p_e` (divided by E),
    `correctness` the share of the epochs in which the label was predicted,
    `forgetfulness` how often it was predicted in one epoch and not in the
    next (E if it never was), `closeness = confidence (1 - confidence)`.

    To look at a data set: labels of low confidence and low variability were
    hard to learn, and many of them are wrong; high variability means
    ambiguous; high confidence and low variability easy.

    Args:
        trajectories: As of `find_label_issues`, with the signals
            `"cross_entropy"`, of which `p` is `exp(-CE)`, and `"correct"`.

    Returns:
        dict of name to float64 `(N,)`, which `pandas.DataFrame` takes. NaN
        for a sample never seen. The authors count correct epochs where this
        has their share, and call never learned 1000.

    Raises:
        ValueError: if a signal was not recorded.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import data_map
    >>> from keras_robust.trajectories import Trajectories
    >>> p = np.array([[0.8, 0.1], [0.6, 0.3]])
    >>> t = Trajectories(
    ...     ids=[10, 11], epochs=[0, 1], given_label=[0, 1], num_classes=2,
    ...     signals={"cross_entropy": -np.log(p), "correct": p > 0.5},
    ... )
    >>> data_map(t)["confidence"], data_map(t)["variability"]
    (array([0.7, 0.2]), array([0.1, 0.1]))

    Reference:
        Swayamdipta et al., "Dataset Cartography: Mapping and Diagnosing
        Datasets with Training Dynamics", EMNLP 2020, section 2.
    """
    names = (
        "confidence",
        "variability",
        "correctness",
        "forgetfulness",
        "closeness",
    )
    trajectories = opened(trajectories)
    columns = np.empty((len(names), len(trajectories)))
    for start, part in trajectories.blocks(("cross_entropy", "correct")):
        confidence, variability = _position(part)
        columns[:, start : start + len(part)] = (
            confidence,
            variability,
            mean_of_seen(correct_of(part)),
            forgotten(part.signal("correct")),
            confidence * (1.0 - confidence),
        )
    return dict(zip(names, columns, strict=True))


def _position(trajectories):
    """Mean and standard deviation of the label's probability."""
    loss = np.maximum(trajectories.signal("cross_entropy"), 0.0)
    p = np.exp(-loss.astype(np.float64, order="C"))
    mean = mean_of_seen(p)
    return mean, np.sqrt(mean_of_seen((p - mean) ** 2))


@register_score("confidence", signals=("cross_entropy",), per_sample=True)
def confidence(trajectories):
    """The mean probability of the given label over the epochs.

    `quality = mean_e p_e`, with `p = exp(-CE)`, and `evidence` its log-odds.
    An epoch in which the label had no probability at all counts as one, not
    more, unlike in the mean cross-entropy.

    Reference:
        Swayamdipta et al., "Dataset Cartography", EMNLP 2020, section 2.
    """
    mean, _ = _position(trajectories)
    return Score(mean, log_odds(mean))


@register_score("variability", signals=("cross_entropy",), per_sample=True)
def variability(trajectories):
    """How much the probability of the given label changed over the epochs.

    `quality = 1 - 2 std_e p_e`, as no standard deviation of numbers in
    [0, 1] is above 1/2, and `evidence = -std_e p_e`: suspicious is the
    ambiguous region of the map, as of labels learned by heart halfway. Of a
    label that the model refused from the first to the last epoch it sees
    nothing; `"data_maps"` does.

    Reference:
        Swayamdipta et al., "Dataset Cartography", EMNLP 2020, section 2.
    """
    _, spread = _position(trajectories)
    return Score(np.clip(1.0 - 2.0 * spread, 0.0, 1.0), -spread)


@register_score("correctness", signals=("correct",), per_sample=True)
def correctness(trajectories):
    """The share of the epochs in which the given label was predicted.

    `quality = n / E` for `n` of the `E` epochs in which the sample was seen,
    `evidence = log((n + 1/2) / (E - n + 1/2))`, the empirical log-odds.

    Reference:
        Swayamdipta et al., "Dataset Cartography", EMNLP 2020, section 2.
    """
    correct = correct_of(trajectories)
    share, seen = mean_of_seen(correct), (~np.isnan(correct)).sum(axis=0)
    odds = (share * seen + 0.5) / ((1.0 - share) * seen + 0.5)
    return Score(share, np.log(odds))


@register_score("data_maps", signals=("cross_entropy",), per_sample=True)
def data_maps(trajectories):
    """Whether the label lies in the hard-to-learn corner of the data map.

    `quality = min(1, confidence + variability)`, low only where both are,
    as the paper finds of wrong labels; `evidence` is the log-odds of the sum
    over `(1 + sqrt(2)) / 2`, the most that it can be. The sum is ours: the
    paper reads the map by eye, and trains a classifier on the confidence.

    Reference:
        Swayamdipta et al., "Dataset Cartography", EMNLP 2020, sections 2, 5.
    """
    mean, spread = _position(trajectories)
    upper = mean + spread
    return Score(
        np.minimum(upper, 1.0), log_odds(upper / ((1.0 + np.sqrt(2.0)) / 2.0))
    )
