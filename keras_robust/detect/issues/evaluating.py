"""A `LabelIssues` against the truth."""

import numpy as np

from keras_robust.detect.arrays import as_array
from keras_robust.detect.issues.grading import grade


class Evaluating:
    """What judges the flags and the order, where the truth is known."""

    def evaluate(self, true_labels):
        """How well the flags and the order match the truth.

        A label is wrong if it differs from the true one. Precision, recall
        and F1 judge the flags; average precision and AUROC the order, with
        the most suspicious first.

        Args:
            true_labels: integer class numbers, shape `(N,)` or `(N, 1)`, in
                the order of `ids`.

        Returns:
            dict of floats in [0, 1]: `"precision"`, `"recall"`, `"f1"`,
            `"average_precision"`, `"auroc"`. NaN where one is not defined:
            the precision without any flag, the recall, F1 and average
            precision without any wrong label, the AUROC unless there are
            both wrong and right ones.

        Raises:
            ValueError: if `true_labels` is not one integer a sample.
        """
        wrong = self._as_true(true_labels) != self.given_label
        return grade(wrong, self.is_label_issue, suspicion_ranks(self))

    def _as_true(self, true_labels):
        labels = as_array("true_labels", true_labels)
        if labels.shape == (len(self), 1):
            labels = labels[:, 0]
        if labels.shape != (len(self),) or labels.dtype.kind not in "iu":
            raise ValueError(
                "`true_labels` must hold one integer class number for each "
                f"sample, shape ({len(self)},), in the order of `ids`. "
                f"Received: shape={labels.shape}, dtype={labels.dtype}"
            )
        return labels


def suspicion_ranks(issues):
    """The rank of each label from 0, the least suspicious, upwards.

    Ranks instead of `1 - label_quality`, which rounds every quality below
    1e-16 to the same number. Equal labels share a rank.
    """
    order = issues.top(len(issues))[::-1]
    keys = np.stack([issues.label_quality, issues.evidence])[:, order]
    keys = np.nan_to_num(keys, nan=np.inf)
    rises = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
    ranks = np.empty(len(issues))
    ranks[order] = np.concatenate([[0], np.cumsum(rises)])
    return ranks
