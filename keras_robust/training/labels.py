"""Checks of labels on the host, before training starts."""

import numpy as np


def check_numbers(y):
    """Raises for labels that are not numbers."""
    if y.dtype.kind not in "iubf":
        raise ValueError(
            "Labels must be class indices; turn names into integers first, "
            "e.g. with sklearn.preprocessing.LabelEncoder. Received: "
            f"y.dtype={y.dtype}"
        )


def check_finite(y, first=0):
    """Raises for a label that is NaN or infinite."""
    if y.dtype.kind == "f":
        finite = np.isfinite(y).reshape(len(y), -1).all(axis=1)
        check_all(finite, y, "Labels must be finite", first)


def check_range(labels, num_classes, first=0):
    """Raises for a label outside `[0, num_classes)`."""
    check_all(labels >= 0, labels, "Labels must not be negative", first)
    if num_classes is not None:
        check_all(
            labels < num_classes,
            labels,
            f"Labels must be below the number of classes, {num_classes}",
            first,
        )


def check_all(good, y, message, first=0):
    """Raises `message` unless all are good; `y[0]` is sample `first`."""
    if not good.all():
        at = int(np.argmin(good))
        raise ValueError(
            f"{message}. Received: y[{first + at}]={y[at]} "
            f"({np.count_nonzero(~good)} such labels)"
        )
