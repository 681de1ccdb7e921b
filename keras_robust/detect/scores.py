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


_scores = Registry("score", "detect.register_score")


def register_score(name, signals):
    """A decorator that makes a function usable as `score=name`.

    The function takes `Trajectories` and returns a `Score`.

    Args:
        name: the name, a string not yet taken; the same function of the
            same module, imported or run once more, takes its own again.
        signals: names of the signals it reads; they are looked for before
            the function is called.

    Returns:
        The decorator, which returns the function unchanged.

    Raises:
        ValueError: if the name is empty, or another function has it.

    Example:

    >>> from keras_robust.detect import Score
    >>> from keras_robust.detect import register_score
    >>> @register_score("share_correct", signals=("correct",))
    ... def share_correct(trajectories):
    ...     share = trajectories.mean("correct")
    ...     return Score(quality=share, evidence=share)
    """

    def register(function):
        _scores.add(name, (function, tuple(signals)), function)
        return function

    return register


def available_scores():
    """The names that `score=...` takes, in alphabetical order.

    Example:

    >>> from keras_robust.detect import available_scores
    >>> "aum" in available_scores()
    True
    """
    return sorted(_scores.entries)


def signals_of(name):
    """The names of the signals that a score reads.

    Raises:
        ValueError: if the name is unknown.
    """
    return _scores.get(name)[1]


def compute_score(name, trajectories):
    """Computes the score called `name`.

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
    function, signals = _scores.get(name)
    for signal in signals:
        trajectories.signal(signal)
    quality, evidence = (
        np.asarray(part, np.float64) for part in function(trajectories)
    )
    shape = (len(trajectories),)
    if quality.shape != shape or evidence.shape != shape:
        raise ValueError(
            f'The score "{name}" must return quality and evidence of shape '
            f"{shape}. Received: {quality.shape} and {evidence.shape}"
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
