"""Rows of a table, beside what is usual in the classes in question."""

import itertools
import numbers

import numpy as np

from keras_robust.report.review.reading import is_missing

# Rows that the medians are made of, and columns that are shown.
_ROWS = 5_000
_COLUMNS = 100


class Rows:
    """Makes what the page shows of a row.

    Args:
        samples: `Samples`; each a row: an array `(D,)`, a list, a dict, or
            the row of a pandas frame.
        issues: `LabelIssues`, for the usual values of each class.
        positions: Those that will be asked for.
        names: The names of the columns, or `None`.

    Attributes:
        columns: The names of the columns.
        notes: What the reader of the page should know, sentences.
    """

    def __init__(self, samples, issues, positions, names):
        self._samples = samples
        self.notes = []
        # Where no suspect has a sample another one tells the columns.
        others = itertools.chain(positions, range(len(issues)))
        first = next((p for p in others if samples[p] is not None), None)
        row = [] if first is None else samples[first]
        keys = getattr(row, "keys", None)
        keys = list(keys()) if callable(keys) else None
        self._width = len(row) if hasattr(row, "__len__") else -1
        if names is not None and np.ndim(names) != 1:
            raise ValueError(
                "`feature_names` must be a list in the order of the columns. "
                f"Received: feature_names={names!r}"
            )
        if names is None:
            names = keys or [f"column {i}" for i in range(self._width)]
        self._check(first, names)
        # By place where names are there twice, as a frame may have it.
        self._keys = keys if keys and len(set(keys)) == len(keys) else None
        self.columns = [str(name) for name in names][:_COLUMNS]
        if self._width > _COLUMNS:
            self.notes.append(
                f"Only the first {_COLUMNS} of {self._width} columns are shown."
            )
        self._issues = issues

    def __call__(self, position, exact=True):
        """The values as text, or `None`."""
        values = self._values(position)
        return None if values is None else [_text(v) for v in values]

    def usual(self):
        """The median of each class and column, as text; of labels unflagged.

        Returns:
            A list for each class, `None` where there are none.
        """
        given = self._issues.given_label
        clean = np.flatnonzero(~self._issues.is_label_issue)
        if clean.size > _ROWS:
            clean = clean[np.linspace(0, clean.size - 1, _ROWS).astype(int)]
        rows = {p: self._values(p) for p in clean}
        by_class = {}
        for label in np.unique(given[clean]):
            members = [rows[p] for p in clean[given[clean] == label] if rows[p]]
            columns = zip(*members, strict=True)
            by_class[int(label)] = [_median(column) for column in columns]
        return by_class

    def _values(self, position):
        row = self._samples[position]
        if row is None:
            return None
        if self._keys is not None:
            try:
                row = [row[key] for key in self._keys]
            except (KeyError, TypeError, IndexError) as error:
                raise ValueError(
                    "Every row must have the same columns. Received: "
                    f"{self._samples.name(position)} without {error}"
                ) from error
        # Tensors, too.
        array = hasattr(row, "__array__") and not hasattr(row, "keys")
        row = np.asarray(row).tolist() if array else list(row)
        if len(row) != self._width:
            raise ValueError(
                "Every row must have the same columns. Received: "
                f"{self._samples.name(position)} of {len(row)} values, not "
                f"{self._width}"
            )
        return row[:_COLUMNS]

    def _check(self, first, names):
        row = None if first is None else self._samples[first]
        if isinstance(row, str | bytes) or self._width < 0:
            raise ValueError(
                'With kind="tabular" every sample must be a row of values. '
                f"Received: {self._samples.name(first)} of type "
                f"{type(row).__name__}"
            )
        if first is not None and len(names) != self._width:
            raise ValueError(
                "`feature_names` must name every column. Received: "
                f"{len(names)} names, {self._width} columns"
            )


def _text(value):
    if is_missing(value):
        return ""
    if isinstance(value, float | np.floating):
        # Prices and dates in seconds keep what stands before the point.
        return f"{value:.0f}" if 1e5 <= abs(value) < 1e15 else f"{value:.5g}"
    return str(value)[:200]


def _median(values):
    values = [
        v
        for v in values
        if isinstance(v, numbers.Real) and not isinstance(v, bool) and v == v
    ]
    try:
        return (
            _text(float(np.median(np.array(values, float)))) if values else ""
        )
    except OverflowError:
        # An integer of hundreds of digits.
        return ""
