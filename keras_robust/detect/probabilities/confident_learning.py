"""Confident learning: wrong labels from predicted probabilities."""

import warnings

import numpy as np

from keras_robust.detect.checks import ids_or_positions
from keras_robust.detect.checks import integer
from keras_robust.detect.issues.label_issues import LabelIssues
from keras_robust.detect.probabilities.label_quality import normalized_margin
from keras_robust.detect.probabilities.pruning import by_class
from keras_robust.detect.probabilities.pruning import by_noise_rate
from keras_robust.detect.probabilities.pruning import prune_counts
from keras_robust.detect.ranges import number
from keras_robust.detect.scores.score import available_scores
from keras_robust.detect.scores.score import compute_score_of
from keras_robust.noise.confident_joint import NEAR
from keras_robust.noise.confident_joint import ConfidentClasses
from keras_robust.noise.confident_joint import calibrated
from keras_robust.noise.confident_joint import count
from keras_robust.noise.confident_joint import empty_joint
from keras_robust.noise.confident_joint import means_of_classes
from keras_robust.noise.confident_joint import most_probable
from keras_robust.noise.confident_joint import with_diagonal
from keras_robust.noise.noise_matrices import as_joint
from keras_robust.noise.probabilities import as_classes_and_rows
from keras_robust.noise.probabilities import blocks
from keras_robust.noise.probabilities import checked_blocks

PRUNING = ("prune_by_noise_rate", "prune_by_class", "both")
FILTERS = (
    *PRUNING,
    "confident_learning",
    "predicted_neq_given",
    "low_normalized_margin",
    "low_self_confidence",
)


