"""What every kind of label noise needs: checks, and which samples to flip."""

import math
import numbers

import numpy as np


def as_classes(labels, num_classes):
    """Checks integer labels and the number of classes.

    Args:
        labels: integer class numbers, shape `(N,)` or `(N, 1)`, N >= 1.
        num_classes: number of classes K >= 2, or None for the largest
            label plus one.

    Returns:
        `(given, classes, num_classes)`: the labels as an array of their
        own shape and dtype, the same as a flat int64 array, and K.

    Raises:
        ValueError: if the shape, the dtype, a label or K is not usable.
    """
    given = np.asarray(labels)
    if given.ndim == 2 and given.shape[1] > 1:
        raise ValueError(
            "`labels` must be integer class numbers of shape (N,) or (N, 1). "
            "One-hot labels become class numbers by "
            f"`np.argmax(labels, axis=1)`. Received: shape={given.shape}"
        )
    if given.ndim not in (1, 2) or given.size == 0:
        raise ValueError(
            "`labels` must hold at least one integer class number, in shape "
            f"(N,) or (N, 1). Received: shape={given.shape}"
        )
    if given.dtype.kind not in "iu":
        raise ValueError(
            "`labels` must have an integer dtype; convert them by "
            '`labels.astype("int64")` if they are class numbers. '
            f"Received: dtype={given.dtype}"
        )
    classes = given.reshape(-1).astype(np.int64)
    if num_classes is None:
        num_classes = int(classes.max()) + 1
        hint = " (the largest label plus one, as none was given)"
    else:
        hint = ""
    if (
        not isinstance(num_classes, numbers.Integral)
        or isinstance(num_classes, bool)
        or num_classes < 2
    ):
        raise ValueError(
            "`num_classes` must be an integer of at least 2. "
            f"Received: num_classes={num_classes!r}{hint}"
        )
    outside = (classes < 0) | (classes >= num_classes)
    if outside.any():
        first = int(np.argmax(outside))
        raise ValueError(
            f"`labels` must be in [0, num_classes - 1] = "
            f"[0, {num_classes - 1}]; {int(outside.sum())} of "
            f"{classes.size} are not. Received: labels[{first}]="
            f"{int(classes[first])}, num_classes={num_classes}"
        )
    if num_classes - 1 > np.iinfo(given.dtype).max:
        raise ValueError(
            f"The dtype of `labels` cannot hold class {num_classes - 1}; "
            'convert them by `labels.astype("int64")`. '
            f"Received: dtype={given.dtype}, num_classes={num_classes}"
        )
    return given, classes, int(num_classes)


def generator(seed):
    """`numpy.random.default_rng`, with a clear error for a bad seed."""
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError) as error:
        raise ValueError(
            "`seed` must be None, a non-negative integer or a NumPy "
            f"generator. Received: seed={seed!r}"
        ) from error


def draw(classes, rate, num_classes, rng):
    """Draws exactly `round(rate * N)` positions, shared out over the classes.

    Each class gives its proportional number, within one sample (largest
    remainder; the smaller class number first among equals).

    Args:
        classes: class numbers, int64, shape `(N,)`.
        rate: share of the labels to draw, in [0, 1].
        num_classes: number of classes.
        rng: a `numpy.random.Generator`.

    Returns:
        Positions, int64, shape `(round(rate * N),)`, ascending.

    Raises:
        ValueError: if `rate` is not a number in [0, 1].
    """
    if (
        not isinstance(rate, numbers.Real)
        or isinstance(rate, bool)
        or not math.isfinite(rate)
        or not 0 <= rate <= 1
    ):
        raise ValueError(
            "`rate` must be a number in [0, 1], the share of labels to "
            f"flip. Received: rate={rate!r}"
        )
    total = round(float(rate) * classes.size)
    sizes = np.bincount(classes, minlength=num_classes)
    counts, remainders = np.divmod(total * sizes, classes.size)
    largest = np.argsort(-remainders, kind="stable")
    counts[largest[: total - counts.sum()]] += 1
    # A shuffled order, then sorted by class: the first counts[c] of each
    # class are a uniform draw without a loop over the classes.
    order = rng.permutation(classes.size)
    order = order[np.argsort(classes[order], kind="stable")]
    starts = np.cumsum(sizes) - sizes
    place_in_class = np.arange(classes.size) - np.repeat(starts, sizes)
    return np.sort(order[place_in_class < np.repeat(counts, sizes)])


def with_labels(given, positions, new):
    """A copy of `given` in which `positions` hold the labels `new`."""
    noisy = given.copy()
    noisy.reshape(-1)[positions] = new
    return noisy
