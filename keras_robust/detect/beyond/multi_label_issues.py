"""The result of `find_multi_label_issues`."""

import dataclasses

import numpy as np

from keras_robust.detect.beyond.ranked import Ranked
from keras_robust.detect.beyond.ranked import as_frame
from keras_robust.detect.beyond.ranked import as_mask
from keras_robust.detect.checks import integer
from keras_robust.detect.issues.grading import grade


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class MultiLabelIssues(Ranked):
    """What `find_multi_label_issues` found; N samples and K classes.

    Args:
        ids: Names of the samples, `(N,)`; every array below has that order.
        is_label_issue: bool `(N,)`, True where a label of any class is called
            wrong.
        label_quality: float64 `(N,)` in [0, 1], low = suspicious.
        evidence: float64 `(N,)`, the mean of `class_quality` over the classes
            with a label, which orders samples of the same quality; NaN
            without any label.
        given_label: int8 `(N, K)`, 0, 1, or -1 where there is none.
        predicted_label: int8 `(N, K)`, 1 where the probability is at least
            1/2; -1 where there is none.
        suggested_label: int8 `(N, K)`, the given labels, those that are
            flagged turned round.
        is_class_issue: bool `(N, K)`, True where the label of that class is
            called wrong.
        class_quality: `(N, K)` in [0, 1], the probability of the given label;
            1 where there is none.
    """

    ids: np.ndarray
    is_label_issue: np.ndarray
    label_quality: np.ndarray
    evidence: np.ndarray
    given_label: np.ndarray
    predicted_label: np.ndarray
    suggested_label: np.ndarray
    is_class_issue: np.ndarray
    class_quality: np.ndarray

    _columns = ("is_label_issue", "label_quality", "num_class_issues")

    def __repr__(self):
        return (
            f"MultiLabelIssues({self.num_issues} of {len(self)} samples "
            f"flagged, {int(self.is_class_issue.sum())} labels of "
            f"{self.num_classes} classes)"
        )

    @property
    def num_classes(self):
        """The number of classes, K."""
        return self.given_label.shape[1]

    @property
    def num_class_issues(self):
        """How many labels of each sample are flagged, int64 `(N,)`."""
        return self.is_class_issue.sum(axis=1)

    def top_labels(self, k):
        """The k most suspicious labels of a class, flagged or not.

        Args:
            k: How many, at least 0; all there are if there are fewer.

        Returns:
            int64 `(k, 2)`, the position of the sample and the class, the worst
            first.

        Raises:
            ValueError: If k is not an integer of at least 0.
        """
        k = integer("k", k, at_least=0)
        present = np.flatnonzero(self.given_label.reshape(-1) >= 0)
        quality = self.class_quality.reshape(-1)[present]
        chosen = present[np.argsort(quality, kind="stable")[:k]]
        return np.stack(np.divmod(chosen, self.num_classes), axis=1)

    def per_class(self):
        """How many labels of each class are given, and how many flagged.

        Returns:
            `pandas.DataFrame` of K rows: `class`, `num_given` (labels that
            say yes), `num_missing`, `num_issues`, `num_extra` (flagged yes),
            `num_omitted` (flagged no), `label_quality` (the mean).

        Raises:
            ImportError: If pandas is not installed.
        """
        yes, missing = self.given_label == 1, self.given_label < 0
        issue = self.is_class_issue
        present = np.maximum((~missing).sum(axis=0), 1)
        total = np.where(missing, 0, self.class_quality).sum(
            axis=0, dtype=np.float64
        )
        return as_frame(
            {
                "class": np.arange(self.num_classes),
                "num_given": yes.sum(axis=0),
                "num_missing": missing.sum(axis=0),
                "num_issues": issue.sum(axis=0),
                "num_extra": (issue & yes).sum(axis=0),
                "num_omitted": (issue & ~yes).sum(axis=0),
                "label_quality": np.where(
                    missing.all(axis=0), 1.0, total / present
                ),
            }
        )

    def evaluate(self, is_wrong):
        """How well the flags and the order match the truth.

        Args:
            is_wrong: bool `(N,)`, which samples are wrong in truth; or
                `(N, K)`, which labels are, those that are missing left out.

        Returns:
            As of every result: dict of `"precision"`, `"recall"`, `"f1"`,
            `"average_precision"` and `"auroc"`.

        Raises:
            ValueError: If `is_wrong` has neither shape, or is not bool.
        """
        if np.ndim(is_wrong) != 2:
            return super().evaluate(is_wrong)
        wrong = as_mask("is_wrong", is_wrong, self.given_label.shape)
        present = self.given_label >= 0
        return grade(
            wrong[present],
            self.is_class_issue[present],
            -self.class_quality[present],
        )
