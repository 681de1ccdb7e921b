"""How many labels of each class are called wrong, and what they should be."""

import numpy as np

from keras_robust.detect.statistics.proportions import wilson_interval


class NoiseTable(list):
    """Rows (dicts) of the classes; prints as a table."""

    def __repr__(self):
        if not self:
            return "[]"
        cells = [list(self[0]), *([_text(v) for v in r.values()] for r in self)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        return "\n".join(
            "  ".join(
                cell.rjust(width)
                for cell, width in zip(row, widths, strict=True)
            )
            for row in cells
        )


class Counting:
    """What counts labels by their class."""

    def noise_table(self, confidence=0.95):
        """How many labels of each given class are flagged.

        A class of which nearly all labels are flagged is one that the model
        gave up, more often than one that is all noise.

        Args:
            confidence: that of the interval, in (0, 1). Defaults to `0.95`.

        Returns:
            A list of dicts, one for each class, that prints as a table and
            becomes one by `pandas.DataFrame(table)`: `"class"`, `"count"`,
            `"flagged"`, `"share"` (NaN of a class without labels), `"low"`
            and `"high"` (Wilson's interval of the share: how well so many
            samples tell the share that this detector flags; it knows
            nothing of the detector's own mistakes), `"suggestion"` (the
            class most often suggested for the flagged ones, -1 where none
            is) and `"suggested"` (how often).

        Raises:
            ValueError: if `confidence` is not in (0, 1).

        Example:

        >>> from keras_robust.detect import LabelIssues
        >>> issues = LabelIssues(
        ...     [7, 8, 9], [False, True, False], [0.9, 0.1, 0.8],
        ...     [0, 1, 1], [0, 0, 1], [0, 0, 1], [0.9, 0.1, 0.8],
        ...     score="mine", split="mine",
        ... )
        >>> issues.noise_table()
        class  count  flagged  share    low   high  suggestion  suggested
            0      1        0  0.000  0.000  0.793          -1          0
            1      2        1  0.500  0.095  0.905           0          1
        """
        size = num_classes_of(self)
        count = np.bincount(self.given_label, minlength=size)
        flagged = np.bincount(
            self.given_label[self.is_label_issue], minlength=size
        )
        low, high = wilson_interval(flagged, count, confidence)
        suggestion, suggested = _most_frequent(self, size)
        with np.errstate(invalid="ignore"):
            share = flagged / count
        columns = {
            "class": np.arange(size),
            "count": count,
            "flagged": flagged,
            "share": share,
            "low": low,
            "high": high,
            "suggestion": suggestion,
            "suggested": suggested,
        }
        rows = zip(*(c.tolist() for c in columns.values()), strict=True)
        return NoiseTable(dict(zip(columns, r, strict=True)) for r in rows)

    def confusion(self):
        """How often which label is given, and which is suggested.

        Labels that are not flagged stay what they are and stand on the
        diagonal. Flagged ones without a suggestion are left out.

        Returns:
            int64 array `(K, K)`, the given class first. K is `num_classes`,
            or one more than the largest label where that is not known.

        Example:

        >>> from keras_robust.detect import LabelIssues
        >>> issues = LabelIssues(
        ...     [7, 8, 9], [False, True, False], [0.9, 0.1, 0.8],
        ...     [0, 1, 1], [0, 0, 1], [0, 0, 1], [0.9, 0.1, 0.8],
        ...     score="mine", split="mine",
        ... )
        >>> issues.confusion()
        array([[1, 0],
               [1, 1]])
        """
        size = num_classes_of(self)
        settled = np.where(
            self.is_label_issue, self.suggested_label, self.given_label
        )
        known = settled >= 0
        pairs = self.given_label[known] * size + settled[known]
        return np.bincount(pairs, minlength=size * size).reshape(size, size)


def num_classes_of(issues):
    """How many classes there are, as far as anything tells."""
    if issues.num_classes is not None:
        return issues.num_classes
    labels = (issues.given_label, issues.suggested_label)
    return 1 + max((int(part.max()) for part in labels if part.size), default=0)


def _most_frequent(issues, size):
    """The class most often suggested for the flagged labels of each class."""
    flagged = issues.is_label_issue
    given = issues.given_label[flagged]
    suggested = issues.suggested_label[flagged]
    told = (suggested >= 0) & (suggested != given)
    # Pairs that occur, not a table of all: there may be many classes.
    pairs, counts = np.unique(
        given[told] * size + suggested[told], return_counts=True
    )
    # The last one written stays: the most frequent, the smaller class of two.
    order = np.lexsort((-pairs, counts))
    classes, number = np.full(size, -1), np.zeros(size, np.int64)
    for pair, count in zip(pairs[order], counts[order], strict=True):
        classes[pair // size], number[pair // size] = pair % size, count
    return classes, number


def _text(value):
    return f"{value:.3f}" if isinstance(value, float) else str(value)
