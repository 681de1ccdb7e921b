"""Numbers about the labels for the epoch's logs."""

import warnings

import numpy as np

from keras_robust.detect import find_label_issues
from keras_robust.trajectories import Trajectories


class EpochLogs:
    """Works out what a tracker writes into the logs of an epoch.

    A sample is suspect if the mean of its cross-entropy over the epochs so
    far is in the upper of two groups, as `find_label_issues` tells them apart.

    Args:
        wanted: Names of `NAMES`.
        tracked: What is known of the samples.
    """

    NAMES = ("noise_rate", "clean_loss", "suspect_loss", "coverage")

    def __init__(self, wanted, tracked):
        self._wanted = wanted
        self._tracked = tracked
        self._total = np.zeros(len(tracked.given_label))
        self._seen = np.zeros(len(tracked.given_label), dtype="int64")

    def of(self, losses, counts, num_classes):
        """Returns a dict of floats.

        Args:
            losses: Cross-entropy of the epoch, `(N,)`, NaN if not seen.
            counts: How often each sample was seen, `(N,)`.
            num_classes: The number of classes.
        """
        found = {"coverage": float(np.mean(counts > 0))}
        if set(self._wanted) - {"coverage"}:
            suspect = self._suspect(losses, num_classes)
            known = ~np.isnan(losses)
            found["noise_rate"] = float(np.mean(suspect[known]))
            found["clean_loss"] = _mean(losses[known & ~suspect])
            found["suspect_loss"] = _mean(losses[known & suspect])
        return {name: found[name] for name in self._wanted}

    def _suspect(self, losses, num_classes):
        known = ~np.isnan(losses)
        self._total[known] += losses[known]
        self._seen += known
        any_seen = self._seen > 0
        suspect = np.zeros(len(losses), dtype=bool)
        if any_seen.sum() < 2:
            return suspect
        so_far = Trajectories(
            ids=self._tracked.ids[any_seen],
            epochs=[0],
            signals={
                "cross_entropy": [self._total[any_seen] / self._seen[any_seen]]
            },
            given_label=self._tracked.given_label[any_seen],
            num_classes=num_classes,
        )
        with warnings.catch_warnings():
            # Once an epoch is too often to say that few epochs say little.
            warnings.simplefilter("ignore")
            issues = find_label_issues(so_far, score="mean_cross_entropy")
        suspect[any_seen] = issues.is_label_issue
        return suspect


def _mean(values):
    return float(np.mean(values)) if len(values) else float("nan")
