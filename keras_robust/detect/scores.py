"""From trajectories to one label-quality number for each sample."""

import typing

import numpy as np

from keras_robust.detect.registry import Registry


class Score(typing.NamedTuple):
    """What a score says about each label; low is suspicious in both.

    Args:
        quality: float64 in [0, 1], shape `(N,)`. Below 1/2 the evidence is
            against the given label.
        evidence: float64, shape `(N,)`: the same order on an unbounded
            scale, on which right and wrong labels spread about equally
            wide. It is what a split looks at and what breaks ties where
            `quality` saturates. NaN marks a sample without any record.
    """

    quality: np.ndarray
    evidence: np.ndarray


# One table for each of what a score may read.
_scores = {
    reads: Registry("score", "detect.register_score")
    for reads in ("trajectories", "pred_probs", "embeddings")
}


def register_score(name, signals=(), reads="trajectories"):
    """A decorator that makes a function usable as `score=name`.

    The function returns a `Score`. What it takes depends on `reads`:
    `Trajectories`; or the labels, int64 `(N,)`, and the probabilities
    `(N, K)` of each class; or the labels and the embeddings `(N, D)`.

    Args:
        name: the name, a string not yet taken; the same function of the
            same module, imported or run once more, takes its own again.
        signals: names of the signals it reads of trajectories; they are
            looked for before the function is called.
        reads: `"trajectories"`, `"pred_probs"` or `"embeddings"`.
            Defaults to `"trajectories"`.

    Returns:
        The decorator, which returns the function unchanged.

    Raises:
        ValueError: if the name is empty, or another function has it, or
            `reads` is not one of the three.

    Example:

    >>> from keras_robust.detect import Score
    >>> from keras_robust.detect import register_score
    >>> @register_score("share_correct", signals=("correct",))
    ... def share_correct(trajectories):
    ...     share = trajectories.mean("correct")
    ...     return Score(quality=share, evidence=share)
    """

    table = _table(reads)

    def register(function):
        table.add(name, (function, tuple(signals)), function)
        return function

    return register


def _table(reads):
    if reads not in _scores:
        raise ValueError(
            f"`reads` must be one of {', '.join(_scores)}. Received: "
            f"reads={reads!r}"
        )
    return _scores[reads]


def available_scores(reads="trajectories"):
    """The names that `score=...` takes, in alphabetical order.

    Args:
        reads: what the scores are to read, as in `register_score`.
            Defaults to `"trajectories"`.

    Raises:
        ValueError: if `reads` is not one of the three.

    Example:

    >>> from keras_robust.detect import available_scores
    >>> "aum" in available_scores()
    True
    """
    return sorted(_table(reads).entries)


def signals_of(name):
    """The names of the signals that a score reads.

    Raises:
        ValueError: if the name is unknown.
    """
    return _scores["trajectories"].get(name)[1]


def compute_score(name, trajectories):
    """Computes the score called `name` of trajectories.

    A sample without any record has evidence NaN and gets quality 1: nothing
    speaks against its label.

    Args:
        name: the name of a registered score.
        trajectories: `Trajectories` with the signals the score reads.

    Returns:
        A checked `Score`.

    Raises:
        ValueError: if the name is unknown, a signal was not recorded, or
            the function returned something that is no `Score`.
    """
    function, signals = _scores["trajectories"].get(name)
    for signal in signals:
        trajectories.signal(signal)
    return _checked(name, function(trajectories), len(trajectories))


def score_function(reads, name):
    """The function registered as the score called `name`.

    Raises:
        ValueError: if the name is unknown.
    """
    return _table(reads).get(name)[0]


def compute_score_of(reads, name, labels, values, **options):
    """Computes the score called `name` of probabilities or embeddings.

    Args:
        reads: `"pred_probs"` or `"embeddings"`.
        name: the name of a registered score.
        labels: the given labels, checked, int64 `(N,)`.
        values: what the score reads of each sample, `(N, ...)`.
        **options: other arguments of the score.

    Returns:
        A checked `Score`, or what the score returns beyond that: a named
        tuple whose first two are those of a `Score`.

    Raises:
        ValueError: if the name is unknown, or the function returned
            something that is no `Score`.
    """
    found = score_function(reads, name)(labels, values, **options)
    checked = _checked(name, found[:2], len(labels))
    if hasattr(found, "_replace"):
        return found._replace(**checked._asdict())
    return checked


def _checked(name, score, count):
    quality, evidence = (np.asarray(part, np.float64) for part in score)
    if quality.shape != (count,) or evidence.shape != (count,):
        raise ValueError(
            f'The score "{name}" must return quality and evidence of shape '
            f"({count},). Received: {quality.shape} and {evidence.shape}"
        )
    quality = np.where(np.isnan(evidence), 1.0, quality)
    # Written so that NaN fails too.
    if not ((quality >= 0) & (quality <= 1)).all():
        raise ValueError(
            f'The score "{name}" must return a quality in [0, 1]. Received: '
            f"values from {quality.min()} to {quality.max()}"
        )
    return Score(quality, evidence)


@register_score("mean_cross_entropy", signals=("cross_entropy",))
def mean_cross_entropy(trajectories):
    """Mean cross-entropy over the recorded epochs.

    `quality = exp(-mean_e CE_e)`, the geometric mean of the probabilities
    that the model gave the label. `evidence = -sqrt(mean_e CE_e)`: the
    root, because the losses of wrong labels spread far wider than those of
    right ones.

    Reference:
        Huang et al., "O2U-Net: A Simple Noisy Label Detection Approach for
        Deep Neural Networks", ICCV 2019 (the mean loss over epochs).
    """
    loss = trajectories.mean("cross_entropy")
    # Rounding can leave a loss a hair below zero.
    loss = np.maximum(loss, 0.0)
    return Score(quality=np.exp(-loss), evidence=-np.sqrt(loss))


@register_score("aum", signals=("margin",))
def aum(trajectories):
    """Area under the margin, the mean margin over the recorded epochs.

    `AUM = mean_e (z_given - max_{k != given} z_k)`, with z the logits;
    `quality = 1 / (1 + exp(-AUM))` and `evidence = AUM`. Below zero the
    model on average preferred another class.

    Reference:
        Pleiss et al., "Identifying Mislabeled Data using the Area Under
        the Margin Ranking", NeurIPS 2020, equation 1.
    """
    area = trajectories.mean("margin")
    # Both branches see a non-positive argument, so nothing overflows.
    tail = np.exp(-np.abs(area))
    return Score(
        quality=np.where(area < 0, tail, 1.0) / (1.0 + tail), evidence=area
    )
