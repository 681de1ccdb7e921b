"""Label issues of images and sentences: a label at every position."""

import numbers
import warnings

import numpy as np

from keras_robust.detect.beyond.dense_input import chunks
from keras_robust.detect.beyond.dense_issues import DenseIssues
from keras_robust.detect.beyond.positions import judged
from keras_robust.detect.beyond.reductions import REDUCTIONS
from keras_robust.detect.beyond.reductions import check_aggregate
from keras_robust.detect.beyond.reductions import reduced
from keras_robust.detect.beyond.reductions import totals
from keras_robust.detect.checks import ids_or_positions
from keras_robust.noise.confident_joint import as_thresholds
from keras_robust.noise.confident_joint import count
from keras_robust.noise.confident_joint import empty_joint
from keras_robust.noise.confident_joint import means_of_classes


def find_dense_issues(
    labels,
    pred_probs=None,
    ignore_class=None,
    aggregate="softmin",
    at_least=1,
    thresholds=None,
    ids=None,
):
    """Says which images or sentences have wrong labels, and where.

    Formula: the quality of a position is the probability of its label. It is
    flagged by confident learning over all positions of all samples: if another
    class j is reached, `p_j >= t_j` with `t_j` the mean of `p_j` over the
    positions with label j, and the label is not the most probable class. The
    quality of a sample is the mean over its positions with weights
    `exp((1 - q) / 0.1)`, as in cleanlab's `segmentation`.

    Use it for segmentation or for tokens, with probabilities of models that
    have not seen the sample. Data are read twice, first for the thresholds,
    then for the flags, and not kept: memory is that of a chunk, of 2^18
    numbers or one sample, and some bytes a sample. Time `O(K)` a position.

    What one training run says of each sample, `LossTrajectory` records without
    keeping positions: `LossTrajectory(reduce=0.9)` the cross-entropy near its
    worst ones, for `find_label_issues(..., score="mean_cross_entropy")`.

    Args:
        labels: Class numbers, `(N, H, W)`, `(N, T)` or any such shape, or a
            list of one array a sample, of any lengths. Or, without
            `pred_probs`, where both come from: a function that returns an
            iterator of batches, or an iterable that can be gone through twice.
            A batch is a pair of labels `(B, ...)` and probabilities
            `(B, ..., K)`, or of lists.
        pred_probs: Probabilities of K classes, the last axis, which sum to 1:
            `(N, H, W, K)`, `(N, T, K)`, a memory map, or a list.
        ignore_class: The label of positions that do not count, 255 or -100 for
            instance. Defaults to `None`.
        aggregate: How the quality of a sample is made of those of its
            positions: `"softmin"` (default), `"min"`, `"mean"`, or `"share"`,
            the share of positions that are not flagged.
        at_least: How many flagged positions make a sample an issue: an integer
            of at least 1 (default), or a share of its positions, above 0 and
            below 1. Borders of objects are uncertain, so a share is better for
            images.
        thresholds: `t`, `(K,)`, of an earlier result. Then data are read only
            once, and an iterator will do.
        ids: Names of the samples, `(N,)`. Defaults to their positions.

    Returns:
        `DenseIssues`; its method `positions` says where in a sample. One
        without any position that counts is not flagged and has quality 1.

    Raises:
        ValueError: If something is not as described, naming the first bad
            sample, or data cannot be read twice.

    Warns:
        UserWarning: If samples have no position that counts.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import find_dense_issues
    >>> labels = [[0, 0, 1], [1, 0], [0, 1, 1, -100]]
    >>> second = [[0.1, 0.2, 0.9], [0.8, 0.9], [0.1, 0.9, 0.7, 0.5]]
    >>> pred_probs = [np.stack([1 - np.array(p), p], -1) for p in second]
    >>> issues = find_dense_issues(labels, pred_probs, ignore_class=-100)
    >>> issues
    DenseIssues(1 of 3 samples flagged, 1 of 8 positions)
    >>> worst = issues.top(1)[0]
    >>> issues.positions(labels[worst], pred_probs[worst]).suggested_label
    array([1, 1])

    From a model, a batch at a time:

    >>> import keras
    >>> model = keras.Sequential(
    ...     [keras.Input((3, 2)), keras.layers.Dense(2, activation="softmax")]
    ... )
    >>> x, y = np.zeros((4, 3, 2)), np.zeros((4, 3), int)
    >>> def batches():
    ...     for i in range(0, 4, 2):
    ...         yield y[i : i + 2], model.predict_on_batch(x[i : i + 2])
    >>> find_dense_issues(batches).label_quality.shape
    (4,)

    Reference: Lad and Mueller, "Estimating label quality and errors in semantic
    segmentation data via any model", 2023 (soft minimum); Wang and Mueller,
    "Detecting Label Errors in Token Classification Data", 2022 (minimum);
    Northcutt et al., "Confident Learning: Estimating Uncertainty in Dataset
    Labels", JAIR 2021.
    """
    check_aggregate(aggregate, (*REDUCTIONS, "share"))
    _check_numbers(ignore_class, at_least)
    source = _source(labels, pred_probs, twice=thresholds is None)
    if thresholds is None:
        thresholds = _thresholds(chunks(source(), ignore_class))
    parts, joint = [], None
    for chunk in chunks(source(), ignore_class):
        if joint is None:
            thresholds = as_thresholds(thresholds, chunk.num_classes)
            joint = empty_joint(chunk.num_classes)
        found = judged(chunk, thresholds)
        count(joint, chunk.labels, found.confident)
        sizes, quality = chunk.sizes, found.quality
        flagged = totals(found.flagged, sizes)
        mean = reduced("mean", quality, sizes)
        if aggregate == "share":
            quality = 1.0 - flagged / np.maximum(sizes, 1)
        else:
            quality = reduced(aggregate, quality, sizes)
        parts.append([sizes, flagged, quality, mean])
    _check_some(parts)
    sizes, flagged, quality, evidence = map(
        np.concatenate, zip(*parts, strict=True)
    )
    _warn_of_none(sizes)
    evidence[sizes == 0] = np.nan
    enough = at_least
    if not isinstance(at_least, numbers.Integral):
        enough = np.maximum(at_least * sizes, 1)
    return DenseIssues(
        ids=ids_or_positions(ids, sizes.size),
        is_label_issue=flagged >= enough,
        label_quality=quality,
        evidence=evidence,
        num_positions=sizes,
        num_position_issues=flagged,
        thresholds=thresholds,
        confident_joint=joint,
        ignore_class=ignore_class,
    )


