"""What the results beyond one label a sample share."""

import numpy as np

from keras_robust.detect.beyond.arrays import as_array
from keras_robust.detect.checks import integer
from keras_robust.detect.issues.grading import grade


class Ranked:
    """Samples with a quality, an evidence that breaks its ties, and a flag.

    A subclass is a dataclass with `ids`, `is_label_issue`, `label_quality`
    and `evidence`, all `(N,)`; `_columns` names what its table shows beside
    the ids.
    """

    _columns = ("is_label_issue", "label_quality")

    def __len__(self):
        return self.ids.size

    def __repr__(self):
        return (
            f"{type(self).__name__}({self.num_issues} of {len(self)} samples "
            "flagged)"
        )

    @property
    def num_issues(self):
        """How many samples are flagged."""
        return int(self.is_label_issue.sum())

    def top(self, k):
        """The positions of the k most suspicious samples, flagged or not.

        Args:
            k: How many, at least 0; all of them if there are fewer.

        Returns:
            int64 array of at most k positions, the worst first. Samples with
            nothing to judge by come last.

        Raises:
            ValueError: If k is not an integer of at least 0.
        """
        k = integer("k", k, at_least=0)
        return np.lexsort((self.evidence, self.label_quality))[:k]

    def to_frame(self):
        """The result as a table, one row for each sample.

        Returns:
            `pandas.DataFrame`, its first column `id`.

        Raises:
            ImportError: If pandas is not installed.
        """
        columns = {name: getattr(self, name) for name in self._columns}
        return as_frame({"id": self.ids, **columns})

    def evaluate(self, is_wrong):
        """How well the flags and the order match the truth.

        Args:
            is_wrong: bool `(N,)`, which samples are wrong in truth.

        Returns:
            dict of floats in [0, 1]: `"precision"`, `"recall"` and `"f1"` of
            the flags, `"average_precision"` and `"auroc"` of the order. NaN
            where one is not defined: the precision without any flag, the
            AUROC unless there is both right and wrong, the others without
            anything wrong.

        Raises:
            ValueError: If `is_wrong` is not one bool a sample.
        """
        wrong = as_mask("is_wrong", is_wrong, self.is_label_issue.shape)
        # Ranks: `1 - quality` would round the smallest ones together.
        keys = np.stack([self.label_quality, self.evidence])
        keys = np.nan_to_num(keys, nan=np.inf)
        _, ranks = np.unique(keys, axis=1, return_inverse=True)
        return grade(wrong, self.is_label_issue, -ranks.reshape(-1))


def as_mask(name, values, shape):
    """Returns a bool array of this shape, or raises a `ValueError`."""
    mask = as_array(name, values, "b", f"booleans of shape {shape}")
    if mask.shape != shape:
        raise ValueError(
            f"`{name}` must be booleans of shape {shape}. Received: "
            f"{name}.shape={mask.shape}"
        )
    return mask


def as_frame(columns):
    """A `pandas.DataFrame`, or an `ImportError` that says how to get it."""
    try:
        import pandas
    except ImportError as error:
        raise ImportError(
            "A table needs pandas: `pip install 'keras-robust[report]'`"
        ) from error
    return pandas.DataFrame(columns)
