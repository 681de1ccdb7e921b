"""Given labels on the host: read once, checked before training starts."""

import numpy as np


def given_labels(y, num_classes=None):
    """Returns class indices `(N,)` of integer, `(N, 1)` or one-hot labels.

    Args:
        y: Array-like of labels.
        num_classes: The number of classes, where known.

    Returns:
        int64 array `(N,)`. For one-hot or soft rows the largest entry.

    Raises:
        ValueError: For labels that are no class indices, naming the first
            bad position.
    """
    y = np.asarray(y)
    if y.dtype.kind not in "iubf":
        raise ValueError(
            "Labels must be class indices; turn names into integers first, "
            "e.g. with sklearn.preprocessing.LabelEncoder. Received: "
            f"y.dtype={y.dtype}"
        )
    if y.ndim == 2 and y.shape[1] > 1:
        check_finite(y)
        if num_classes is not None and y.shape[1] != num_classes:
            raise ValueError(
                "One-hot labels must have one column a class. Received: "
                f"y.shape={y.shape}, num_classes={num_classes}"
            )
        _check_all(
            np.abs(y.sum(axis=1, dtype="float64") - 1.0) < 1e-2,
            y,
            "Labels of shape (N, K) must be one-hot or soft, every row with "
            "the sum 1; several labels a sample (multi-label, dense outputs) "
            "cannot be recorded",
        )
        return np.argmax(y, axis=1).astype("int64")
    if y.ndim == 2:
        y = y[:, 0]
    if y.ndim != 1:
        raise ValueError(
            "Labels must be integers of shape (N,) or (N, 1), or one-hot of "
            f"shape (N, K). Received: y.shape={y.shape}"
        )
    check_finite(y)
    if y.dtype.kind == "f":
        _check_all(y == np.round(y), y, "Labels must be whole numbers")
    labels = y.astype("int64")
    check_range(labels, num_classes)
    return labels


def check_finite(y):
    """Raises for a label that is NaN or infinite."""
    if y.dtype.kind == "f":
        finite = np.isfinite(y)
        rows = finite.all(axis=1) if y.ndim == 2 else finite
        _check_all(rows, y, "Labels must be finite")


def check_range(labels, num_classes):
    """Raises for a label outside `[0, num_classes)`."""
    _check_all(labels >= 0, labels, "Labels must not be negative")
    if num_classes is not None:
        _check_all(
            labels < num_classes,
            labels,
            f"Labels must be below the number of classes, {num_classes}",
        )


def _check_all(good, y, message):
    if not good.all():
        first = int(np.argmin(good))
        raise ValueError(
            f"{message}. Received: y[{first}]={y[first]} "
            f"({np.count_nonzero(~good)} such labels)"
        )
