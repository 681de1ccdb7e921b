"""Checks of what a `Trajectories` is built from, one function a field."""

import numbers

import numpy as np


def as_ids(ids):
    """Unique ids as int64 or str, shape `(N,)`."""
    array = np.asarray(ids)
    if array.dtype.kind == "O" and all(isinstance(i, str) for i in array.flat):
        # As pandas keeps strings.
        array = array.astype(str)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(
            "`ids` must have shape (N,) with at least one sample. "
            f"Received: shape={array.shape}"
        )
    if array.dtype.kind not in "iuU":
        raise ValueError(
            "`ids` must be integers or strings; convert them by "
            "`np.asarray(ids, dtype=str)` if needed. "
            f"Received: dtype={array.dtype}"
        )
    if array.dtype.kind == "u" and array.max() > np.iinfo(np.int64).max:
        raise ValueError(
            "`ids` must fit into int64; use strings for larger ones. "
            f"Received: largest id={array.max()}"
        )
    if array.dtype.kind != "U":
        array = array.astype(np.int64)
    values, counts = np.unique(array, return_counts=True)
    if values.size != array.size:
        raise ValueError(
            "`ids` must be unique, one for each sample. Received: "
            f"{array.size - values.size} repeated, the first is "
            f"{values[counts > 1][0].item()!r}"
        )
    return array


def as_epochs(epochs):
    """Strictly increasing epoch numbers as int64, shape `(E,)`."""
    array = np.asarray(epochs)
    if array.ndim != 1 or array.size == 0 or array.dtype.kind not in "iu":
        raise ValueError(
            "`epochs` must be integers of shape (E,), at least one. "
            f"Received: shape={array.shape}, dtype={array.dtype}"
        )
    array = array.astype(np.int64)
    if (np.diff(array) <= 0).any():
        raise ValueError(
            "`epochs` must be strictly increasing. "
            f"Received: epochs={array.tolist()}"
        )
    return array


def as_signals(signals, shape):
    """A dict of name to float32 values of shape `(E, N)`."""
    if not isinstance(signals, dict) or not signals:
        raise ValueError(
            "`signals` must be a dict of name to values of shape (E, N), "
            f"with at least one entry. Received: signals={signals!r}"
        )
    checked = {}
    for name, values in signals.items():
        if not isinstance(name, str) or not name.isidentifier():
            raise ValueError(
                "The names in `signals` must be identifiers such as "
                f'"cross_entropy". Received: name={name!r}'
            )
        array = np.asarray(values)
        if array.dtype.kind not in "fiub":
            raise ValueError(
                f'The signal "{name}" must hold numbers. '
                f"Received: dtype={array.dtype}"
            )
        if array.shape != shape:
            raise ValueError(
                f'The signal "{name}" must have shape (epochs, samples) = '
                f"{shape}. Received: shape={array.shape}"
            )
        checked[name] = array.astype(np.float32, copy=False)
    return checked


def as_num_classes(num_classes):
    """The number of classes as an int of at least 2."""
    if (
        not isinstance(num_classes, numbers.Integral)
        or isinstance(num_classes, bool)
        or num_classes < 2
    ):
        raise ValueError(
            "`num_classes` must be an integer of at least 2. "
            f"Received: num_classes={num_classes!r}"
        )
    return int(num_classes)


def as_given_label(given_label, num_samples, num_classes):
    """Class numbers in [0, num_classes - 1] as int64, shape `(N,)`."""
    array = np.asarray(given_label)
    if array.shape != (num_samples,) or array.dtype.kind not in "iu":
        raise ValueError(
            "`given_label` must hold one integer class number for each id, "
            f"shape ({num_samples},). Received: shape={array.shape}, "
            f"dtype={array.dtype}"
        )
    outside = (array < 0) | (array >= num_classes)
    if outside.any():
        first = int(np.argmax(outside))
        raise ValueError(
            "`given_label` must be in [0, num_classes - 1] = "
            f"[0, {num_classes - 1}]; {int(outside.sum())} of "
            f"{array.size} are not. Received: given_label[{first}]="
            f"{array[first]}, num_classes={num_classes}"
        )
    return array.astype(np.int64, copy=False)


def as_counts(counts, shape):
    """None, or how often each sample was seen, uint16 of shape `(E, N)`."""
    if counts is None:
        return None
    array = np.asarray(counts)
    if array.shape != shape or array.dtype.kind not in "iu":
        raise ValueError(
            "`counts` must be None or integers of shape (epochs, samples) "
            f"= {shape}. Received: shape={array.shape}, dtype={array.dtype}"
        )
    if array.min() < 0 or array.max() > np.iinfo(np.uint16).max:
        raise ValueError(
            "`counts` must be in [0, 65535]. Received: values from "
            f"{array.min()} to {array.max()}"
        )
    return array.astype(np.uint16, copy=False)
