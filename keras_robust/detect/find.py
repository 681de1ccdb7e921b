"""From trajectories to label issues, in one call."""

import numpy as np

from keras_robust.detect.deciding import decide
from keras_robust.detect.label_issues import LabelIssues
from keras_robust.detect.scores import compute_score
from keras_robust.detect.splits import get_split
from keras_robust.detect.votes import majority_vote
from keras_robust.detect.votes import vote_besides
from keras_robust.trajectories import Trajectories


def find_label_issues(trajectories, score="aum", split="gmm"):
    """Says which given labels are probably wrong.

    The score turns the trajectories into one quality number for each label,
    the split turns the numbers into a mask.

    Use it after a training run that was recorded epoch by epoch, best while
    the model has not yet learned its wrong labels by heart: with a robust
    loss, or some tens of epochs of cross-entropy.

    Args:
        trajectories: `Trajectories` of the run, with the signals the score
            reads.
        score: `"aum"` (reads `"margin"`; the mean margin over the epochs),
            `"mean_cross_entropy"`, `"gmm"` (DivideMix: of the last epoch),
            `"ctrl"` (clustered loss curves), `"cnlcu_soft"` or `"cnlcu_hard"`
            (lower confidence bounds; these read `"cross_entropy"`),
            `"first_k_epoch_learnt"` (how late a label was learnt; reads
            `"correct"`), or a name given to `register_score`.
        split: `"gmm"` (two normal distributions), `"threshold"` (quality
            below 1/2: what `"gmm"` and `"ctrl"` decide themselves), or a name
            given to `register_split`.

    Returns:
        `LabelIssues`. Its `predicted_label` is the class most often
        predicted over the epochs; its `suggested_label` is, for a flagged
        label, the class most often predicted besides the given one, and
        otherwise the given label. Among equals the later prediction
        counts. Both are -1 where the trajectories hold no `"predicted"`
        signal. A sample that was never seen is not flagged, has quality 1
        and the predicted label -1.

    Raises:
        ValueError: if a name is unknown or a signal was not recorded.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import find_label_issues
    >>> from keras_robust.trajectories import Trajectories
    >>> margin = np.tile([3.0, 2.5, -4.0, 3.5, 2.0], (4, 1))
    >>> predicted = np.tile([0, 1, 2, 1, 0], (4, 1))
    >>> t = Trajectories(
    ...     ids=np.arange(5),
    ...     epochs=np.arange(4),
    ...     signals={"margin": margin, "predicted": predicted},
    ...     given_label=[0, 1, 0, 1, 0],
    ...     num_classes=3,
    ... )
    >>> issues = find_label_issues(t)
    >>> issues.is_label_issue
    array([False, False,  True, False, False])
    >>> issues.suggested_label
    array([0, 1, 2, 1, 0])
    """
    if not isinstance(trajectories, Trajectories):
        raise ValueError(
            "`trajectories` must be a Trajectories; a tracker has them as "
            f"`tracker.trajectories`. Received: {type(trajectories).__name__}"
        )
    get_split(split)  # an unknown name is said before the work
    scores = compute_score(score, trajectories)
    flagged, evidence = decide(scores, score, split)
    predicted, suggested = _labels(trajectories, flagged)
    return LabelIssues(
        ids=trajectories.ids,
        is_label_issue=flagged,
        label_quality=scores.quality,
        given_label=trajectories.given_label,
        predicted_label=predicted,
        suggested_label=suggested,
        evidence=evidence,
        score=score,
        split=split,
        num_classes=trajectories.num_classes,
    )


def _labels(trajectories, flagged):
    """The predicted and the suggested label of each sample."""
    given = trajectories.given_label
    if "predicted" not in trajectories.signals:
        unknown = np.full(given.shape, -1, np.int64)
        return unknown, unknown.copy()
    votes = trajectories.signals["predicted"]
    predicted = majority_vote(votes)
    suggested = given.copy()
    other, _ = vote_besides(votes[:, flagged], given[flagged])
    suggested[flagged] = np.where(other >= 0, other, given[flagged])
    return predicted, suggested
