"""How well a given label agrees with the predicted probabilities."""

import numpy as np

from keras_robust.detect.scores.score import Score
from keras_robust.detect.scores.score import register_score
from keras_robust.detect.statistics.odds import log_odds_of_doubles
from keras_robust.noise.confident_joint import thresholds_of
from keras_robust.noise.probabilities import as_classes_and_rows
from keras_robust.noise.probabilities import blocks
from keras_robust.noise.probabilities import checked_blocks

# The methods that `adjust` is for.
_ADJUSTABLE = ("self_confidence", "normalized_margin")


def label_quality(labels, pred_probs, method="self_confidence", adjust=False):
    """How probably each given label is right, by the predicted probabilities.

    Formula: with y the given label, `"self_confidence"` is `p_y`,
    `"normalized_margin"` is `(p_y - max_{k != y} p_k + 1) / 2` and
    `"confidence_weighted_entropy"` is `log(1 + h) / h` with
    `h = -sum_k p_k log p_k / (p_y log K)`.

    Self-confidence also finds samples of no class at all; the margin prefers
    those for which another class is clearly better. The third holds labels
    against a sample less where the model is uncertain of it anyhow.

    The numbers are those of cleanlab, but for one thing: it takes neither
    `p_y` nor h for less than 1e-6, so that a label of which the model is
    entirely sure gets a quality of 0, and one which it rules out nearly 1.
    Here these get the limits, 1 and 0.

    One pass over the probabilities, two with `adjust`, a block of rows at a
    time; O(N K) time, and memory for the result.

    Args:
        labels: given labels, integers in [0, K - 1], `(N,)` or `(N, 1)`.
        pred_probs: predicted probabilities, `(N, K)`, each row of sum 1, best
            of models that have not seen the sample; an array, a memory map,
            or an array of zarr or h5py.
        method: one of the three above. Defaults to `"self_confidence"`.
        adjust: whether `p_k` is replaced by `(p_k - t_k + max t)`, divided by
            its sum, where `t` are the `noise.confident_thresholds`, for
            classes of very different size; for the first two methods.
            Defaults to `False`.

    Returns:
        float64 `(N,)` in [0, 1], low = suspicious.

    Raises:
        ValueError: if labels or probabilities are not usable, the method is
            unknown, or cannot be adjusted.

    Example:

    >>> from keras_robust.detect import label_quality
    >>> pred_probs = [[0.9, 0.1], [0.2, 0.8]]
    >>> label_quality([0, 0], pred_probs)
    array([0.9, 0.2])
    >>> label_quality([0, 0], pred_probs, "normalized_margin")
    array([0.9, 0.2])

    Reference:
        Kuan and Mueller, "Model-agnostic label quality scoring to detect
        real-world label errors", ICML DataPerf Workshop 2022.
    """
    if method not in _METHODS:
        raise ValueError(
            f"`method` must be one of {', '.join(_METHODS)}. "
            f"Received: method={method!r}"
        )
    if adjust and method not in _ADJUSTABLE:
        raise ValueError(
            f"`adjust` is for {' and '.join(_ADJUSTABLE)} only. "
            f"Received: method={method!r}, adjust={adjust!r}"
        )
    classes, pred_probs = as_classes_and_rows(labels, pred_probs)
    of_block, read = _METHODS[method], checked_blocks
    if adjust:
        thresholds = thresholds_of(classes, pred_probs)
        of_block, read = _adjusted(of_block, thresholds), blocks
    return _of_each(of_block, classes, read(pred_probs))


@register_score("self_confidence", reads="pred_probs")
def self_confidence(labels, pred_probs):
    """The probability that the model gives the label.

    `quality = p_y` and `evidence = log(p_y / (1 - p_y))`.

    Reference:
        Northcutt et al., "Confident Learning: Estimating Uncertainty in
        Dataset Labels", JAIR 2021.
    """
    return _score(_self_confidence, labels, pred_probs)


@register_score("normalized_margin", reads="pred_probs")
def normalized_margin(labels, pred_probs):
    """How much more probable the label is than any other class.

    `quality = (p_y - max_{k != y} p_k + 1) / 2` and `evidence` its log-odds.

    Reference:
        Northcutt et al., "Confident Learning: Estimating Uncertainty in
        Dataset Labels", JAIR 2021.
    """
    return _score(_normalized_margin, labels, pred_probs)


@register_score("confidence_weighted_entropy", reads="pred_probs")
def confidence_weighted_entropy(labels, pred_probs):
    """The model's uncertainty, the larger the less it believes the label.

    `quality = log(1 + h) / h` with `h = -sum_k p_k log p_k / (p_y log K)`,
    and `evidence` its log-odds; see `label_quality`.

    Reference:
        Kuan and Mueller, "Model-agnostic label quality scoring to detect
        real-world label errors", ICML DataPerf Workshop 2022.
    """
    return _score(_weighted_entropy, labels, pred_probs)


def _score(of_block, classes, pred_probs):
    quality = _of_each(of_block, classes, blocks(pred_probs))
    return Score(quality=quality, evidence=log_odds_of_doubles(quality))


def _of_each(of_block, classes, read):
    """A number for each sample, float64 `(N,)` in [0, 1]."""
    found = np.empty(classes.size)
    for where, block in read:
        # Probabilities may be a hair outside.
        np.clip(of_block(classes[where], block), 0.0, 1.0, out=found[where])
    return found


def _adjusted(of_block, thresholds):
    """The function of probabilities less the thresholds of their classes."""

    def adjusted(own, block):
        block = block - thresholds + thresholds.max()
        block /= block.sum(axis=1, keepdims=True)
        return of_block(own, block)

    return adjusted


def _self_confidence(own, block):
    return block[np.arange(own.size), own]


def _normalized_margin(own, block):
    columns = np.arange(own.size)
    given = _self_confidence(own, block).astype(np.float64)
    if block.shape[1] < 100:
        # Laid out by class, as the maximum of many short rows is slow.
        others = np.array(block.T, order="C").T
    else:
        others = block.copy()
    others[columns, own] = -np.inf
    return (given - others.max(axis=1) + 1.0) / 2.0


def _weighted_entropy(own, block):
    given = _self_confidence(own, block).astype(np.float64)
    # In place of 0, whose product with its logarithm is to be 0 as well.
    positive = np.maximum(block, np.finfo(block.dtype).tiny)
    entropy = np.einsum("nk,nk->n", positive, np.log(positive))
    entropy = np.maximum(-entropy / np.log(block.shape[1]), 0.0)
    believed = given > 0
    # A label that is ruled out has an infinite ratio.
    ratio = np.full(own.size, np.inf)
    np.divide(entropy, given, out=ratio, where=believed)
    quality = np.where(believed, 1.0, 0.0)
    between = (ratio > 0) & np.isfinite(ratio)
    np.divide(np.log1p(ratio), ratio, out=quality, where=between)
    return quality


_METHODS = {
    "self_confidence": _self_confidence,
    "normalized_margin": _normalized_margin,
    "confidence_weighted_entropy": _weighted_entropy,
}
