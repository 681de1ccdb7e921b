"""From trajectories to label issues, in one call."""

import warnings

import numpy as np

from keras_robust.detect.issues.label_issues import LabelIssues
from keras_robust.detect.scores.reading import opened
from keras_robust.detect.scores.score import compute_score
from keras_robust.detect.scores.score import split_of
from keras_robust.detect.splits.deciding import check_per_class
from keras_robust.detect.splits.deciding import decision
from keras_robust.detect.splits.distrust import reasons_of
from keras_robust.detect.splits.split import get_split
from keras_robust.detect.splits.split import name_of
from keras_robust.detect.statistics.votes import majority_vote
from keras_robust.detect.statistics.votes import vote_besides


def find_label_issues(trajectories, score="auto", split="auto", per_class=None):
    """Says which given labels are probably wrong.

    The score turns the trajectories into one quality number for each label,
    the split turns the numbers into a mask.

    Use it after a training run that was recorded epoch by epoch, best while
    the model has not yet learned its wrong labels by heart: with a robust
    loss, or some tens of epochs of cross-entropy.

    Args:
        trajectories: `Trajectories` of the run, with the signals the score
            reads; or the path of what `Trajectories.load` takes. A store is
            read a block of samples at a time, in 1 MiB for each epoch of a
            signal and the memory of the result (`"ctrl"` and scores of your
            own that are not `per_sample` load the signals they read).
        score: `"auto"` (how much likelier the model found the label than any
            other class, on average over the epochs, as a probability that
            adds up to the number of wrong labels; reads `"cross_entropy"`,
            `"margin"` and `"predicted"`), `"aum"` (reads `"margin"`; the mean
            margin over the epochs),
            `"mean_cross_entropy"` (also called `"cumulative_sample_loss"`),
            `"last_cross_entropy"`, `"gmm"` (DivideMix: of the last epoch),
            `"ctrl"` (clustered loss curves), `"cnlcu_soft"` or `"cnlcu_hard"`
            (lower confidence bounds), `"confidence"`, `"variability"` or
            `"data_maps"` (these read `"cross_entropy"`), `"correctness"`,
            `"forgetting"` or `"first_k_epoch_learnt"` (how often, how
            lastingly and how late a label was learnt; these read
            `"correct"`), `"el2n"` and `"entropy"` (which read the signals of
            their names), or a name given to `register_score`. Defaults to
            `"auto"`.
        split: `"auto"` (`"expected"` for the score `"auto"`, `"threshold"`
            for `"gmm"` and `"ctrl"`, `"gmm"` for the others), `"expected"`
            (as many as the qualities add up to), `"gmm"` or `"bmm"` (two
            normal, or two beta distributions), `"threshold"` (quality below
            1/2: what `"gmm"` and `"ctrl"` decide
            themselves), `"noise_rate"` (as many as are expected to be
            wrong), a split with numbers such as
            `detect.splits.Fraction(0.1)`, a function of a `Score`, or a name
            given to `register_split`. Defaults to `"auto"`.
        per_class: whether every class is split alone. Classes of fewer than
            50 samples are not: they are decided as by all samples together.
            Defaults to `None`: if the largest class has more than ten times
            as many samples as the smallest one.

    Returns:
        `LabelIssues`. Its `predicted_label` is the class most often
        predicted over the epochs; its `suggested_label` is, for a flagged
        label, the class most often predicted besides the given one, and
        otherwise the given label. Among equals the later prediction
        counts. Both are -1 where the trajectories hold no `"predicted"`
        signal. `suggestion_confidence` is the share of the epochs in which
        that class was predicted. `max_probability`, of the score `"auto"`, is
        the mean over the epochs of the probability of the likeliest class,
        by which `fits_no_class` tells samples of no class. A sample that was
        never seen is not flagged,
        has quality 1 and the predicted label -1. `wrong_probability` is that
        of the split, `None` where it has none. `distrust` holds reasons not
        to trust the score `"auto"`, which are warned of too.

    Raises:
        ValueError: if a name is unknown, a signal was not recorded, or an
            argument is not as described.
        OSError: if there is nothing at the path.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import find_label_issues
    >>> from keras_robust.trajectories import Trajectories
    >>> margin = np.tile([3.0, 2.5, -4.0, 3.5, 2.0], (6, 60))
    >>> loss = np.log1p(np.exp(-margin))
    >>> predicted = np.tile([0, 1, 1, 1, 0], (6, 60))
    >>> t = Trajectories(
    ...     ids=np.arange(300),
    ...     epochs=np.arange(6),
    ...     signals={
    ...         "cross_entropy": loss, "margin": margin, "predicted": predicted
    ...     },
    ...     given_label=np.tile([0, 1, 0, 1, 0], 60),
    ...     num_classes=2,
    ... )
    >>> issues = find_label_issues(t)
    >>> issues.num_issues
    60
    >>> issues.is_label_issue[:5]
    array([False, False,  True, False, False])
    >>> issues.suggested_label[:5]
    array([0, 1, 1, 1, 0])
    >>> issues.distrust
    ()
    """
    trajectories = opened(trajectories)
    if split == "auto":
        split = split_of(score)
    get_split(split)  # an unknown name is said before the work
    check_per_class(per_class)
    scores = compute_score(score, trajectories)
    found = decision(scores, score, split, trajectories.given_label, per_class)
    predicted, suggested, confidence = _labels(trajectories, found.flagged)
    distrust = list(scores.notes)
    if score == "auto":
        distrust += reasons_of(found.flagged, trajectories.given_label)
    if distrust:
        warnings.warn(
            "Do not trust how many labels are flagged, nor their "
            f"probabilities: {'; '.join(distrust)}.",
            stacklevel=2,
        )
    return LabelIssues(
        ids=trajectories.ids,
        is_label_issue=found.flagged,
        label_quality=scores.quality,
        given_label=trajectories.given_label,
        predicted_label=predicted,
        suggested_label=suggested,
        evidence=found.evidence,
        score=score,
        split=name_of(split),
        num_classes=trajectories.num_classes,
        wrong_probability=found.wrong_probability,
        suggestion_confidence=confidence,
        max_probability=scores.max_probability,
        distrust=distrust,
    )


def _labels(trajectories, flagged):
    """The predicted and the suggested labels, and the confidence in these."""
    predicted = np.full(len(trajectories), -1, np.int64)
    if "predicted" not in trajectories.signals:
        return predicted, predicted.copy(), None
    suggested = trajectories.given_label.copy()
    confidence = np.empty(len(trajectories))
    for start, part in trajectories.blocks(["predicted"]):
        at = slice(start, start + len(part))
        votes = part.signals["predicted"]
        predicted[at] = majority_vote(votes)
        own = (votes == part.given_label).mean(axis=0)
        wrong = np.flatnonzero(flagged[at])
        given = part.given_label[wrong]
        other, count = vote_besides(votes[:, wrong], given)
        suggested[start + wrong] = np.where(other >= 0, other, given)
        own[wrong] = np.where(other >= 0, count / len(votes), own[wrong])
        confidence[at] = own
    return predicted, suggested, confidence
