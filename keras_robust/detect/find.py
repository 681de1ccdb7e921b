"""From trajectories to label issues, in one call."""

import numpy as np

from keras_robust.detect.issues.label_issues import LabelIssues
from keras_robust.detect.scores.reading import opened
from keras_robust.detect.scores.score import compute_score
from keras_robust.detect.splits.deciding import check_per_class
from keras_robust.detect.splits.deciding import decision
from keras_robust.detect.splits.split import get_split
from keras_robust.detect.splits.split import name_of
from keras_robust.detect.statistics.votes import majority_vote
from keras_robust.detect.statistics.votes import vote_besides


def find_label_issues(trajectories, score="aum", split="gmm", per_class=None):
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
        score: `"aum"` (reads `"margin"`; the mean margin over the epochs),
            `"auto"` (that, class by class, as a probability; reads
            `"cross_entropy"`, `"margin"` and `"predicted"`),
            `"mean_cross_entropy"` (also called `"cumulative_sample_loss"`),
            `"last_cross_entropy"`, `"gmm"` (DivideMix: of the last epoch),
            `"ctrl"` (clustered loss curves), `"cnlcu_soft"` or `"cnlcu_hard"`
            (lower confidence bounds), `"confidence"`, `"variability"` or
            `"data_maps"` (these read `"cross_entropy"`), `"correctness"`,
            `"forgetting"` or `"first_k_epoch_learnt"` (how often, how
            lastingly and how late a label was learnt; these read
            `"correct"`), `"el2n"` and `"entropy"` (which read the signals of
            their names), or a name given to `register_score`.
        split: `"gmm"` or `"bmm"` (two normal, or two beta distributions),
            `"threshold"` (quality below 1/2: what `"gmm"` and `"ctrl"` decide
            themselves), `"noise_rate"` (as many as are expected to be
            wrong), a split with numbers such as
            `detect.splits.Fraction(0.1)`, a function of a `Score`, or a name
            given to `register_split`.
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
        signal. A sample that was never seen is not flagged, has quality 1
        and the predicted label -1. `wrong_probability` is that of the split,
        `None` where it has none.

    Raises:
        ValueError: if a name is unknown, a signal was not recorded, or an
            argument is not as described.
        OSError: if there is nothing at the path.

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
    trajectories = opened(trajectories)
    get_split(split)  # an unknown name is said before the work
    check_per_class(per_class)
    scores = compute_score(score, trajectories)
    found = decision(scores, score, split, trajectories.given_label, per_class)
    predicted, suggested = _labels(trajectories, found.flagged)
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
    )


def _labels(trajectories, flagged):
    """The predicted and the suggested label of each sample."""
    predicted = np.full(len(trajectories), -1, np.int64)
    if "predicted" not in trajectories.signals:
        return predicted, predicted.copy()
    suggested = trajectories.given_label.copy()
    for start, part in trajectories.blocks(["predicted"]):
        at = slice(start, start + len(part))
        votes = part.signals["predicted"]
        predicted[at] = majority_vote(votes)
        wrong = np.flatnonzero(flagged[at])
        given = part.given_label[wrong]
        other, _ = vote_besides(votes[:, wrong], given)
        suggested[start + wrong] = np.where(other >= 0, other, given)
    return predicted, suggested
