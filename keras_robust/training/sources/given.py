"""Given labels: what is kept of them, read batch by batch.

The labels themselves are not kept: of images with a label a pixel they would
be as large as the images.
"""

from dataclasses import dataclass

import numpy as np

from keras_robust.training import labels

# By convention a pixel without a class, where labels are bytes.
_VOID = 255
_ROWS = (
    "Labels of shape (N, K) must be one-hot or soft, every row with the sum 1, "
    "or class numbers of K positions (if there are two classes, say "
    "num_classes=2); several labels at once (multi-label) cannot be recorded"
)


@dataclass
class Given:
    """What is known of the labels of all samples; see `Tracked`."""

    label: np.ndarray
    second: np.ndarray | None
    fingerprint: np.ndarray
    num_classes: int | None
    blended: bool
    dense: bool
    one_hot: bool
    largest: int


@dataclass
class _Part:
    """A batch in one reading: as class numbers, or as one-hot rows."""

    label: np.ndarray
    fingerprint: np.ndarray
    weight: np.ndarray | None = None
    second: np.ndarray | None = None


class GivenLabels:
    """Reads labels: class numbers or one-hot, one or several a sample.

    Labels of shape `(N, K)` may be one-hot rows or the class numbers of K
    positions; as only all of them together tell, both readings are kept.

    Args:
        num_classes: The number of classes, where known.
    """

    def __init__(self, num_classes=None):
        self._num_classes = num_classes
        self._numbers, self._rows = [], []
        self._count = 0
        self._widths = set()
        self._ranks = set()
        self._largest = 0
        self._not_one_hot = None

    def __len__(self):
        return self._count

    def add(self, y):
        """Reads the labels of a batch, `(B,)`, `(B, 1)` or `(B, ..., K)`.

        Raises:
            ValueError: For labels that can be no class indices, naming the
                first bad position.
        """
        y = np.asarray(y)
        labels.check_numbers(y)
        if y.ndim == 0:
            raise ValueError(
                "Labels must be integers of shape (N,), (N, 1) or (N, ...), "
                f"or one-hot of shape (N, ..., K). Received: y.shape={y.shape}"
            )
        labels.check_finite(y, self._count)
        self._ranks.add(y.ndim)
        if y.ndim == 1 or (y.ndim == 2 and y.shape[1] == 1):
            self._add_single(y)
        else:
            self._add_wide(y)
        self._count += len(y)

    def _add_single(self, y):
        y = y.reshape(len(y))
        whole = y == np.round(y) if y.dtype.kind == "f" else np.array(True)
        labels.check_all(whole, y, "Labels must be whole numbers", self._count)
        label = y.astype("int64")
        # A batch of one position a sample may hold positions without a class.
        if self._ranks == {1} or not self._widths:
            labels.check_range(label, self._num_classes, self._count)
        self._numbers.append(
            _Part(label, label.astype("float32"), second=label)
        )
        self._rows.append(None)
        self._largest = max(self._largest, int(label.max(initial=0)))

    def _add_wide(self, y):
        self._widths.add(y.shape[-1])
        one = np.abs(y.sum(axis=-1, dtype="float64") - 1.0) < 1e-2
        one = one.reshape(len(y), -1).all(axis=1)
        is_rows = y.shape[-1] > 1 and one.all()
        whole = y.dtype.kind != "f" or bool((y == np.round(y)).all())
        if not is_rows and not whole:
            what = "Labels must be whole numbers, or one-hot or soft rows"
            what = _ROWS if y.ndim == 2 else what
            labels.check_all(one, y, what, self._count)
            raise ValueError(f"{what}. Received: y.shape={y.shape}")
        if not is_rows and self._not_one_hot is None:
            self._not_one_hot = (one, y[:1] if one.all() else y, self._count)
        hard = is_rows and whole and y.min(initial=0) >= 0
        self._rows.append(_as_rows(y) if is_rows else None)
        if hard:
            # Their class numbers are 0 and a single 1: no need to count.
            label = np.zeros(len(y), dtype="int64")
            mean = np.full(len(y), 1.0 / y.shape[-1], dtype="float32")
            self._numbers.append(_Part(label, mean, second=label))
        else:
            numbers = _as_numbers(y, self._num_classes) if whole else None
            self._numbers.append(numbers)
        if whole:
            self._largest = max(self._largest, int(y.max(initial=0)))

    def finish(self):
        """Returns the `Given` of all labels.

        Raises:
            ValueError: For labels that are neither reading throughout.
        """
        if len(self._ranks) > 1:
            raise ValueError(
                "The labels of all batches must have the same rank. Received: "
                f"ranks {sorted(self._ranks)}"
            )
        if not self._widths:
            return self._given(self._numbers, dense=False)
        if len(self._widths) == 1 and None not in self._rows:
            return self._finish_rows(*self._widths)
        if None in self._numbers:
            labels.check_all(*self._first_not_one_hot())
        multi_label = self._ranks == {2} and self._largest <= 1
        if multi_label and self._num_classes in (None, *self._widths):
            labels.check_all(*self._first_not_one_hot())
        return self._given(self._numbers, dense=True)

    def _first_not_one_hot(self):
        if self._not_one_hot is None:
            # Rows of several widths.
            return np.array([False]), [sorted(self._widths)], _ROWS
        one, y, first = self._not_one_hot
        return one, y, _ROWS, first

    def _finish_rows(self, width):
        if self._num_classes not in (None, width):
            shape = (self._count, *[...] * (max(self._ranks) - 2), width)
            shape = str(shape).replace("Ellipsis", "...")
            raise ValueError(
                "One-hot labels must have one column a class. Received: "
                f"y.shape={shape}, num_classes={self._num_classes}"
            )
        self._largest = width - 1
        given = self._given(self._rows, dense=max(self._ranks) > 2)
        given.num_classes, given.one_hot = width, True
        if not given.dense:
            given.blended = _is_blended(_joined(self._rows, "weight"))
        return given

    def _given(self, parts, dense):
        return Given(
            label=_joined(parts, "label"),
            second=_joined(parts, "second") if dense else None,
            fingerprint=_joined(parts, "fingerprint"),
            num_classes=self._num_classes,
            blended=False,
            dense=dense,
            one_hot=False,
            largest=self._largest,
        )


