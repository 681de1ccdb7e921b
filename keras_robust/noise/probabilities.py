"""Predicted probabilities: checked, and read a block of rows at a time."""

import numpy as np

from keras_robust.noise.flips import as_classes
from keras_robust.noise.masked import refuse_masked

# Bytes of a block: it stays in the processor's cache.
_BLOCK = 2**19
# Half precision rounds a row's sum by half of this.
_SUM_WITHIN = 1e-3
_BELOW_ZERO = 1e-6


def as_probabilities(pred_probs, num_samples, num_classes=None):
    """Checks predicted probabilities, a block of rows at a time.

    Args:
        pred_probs: probabilities of each class, shape `(N, K)`, K >= 2; an
            array, or what is read from disk by its slices: a memory map, an
            array of zarr or h5py.
        num_samples: the number of samples N that is expected.
        num_classes: the number of classes K that is expected. Defaults to
            the number of columns.

    Returns:
        `pred_probs` itself where it is a NumPy array or read by slices, and
        otherwise a NumPy array of it. `blocks` reads either.

    Raises:
        ValueError: if the shape is another, or a row is not made of
            probabilities: NaN, below 0, or not of sum 1, which logits are
            not; the first such row is named.

    Example:

    >>> import numpy as np
    >>> from keras_robust.noise.probabilities import as_probabilities
    >>> as_probabilities([[0.9, 0.1], [0.5, 0.5]], num_samples=2)
    array([[0.9, 0.1],
           [0.5, 0.5]])
    """
    rows = _as_rows(pred_probs)
    _check_shape(rows, num_samples, num_classes)
    for _ in checked_blocks(rows):
        pass
    return rows


def as_classes_and_rows(labels, pred_probs):
    """Checks labels, and the shape of the probabilities of their classes.

    Args:
        labels: integer class numbers, shape `(N,)` or `(N, 1)`.
        pred_probs: as of `as_probabilities`.

    Returns:
        The labels, int64 `(N,)`, and the probabilities as of
        `as_probabilities`; their values are yet to be checked, by
        `checked_blocks`.

    Raises:
        ValueError: if the labels or the shapes are not usable.
    """
    rows = _as_rows(pred_probs)
    _, classes, _ = as_classes(labels, rows.shape[1])
    _check_shape(rows, classes.size)
    return classes, rows


def as_classes_and_probabilities(labels, pred_probs):
    """As `as_classes_and_rows`, and checks the values too."""
    classes, rows = as_classes_and_rows(labels, pred_probs)
    return classes, as_probabilities(rows, classes.size)


def checked_blocks(pred_probs):
    """As `blocks`, and raises a `ValueError` for what is no probability.

    For who reads first: what is read is in the processor's cache then.
    """
    for where, block in blocks(pred_probs):
        _check(where, block)
        yield where, block


def blocks(pred_probs):
    """Reads probabilities from the first row to the last.

    Yields:
        Where a block is, a slice, and its rows, float32 or float64: what is
        more than 32 bits wide becomes float64. What is stored in chunks is
        read by whole chunks.
    """
    num_samples, num_classes = pred_probs.shape
    is_narrow = pred_probs.dtype.kind == "f" and pred_probs.dtype.itemsize <= 4
    dtype = np.dtype(np.float32 if is_narrow else np.float64)
    step = max(64, _BLOCK // (num_classes * dtype.itemsize))
    stored = step
    if not isinstance(pred_probs, np.ndarray) and pred_probs.chunks:
        chunk = int(np.max(pred_probs.chunks[0]))
        stored = chunk * max(1, step // chunk)
    for begin in range(0, num_samples, stored):
        read = np.asarray(pred_probs[begin : begin + stored])
        for first in range(0, len(read), step):
            block = read[first : first + step].astype(dtype, copy=False)
            start = begin + first
            yield slice(start, start + len(block)), block


def _as_rows(pred_probs):
    """An array of two axes, or what has such slices."""
    pred_probs = as_stored(pred_probs)
    shape = tuple(pred_probs.shape)
    if len(shape) != 2 or shape[1] < 2 or not shape[0]:
        raise ValueError(
            "`pred_probs` must have the shape (N, K): one row for each "
            "sample and one column for each class, of two classes at least. "
            "The probability `p` of the second of two classes becomes two "
            "columns by `np.stack([1 - p, p], axis=1)`. "
            f"Received: pred_probs.shape={shape}"
        )
    return pred_probs


def _check_shape(rows, num_samples, num_classes=None):
    if rows.shape[0] != num_samples:
        raise ValueError(
            "`pred_probs` must have one row for each label. Received: "
            f"pred_probs.shape={tuple(rows.shape)}, {num_samples} labels"
        )
    if num_classes is not None and rows.shape[1] != num_classes:
        raise ValueError(
            "`pred_probs` must have one column for each class. Received: "
            f"pred_probs.shape={tuple(rows.shape)}, num_classes={num_classes}"
        )


def as_stored(pred_probs):
    """What is read by slices as it is, all else as an array, of numbers."""
    refuse_masked("`pred_probs`", pred_probs)
    if not isinstance(pred_probs, np.ndarray) and not hasattr(
        pred_probs, "chunks"
    ):
        try:
            pred_probs = np.asarray(pred_probs)
        except (TypeError, ValueError, RuntimeError) as error:
            raise ValueError(
                "`pred_probs` must be an array of the shape (N, K). Received: "
                f"pred_probs of type {type(pred_probs).__name__}, of which "
                f"NumPy makes none ({error})"
            ) from error
    if pred_probs.dtype.kind not in "fiub":
        raise ValueError(
            "`pred_probs` must hold numbers. Received: "
            f"pred_probs.dtype={pred_probs.dtype}, "
            f"pred_probs.shape={tuple(pred_probs.shape)}"
        )
    return pred_probs


def _check(where, block):
    # With these two no entry can be much above 1, and NaN fails the first.
    # Infinities of either sign do not add up.
    with np.errstate(invalid="ignore", over="ignore"):
        sums = block @ np.ones(block.shape[1], block.dtype)
        good = np.abs(sums - 1.0) <= _SUM_WITHIN
    if good.all() and block.min() >= -_BELOW_ZERO:
        return
    bad = ~good | (block < -_BELOW_ZERO).any(axis=1)
    first = int(np.argmax(bad))
    row = block[first]
    shown = np.array2string(row[:4], precision=4, separator=", ")
    more = ", the first 4 of them" if row.size > 4 else ""
    if np.isnan(row).any():
        why = "it holds NaN"
    elif row.min() < -_BELOW_ZERO or row.max() > 1.0 + _SUM_WITHIN:
        why = (
            "its values are not in [0, 1]. Logits become probabilities by a "
            "softmax"
        )
    else:
        why = (
            f"its sum is {sums[first]:.4g} and not 1. Rows become "
            "probabilities by dividing each by its sum, where they are not "
            "those of several labels at once"
        )
    raise ValueError(
        "`pred_probs` must hold probabilities; row "
        f"{where.start + first} does not: {why}. Received: "
        f"pred_probs[{where.start + first}]={shown}{more}"
    )
