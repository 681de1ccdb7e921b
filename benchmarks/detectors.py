"""The detectors that are compared, and how one is judged on a data set.

Every detector is a function of a `Run` that returns `Found`. Those that a
user of another tool would take have that tool's best documented settings.
"""

from dataclasses import dataclass

import numpy as np

from keras_robust.detect import confident_learning
from keras_robust.detect import find_label_issues
from keras_robust.detect import label_quality
from keras_robust.detect.issues.evaluating import suspicion_ranks
from keras_robust.detect.issues.grading import grade
from keras_robust.trajectories import Trajectories

BINS = 10


@dataclass(frozen=True)
class Run:
    """What the trainings of one data set and seed left.

    Attributes:
        given: The given labels `(N,)`.
        true: The true ones.
        trajectories: Of a training with cross-entropy.
        robust: Of one with AGCE after a warm-up.
        probabilities: Out of fold `(N, K)`.
        seconds: dict: CPU seconds of `"one"` training and of `"folds"`.
    """

    given: np.ndarray
    true: np.ndarray
    trajectories: Trajectories
    robust: Trajectories
    probabilities: np.ndarray
    seconds: dict

    @property
    def wrong(self):
        return self.given != self.true


@dataclass(frozen=True)
class Found:
    """What a detector said: an order, flags, and P(wrong) if it knows it."""

    suspicion: np.ndarray
    flagged: np.ndarray
    wrong_probability: np.ndarray | None = None


def of_issues(issues):
    """`Found` of a `LabelIssues`."""
    return Found(
        suspicion_ranks(issues),
        issues.is_label_issue,
        issues.wrong_probability,
    )


def in_training(score, split="auto", robust=False):
    """A detector that reads one training."""

    def detector(run):
        read = run.robust if robust else run.trajectories
        return of_issues(find_label_issues(read, score, split))

    return detector


def out_of_fold(filter_by, quality):
    """Confident learning, the labels ranked by one of cleanlab's scores."""

    def detector(run):
        issues = confident_learning(run.given, run.probabilities, filter_by)
        ranked = label_quality(run.given, run.probabilities, quality)
        return Found(-ranked, issues.is_label_issue)

    return detector


# By name; the peers are those that `auto` is to be no worse than.
PEERS = {
    "confident learning, 5 folds": out_of_fold("both", "normalized_margin"),
    "cleanlab's defaults, 5 folds": out_of_fold(
        "prune_by_noise_rate", "self_confidence"
    ),
    "AUM": in_training("aum"),
    "Data Maps": in_training("data_maps"),
    "confidence (Data Maps)": in_training("confidence"),
    "small-loss GMM": in_training("gmm"),
    "CTRL": in_training("ctrl"),
}
DETECTORS = {
    "auto": in_training("auto"),
    **PEERS,
    "auto, trained with AGCE": in_training("auto", robust=True),
    "AUM, trained with AGCE": in_training("aum", robust=True),
}


def judged(found, run):
    """How well it found the wrong labels, a dict of floats."""
    wrong, flagged = run.wrong, found.flagged
    grades = grade(wrong, flagged, found.suspicion)
    classes = np.unique(run.given)
    recalls = [
        flagged[wrong & (run.given == label)].mean()
        for label in classes
        if (wrong & (run.given == label)).any()
    ]
    result = {
        "AP": grades["average_precision"],
        "F1": grades["f1"],
        "flagged / wrong": float(flagged.sum() / wrong.sum()),
        "worst class recall": float(min(recalls)),
        "false flags": float((flagged & ~wrong).sum() / max(flagged.sum(), 1)),
    }
    if found.wrong_probability is not None:
        result["ECE"] = calibration_error(found.wrong_probability, wrong)
    return result


def calibration_error(probability, wrong):
    """Expected calibration error, ten bins of one width."""
    place = np.minimum((probability * BINS).astype(int), BINS - 1)
    return float(
        sum(
            abs(probability[at].mean() - wrong[at].mean()) * at.mean()
            for at in (place == bin for bin in range(BINS))
            if at.any()
        )
    )
