"""Label issues where a sample may be of several classes, or of none."""

import numpy as np

from keras_robust.detect.beyond.aggregates import AGGREGATES
from keras_robust.detect.beyond.aggregates import aggregated
from keras_robust.detect.beyond.arrays import check_all
from keras_robust.detect.beyond.multi_label_input import MISSING
from keras_robust.detect.beyond.multi_label_input import as_shares
from keras_robust.detect.beyond.multi_label_input import as_yes_or_no
from keras_robust.detect.beyond.multi_label_issues import MultiLabelIssues
from keras_robust.detect.beyond.reductions import check_aggregate
from keras_robust.detect.checks import ids_or_positions
from keras_robust.noise import confident_joint

# Numbers at a time, so that float64 copies take little memory.
_BLOCK = 2**18


def find_multi_label_issues(
    labels, pred_probs, aggregate="exponential_moving_average", ids=None
):
    """Says which labels of samples of several classes are probably wrong.

    Formula: the quality of a label is the probability that the model gives it,
    `p_k` for a yes and `1 - p_k` for a no; that of a sample is
    `m <- 0.8 q + 0.2 m` over its classes, from the best to the worst, so near
    to its worst. Class by class, against the rest, confident learning says
    from the confident joint how many yes and how many no are wrong; as many
    are flagged, the least probable first, but none that the model agrees with
    (`prune_by_noise_rate`), nor the only yes or the only no of a class.

    Use it with probabilities of models that have not seen the sample, as of
    cross-validation, or with `mean_multi_label_probs` of the epochs of one
    training run. Scores and flags are those of cleanlab's
    `multilabel_classification`, but that of labels as probable as the last one
    to be flagged cleanlab takes some, and this takes all, so that the order of
    the samples changes nothing.

    Args:
        labels: 0 and 1 for every class, `(N, K)`, -1 or NaN where it is not
            known; or a list of the list of classes of each sample.
        pred_probs: `(N, K)`, each in [0, 1]; rows need no sum. NaN is allowed
            where the label is not known.
        aggregate: How the quality of a sample is made of those of its
            classes: `"exponential_moving_average"` (default), `"softmin"`
            (weights `exp((1 - q) / 0.1)`), `"min"` or `"mean"`.
        ids: Names of the samples, `(N,)`. Defaults to their positions.

    Returns:
        `MultiLabelIssues`. A sample is flagged if a label of it is; what is
        not known is not flagged, and has quality 1. Time `O(N K log N)`;
        memory of some bytes a label beside the arguments.

    Raises:
        ValueError: If labels or probabilities are not as described, naming the
            first bad one, or the aggregate is unknown.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import find_multi_label_issues
    >>> labels = [[0, 1], [1], [], [0], [0, 1], [0]]
    >>> pred_probs = [
    ...     [0.9, 0.8], [0.1, 0.9], [0.1, 0.2], [0.8, 0.9], [0.9, 0.8],
    ...     [0.7, 0.1],
    ... ]
    >>> issues = find_multi_label_issues(labels, pred_probs)
    >>> issues
    MultiLabelIssues(1 of 6 samples flagged, 1 labels of 2 classes)
    >>> issues.top(1), issues.suggested_label[3].tolist()
    (array([3]), [1, 1])

    Reference: Thyagarajan et al., "Identifying Incorrect Annotations in
    Multi-Label Classification Data", 2022, sections 3 and 4; Northcutt et al.,
    "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 2021.
    """
    check_aggregate(aggregate, AGGREGATES)
    pred_probs = as_shares(pred_probs)
    given = as_yes_or_no(labels, pred_probs.shape[1])
    if len(given) != len(pred_probs):
        raise ValueError(
            "`pred_probs` must have one row for each sample. Received: "
            f"{len(given)} labels, pred_probs.shape={pred_probs.shape}"
        )
    ids = ids_or_positions(ids, len(given))
    known = given != MISSING
    check_all(
        ~(np.isnan(pred_probs) & known),
        "pred_probs",
        pred_probs,
        "`pred_probs` must not be NaN where there is a label",
    )
    quality = np.where(given == 1, pred_probs, 1 - pred_probs)
    quality[~known] = 1.0
    is_class_issue = np.zeros(given.shape, bool)
    for number in range(given.shape[1]):
        rows = np.flatnonzero(known[:, number])
        is_class_issue[rows, number] = _flagged(
            given[rows, number], pred_probs[rows, number]
        )
    label_quality, evidence = _of_samples(quality, known, aggregate)
    predicted = (pred_probs >= 0.5).astype(np.int8)
    predicted[np.isnan(pred_probs)] = MISSING
    return MultiLabelIssues(
        ids=ids,
        is_label_issue=is_class_issue.any(axis=1),
        label_quality=label_quality,
        evidence=evidence,
        given_label=given,
        predicted_label=predicted,
        suggested_label=np.where(is_class_issue, 1 - given, given),
        is_class_issue=is_class_issue,
        class_quality=quality,
    )


def _flagged(given, probability):
    """The labels of one class to flag: `prune_by_noise_rate`, one or rest."""
    flagged = np.zeros(given.size, bool)
    if not given.size:
        return flagged
    p = probability.astype(np.float64)
    joint = confident_joint(given, np.stack([1 - p, p], axis=1), calibrate=True)
    for label in (0, 1):
        own = np.flatnonzero(given == label)
        count = min(int(joint[label, 1 - label]), own.size)
        quality = p[own] if label else 1 - p[own]
        # As in cleanlab: of a single label it is not known how sure a model
        # is where it is right.
        if count and own.size > 1:
            worst = np.partition(quality, count - 1)[count - 1]
            flagged[own] = (quality <= worst) & (quality < 0.5)
    return flagged


def _of_samples(quality, known, aggregate):
    """The quality and the evidence of each sample, a block at a time."""
    found = np.empty(len(quality)), np.empty(len(quality))
    step = max(1, _BLOCK // quality.shape[1])
    for start in range(0, len(quality), step):
        where = slice(start, start + step)
        block = quality[where], known[where]
        found[0][where] = aggregated(aggregate, *block)
        found[1][where] = aggregated("mean", *block)
    found[1][~known.any(axis=1)] = np.nan
    return found
