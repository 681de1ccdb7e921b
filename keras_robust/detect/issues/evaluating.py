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

    def curves(self, true_labels):
        """The ROC and the precision-recall curve of the order.

        For every number of labels taken from the most suspicious on, where
        labels of the same rank are taken together.

        Args:
            true_labels: as of `evaluate`.

        Returns:
            dict of float64 arrays in [0, 1]: `"false_alarm_rate"` (the share
            of the right labels taken), ascending, with
            `"recall_by_false_alarms"`; `"recall"` (the share of the wrong
            ones), descending, with `"precision"`, which ends at 1.

        Raises:
            ValueError: if `true_labels` is not one integer a sample, or there
                are not both wrong and right labels.

        Example:

        >>> from keras_robust.detect import LabelIssues
        >>> quality = [0.1, 0.7, 0.9]
        >>> issues = LabelIssues(
        ...     [7, 8, 9], [True, False, False], quality, [0, 1, 1],
        ...     [1, 1, 1], [1, 1, 1], quality, score="mine", split="mine",
        ... )
        >>> issues.curves([1, 1, 1])["precision"]
        array([0.333..., 0.5       , 1.        , 1.        ])
        """
        wrong = self._as_true(true_labels) != self.given_label
        if wrong.all() or not wrong.any():
            raise ValueError(
                "A curve needs wrong labels and right ones. Received: "
                f"{int(wrong.sum())} wrong labels of {wrong.size}"
            )
        from sklearn.metrics import precision_recall_curve
        from sklearn.metrics import roc_curve

        suspicion = suspicion_ranks(self)
        precision, recall, _ = precision_recall_curve(wrong, suspicion)
        rate, found, _ = roc_curve(wrong, suspicion)
        return {
            "false_alarm_rate": rate,
            "recall_by_false_alarms": found,
            "recall": recall,
            "precision": precision,
        }

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
