"""The result of a detection: which labels are wrong, and how surely."""

import dataclasses

import numpy as np

from keras_robust.detect.checks import integer

_COLUMNS = (
    "is_label_issue",
    "label_quality",
    "given_label",
    "predicted_label",
    "suggested_label",
)
_OPTIONAL = ("wrong_probability", "suggestion_confidence")


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class LabelIssues:
    """What `find_label_issues` found; the names are those of cleanlab.

    Args:
        ids: sample ids, shape `(N,)`; every array below has that order.
        is_label_issue: bool, True where the label is called wrong.
        label_quality: float64 in [0, 1], low = suspicious.
        given_label: int64, the label trained on.
        predicted_label: int64, the model's class, -1 where unknown.
        suggested_label: int64, the label to put instead, -1 where unknown.
        evidence: float64, the score on its own unbounded scale (for
            `"aum"` the mean margin), low = suspicious; NaN for a sample
            without any record. It orders the samples whose quality is the
            same number, and is the scale to draw a histogram on.
        score: the name of the score used.
        split: the name of the split used.
        num_classes: the number of classes; `None` where nothing told it.
        wrong_probability: float64 in [0, 1], how probably the label is
            wrong; `None` where the score gives no such number.
        suggestion_confidence: float64 in [0, 1], how surely the suggested
            label is right; `None` where unknown.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import find_label_issues
    >>> from keras_robust.trajectories import Trajectories
    >>> margin = [[3.0, -4.0, 2.5, 3.5]]
    >>> t = Trajectories([10, 11, 12, 13], [0], {"margin": margin},
    ...                  given_label=[0, 1, 0, 1], num_classes=2)
    >>> issues = find_label_issues(t)
    >>> issues
    LabelIssues(1 of 4 labels flagged, score='aum', split='gmm')
    >>> issues.ids[issues.top(2)]
    array([11, 12])
    >>> issues.evaluate(true_labels=[0, 0, 0, 1])["f1"]
    1.0
    """

    ids: np.ndarray
    is_label_issue: np.ndarray
    label_quality: np.ndarray
    given_label: np.ndarray
    predicted_label: np.ndarray
    suggested_label: np.ndarray
    evidence: np.ndarray
    score: str
    split: str
    num_classes: int | None = None
    wrong_probability: np.ndarray | None = None
    suggestion_confidence: np.ndarray | None = None

    def __post_init__(self):
        shape = np.shape(self.ids)
        known = [n for n in _OPTIONAL if getattr(self, n) is not None]
        for name in (*_COLUMNS, "evidence", *known):
            received = np.shape(getattr(self, name))
            if len(shape) != 1 or received != shape:
                raise ValueError(
                    f"`{name}` must have one entry for each id. Received: "
                    f"shape={received}, ids of shape {shape}"
                )

    def __len__(self):
        return self.ids.size

    def __repr__(self):
        return (
            f"LabelIssues({self.num_issues} of {len(self)} labels flagged, "
            f"score={self.score!r}, split={self.split!r})"
        )

    @property
    def num_issues(self):
        """How many labels are flagged."""
        return int(self.is_label_issue.sum())

    def top(self, k):
        """The positions of the k most suspicious labels, flagged or not.

        Args:
            k: how many, at least 0; all of them if there are fewer.

        Returns:
            int64 array of at most k positions, the worst first. Samples
            without any record come last.

        Raises:
            ValueError: if k is not an integer of at least 0.
        """
        k = integer("k", k, at_least=0)
        return np.lexsort((self.evidence, self.label_quality))[:k]

    def to_frame(self):
        """The result as a table, one row for each sample.

        Returns:
            `pandas.DataFrame` with the columns `id`, `is_label_issue`,
            `label_quality`, `given_label`, `predicted_label` and
            `suggested_label`.

        Raises:
            ImportError: if pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise ImportError(
                "`to_frame` needs pandas: `pip install 'keras-robust[report]'`"
            ) from error
        columns = {name: getattr(self, name) for name in _COLUMNS}
        return pandas.DataFrame({"id": self.ids, **columns})

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
        flagged = self.is_label_issue
        hits = int((wrong & flagged).sum())
        num_wrong = int(wrong.sum())
        average_precision = auroc = float("nan")
        if num_wrong:
            from sklearn.metrics import average_precision_score
            from sklearn.metrics import roc_auc_score

            suspicion = self._suspicion()
            average_precision = average_precision_score(wrong, suspicion)
            if num_wrong < len(self):
                auroc = roc_auc_score(wrong, suspicion)
        return {
            "precision": _ratio(hits, self.num_issues),
            "recall": _ratio(hits, num_wrong),
            "f1": _ratio(2 * hits, self.num_issues + num_wrong)
            if num_wrong
            else float("nan"),
            "average_precision": float(average_precision),
            "auroc": float(auroc),
        }

    def _as_true(self, true_labels):
        labels = np.asarray(true_labels)
        if labels.shape == (len(self), 1):
            labels = labels[:, 0]
        if labels.shape != (len(self),) or labels.dtype.kind not in "iu":
            raise ValueError(
                "`true_labels` must hold one integer class number for each "
                f"sample, shape ({len(self)},), in the order of `ids`. "
                f"Received: shape={labels.shape}, dtype={labels.dtype}"
            )
        return labels

    def _suspicion(self):
        """The rank of each label from 0, the least suspicious, upwards.

        Ranks instead of `1 - label_quality`, which rounds every quality
        below 1e-16 to the same number. Equal labels share a rank.
        """
        order = self.top(len(self))[::-1]
        keys = np.stack([self.label_quality, self.evidence])[:, order]
        keys = np.nan_to_num(keys, nan=np.inf)
        rises = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
        ranks = np.empty(len(self))
        ranks[order] = np.concatenate([[0], np.cumsum(rises)])
        return ranks


def _ratio(part, whole):
    return part / whole if whole else float("nan")