def confident_learning(
    labels,
    pred_probs,
    filter_by="prune_by_noise_rate",
    *,
    ids=None,
    score="self_confidence",
    frac_noise=1.0,
    min_examples_per_class=1,
    joint=None,
    collisions="most_probable",
):
    """Says which given labels are probably wrong, by predicted probabilities.

    How many labels of each kind are wrong is counted by the
    `noise.confident_joint`, calibrated; which ones they are is for the filter
    to say:

    - `"prune_by_noise_rate"`: for each given class i and other class j the
      `C[i, j]` labels with the largest `p_j - p_i`;
    - `"prune_by_class"`: of each class the labels with the smallest `p_y`, as
      many as are not counted as right;
    - `"both"`: those that both prune, for few false alarms;
    - `"confident_learning"`: those counted off the diagonal;
    - `"predicted_neq_given"`: those that are not the most probable class;
    - `"low_normalized_margin"`, `"low_self_confidence"`: those of the lowest
      `label_quality`, as many as `"confident_learning"` flags.

    The first five never flag a label that is the most probable class, or
    within 1e-6 of it.

    Use it with probabilities of models that have not seen the sample, as of
    cross-validation, or of a pretrained model. From one training without any
    held-out part, `find_label_issues` reads the trajectories instead.

    Masks are those of cleanlab 2.9, but that of labels alike to the last one
    to be flagged cleanlab takes some, and this takes all: so the result does
    not depend on the order of the samples.

    Three passes over the probabilities, a block of rows at a time, and two or
    three over those of disputed labels; O(N K) time.

    Args:
        labels: given labels, integers in [0, K - 1], `(N,)` or `(N, 1)`.
        pred_probs: predicted probabilities, `(N, K)`, each row of sum 1; an
            array, a memory map, or an array of zarr or h5py.
        filter_by: one of the above. Defaults to `"prune_by_noise_rate"`.
        ids: ids of the samples, unique integers or strings. Defaults to
            their positions.
        score: the quality by which labels are ranked: a `method` of
            `label_quality`, or a name given to `register_score(...,
            reads="pred_probs")`. It does not change the flags. Defaults to
            `"self_confidence"`.
        frac_noise: the share of the estimated errors to flag, in [0, 1]; for
            the first three filters. Defaults to `1.0`.
        min_examples_per_class: how many labels of each class are to be left,
            at least 0; a class that has no more is left alone. For the first
            three filters. Defaults to `1`.
        joint: counts `(K, K)` to be used in place of the calibrated
            confident joint, rows given classes; for the first three filters.
            Defaults to `None`.
        collisions: as of `noise.confident_joint`. Defaults to
            `"most_probable"`, cleanlab's; `"most_probable_confident"` is the
            paper's.

    Returns:
        `LabelIssues`. Its `suggested_label` is, for a flagged label, the most
        probable other class, and otherwise the given label;
        `suggestion_confidence` is the probability of that.
        `wrong_probability` is `None`.

    Raises:
        ValueError: if an argument is outside of the ranges above.

    Warns:
        UserWarning: if a class has too few labels for its errors to be
            flagged.

    Example:

    >>> from keras_robust.detect import confident_learning
    >>> labels = [0, 0, 1, 1, 0]
    >>> pred_probs = [
    ...     [0.9, 0.1], [0.8, 0.2], [0.2, 0.8], [0.1, 0.9], [0.1, 0.9]
    ... ]
    >>> issues = confident_learning(labels, pred_probs)
    >>> issues.is_label_issue
    array([False, False, False, False,  True])
    >>> issues.suggested_label
    array([0, 0, 1, 1, 1])

    Reference:
        Northcutt et al., "Confident Learning: Estimating Uncertainty in
        Dataset Labels", JAIR 2021, section 3.
    """
    if filter_by not in FILTERS:
        raise ValueError(
            f"`filter_by` must be one of {', '.join(FILTERS)}. "
            f"Received: filter_by={filter_by!r}"
        )
    known = available_scores("pred_probs")
    if score not in known:
        raise ValueError(
            f"`score` must be one of {', '.join(known)}. "
            f"Received: score={score!r}"
        )
    _check_options(filter_by, frac_noise, joint)
    least = integer("min_examples_per_class", min_examples_per_class, 0)
    classes, pred_probs = as_classes_and_rows(labels, pred_probs)
    ids = ids_or_positions(ids, classes.size)
    if joint is not None:
        joint = as_joint(joint, pred_probs.shape[1])
    read = _Read(classes, pred_probs, collisions)
    given = read.given
    if filter_by in PRUNING:
        if joint is None:
            joint = calibrated(read.joint, classes)
        counts = prune_counts(joint, least, frac_noise)
        _leave_alone(counts, classes, least)
        flagged = read.disputed
        if filter_by != "prune_by_noise_rate":
            flagged = flagged & by_class(classes, given, counts)
        if filter_by != "prune_by_class":
            # Counted samples reach the threshold, most of them by far.
            floors = read.thresholds / 4.0
            flagged = flagged & by_noise_rate(
                classes, pred_probs, read.disputed, counts, floors
            )
    elif filter_by == "predicted_neq_given":
        flagged = read.disputed
    else:
        flagged = read.disputed & read.counted_elsewhere
        if filter_by == "low_self_confidence":
            flagged = _lowest(given, flagged.sum())
        elif filter_by == "low_normalized_margin":
            margin = normalized_margin(classes, pred_probs).quality
            flagged = _lowest(margin, flagged.sum())

    confidence = read.highest
    np.copyto(confidence, given, where=~flagged)
    del given, read.given
    suggested = np.where(flagged, read.predicted, classes)
    _suggest_another(suggested, confidence, flagged, classes, pred_probs)
    scores = compute_score_of("pred_probs", score, classes, pred_probs)
    return LabelIssues(
        ids=ids,
        is_label_issue=flagged,
        label_quality=scores.quality,
        given_label=classes,
        predicted_label=read.predicted,
        suggested_label=suggested,
        evidence=scores.evidence,
        score=score,
        split=filter_by,
        num_classes=pred_probs.shape[1],
        suggestion_confidence=np.clip(confidence, 0.0, 1.0, out=confidence),
    )