def _source(labels, pred_probs, twice):
    """A function that returns the batches anew."""
    if pred_probs is not None:
        return lambda: [(labels, pred_probs)]
    if callable(labels):
        return lambda: _iterator(labels())
    if isinstance(labels, np.ndarray):
        raise ValueError(
            "Labels alone say nothing: give `pred_probs` too, or an iterable "
            "of pairs of both. Received: pred_probs=None"
        )
    if _iterator(labels) is labels and twice:
        raise ValueError(
            "An iterator can be read once, but data are read twice: give the "
            "function that makes it, or `thresholds`. Received: "
            f"a {type(labels).__name__}"
        )
    return lambda: _iterator(labels)


def _iterator(batches):
    try:
        return iter(batches)
    except TypeError:
        raise ValueError(
            "There must be labels and `pred_probs`, or an iterable of batches "
            "of both, or a function that returns an iterator. Received: "
            f"a {type(batches).__name__}"
        ) from None


def _thresholds(parts):
    total = sizes = None
    for chunk in parts:
        if total is None:
            total = np.zeros(chunk.num_classes)
            sizes = np.zeros(chunk.num_classes, np.int64)
        own = chunk.probs[np.arange(chunk.labels.size), chunk.labels]
        total += np.bincount(chunk.labels, own, chunk.num_classes)
        sizes += np.bincount(chunk.labels, minlength=chunk.num_classes)
    _check_some(total)
    return means_of_classes(total, sizes)


def _check_some(found):
    if found is None or not len(found):
        raise ValueError(
            "There must be one sample at least. Received: no sample"
        )


def _check_numbers(ignore_class, at_least):
    if ignore_class is not None and (
        not isinstance(ignore_class, numbers.Integral)
        or isinstance(ignore_class, bool)
    ):
        raise ValueError(
            "`ignore_class` must be None or an integer label. Received: "
            f"ignore_class={ignore_class!r}"
        )
    whole = isinstance(at_least, numbers.Integral) and at_least >= 1
    share = isinstance(at_least, numbers.Real) and 0 < at_least < 1
    if isinstance(at_least, bool) or not (whole or share):
        raise ValueError(
            "`at_least` must be an integer of at least 1, or a share above 0 "
            f"and below 1. Received: at_least={at_least!r}"
        )


def _warn_of_none(sizes):
    if not sizes.all():
        warnings.warn(
            f"{int((sizes == 0).sum())} of {sizes.size} samples have no "
            "position that counts. They are not flagged and have quality 1.",
            stacklevel=3,
        )