def _joined(parts, name):
    return np.concatenate([getattr(part, name) for part in parts])


def _as_rows(y):
    chosen = np.argmax(y, axis=-1)
    if y.ndim == 2:
        return _Part(
            chosen.astype("int64"),
            chosen.astype("float32"),
            y.max(axis=1).astype("float32"),
        )
    return _as_numbers(chosen, y.shape[-1])


def _as_numbers(y, num_classes):
    flat = y.reshape(len(y), -1)
    found = [_most(row, num_classes) for row in flat]
    label, second = np.array(found, dtype="int64").reshape(-1, 2).T
    mean = flat.mean(axis=1, dtype="float64").astype("float32")
    return _Part(label, mean, second=second)


def _most(row, num_classes):
    """The class that most positions have, and the next; 0 if there is none."""
    row = row[row >= 0].astype("int64")
    if num_classes is not None:
        row = row[row < num_classes]
    elif row.max(initial=0) == _VOID:
        row = row[row != _VOID]
    if row.size == 0:
        return 0, 0
    if row.max() < 2**16:
        counts = np.bincount(row)
        values = np.arange(len(counts))
    else:
        values, counts = np.unique(row, return_counts=True)
    first = counts.argmax()
    counts[first] = 0
    return values[first], values[counts.argmax()] if counts.any() else 0


def _is_blended(weight):
    """Whether rows are mixtures; smoothed ones all have the same largest."""
    mixed = np.mean(weight < 0.9) > 0.01
    return bool(mixed and weight.max() - weight.min() > 1e-3)