class _Read:
    """What two passes over the probabilities tell; the first one checks.

    Args:
        classes, pred_probs: Checked labels and probabilities.
        collisions: As of `confident_joint`.

    Attributes:
        given: The probability of each given label, float64 `(N,)`.
        thresholds: Of each class, `(K,)`.
        predicted: The most probable class, int64 `(N,)`.
        highest: Its probability, float64 `(N,)`.
        disputed: Whose label is not the most probable, nor within 1e-6 of
            it, bool `(N,)`.
        counted_elsewhere: Who is counted off the diagonal, bool `(N,)`.
        joint: The confident joint, int64 `(K, K)`.
    """

    def __init__(self, classes, pred_probs, collisions):
        num_samples, num_classes = pred_probs.shape
        self.given = np.empty(num_samples)
        self.predicted = np.empty(num_samples, np.int64)
        self.highest = np.empty(num_samples)
        for where, block in checked_blocks(pred_probs):
            own = classes[where]
            self.given[where] = block[np.arange(own.size), own]
            found = most_probable(block)
            self.predicted[where], self.highest[where] = found
        sizes = np.bincount(classes, minlength=num_classes)
        total = np.bincount(classes, self.given, minlength=num_classes)
        self.thresholds = means_of_classes(total, sizes)
        confident = ConfidentClasses(self.thresholds, collisions)
        self.disputed = np.empty(num_samples, bool)
        self.counted_elsewhere = np.empty(num_samples, bool)
        self.joint = empty_joint(num_classes)
        for where, block in blocks(pred_probs):
            own, predicted = classes[where], self.predicted[where]
            # Rounded as it was read.
            highest = self.highest[where].astype(block.dtype)
            found = confident.of(block, predicted, highest)
            count(self.joint, own, found)
            self.counted_elsewhere[where] = (found >= 0) & (found != own)
            highest, near = self.highest[where], self.given[where] + NEAR
            # Of equals the first class is the most probable.
            ahead = (highest > near) | ((highest == near) & (predicted < own))
            self.disputed[where] = (predicted != own) & ahead
        with_diagonal(self.joint)


def _check_options(filter_by, frac_noise, joint):
    number("frac_noise", frac_noise, 0, 1)
    if filter_by not in PRUNING and (frac_noise != 1 or joint is not None):
        raise ValueError(
            "`frac_noise` and `joint` are for the filters "
            f"{', '.join(PRUNING)} only. Received: filter_by={filter_by!r}"
        )


def _leave_alone(counts, classes, least):
    """Takes the classes that are too small out of the counts, in place."""
    sizes = np.bincount(classes, minlength=len(counts))
    small = sizes <= max(least, 1)
    counts[small] = 0
    counts[small, small] = sizes[small]
    present = np.flatnonzero(small & (sizes > 0))
    if present.size:
        listed = ", ".join(str(k) for k in present[:10])
        more = ", ..." if present.size > 10 else ""
        warnings.warn(
            f"{present.size} classes have {max(least, 1)} labels at most, none "
            f"of which is flagged (`min_examples_per_class`): {listed}{more}.",
            stacklevel=3,
        )


def _lowest(quality, count):
    """The `count` lowest, and those as low as the last of them."""
    if not count:
        return np.zeros(quality.size, bool)
    return quality <= np.partition(quality, count - 1)[count - 1]


def _suggest_another(suggested, confidence, flagged, classes, pred_probs):
    """Where the given label is the most probable one, the second, in place."""
    flagged = flagged & (suggested == classes)
    if not flagged.any():
        return
    for where, block in blocks(pred_probs):
        rows = np.flatnonzero(flagged[where])
        positions = where.start + rows
        some, each = block[rows], np.arange(rows.size)
        some[each, classes[positions]] = -np.inf
        suggested[positions] = some.argmax(axis=1)
        confidence[positions] = some[each, suggested[positions]]
