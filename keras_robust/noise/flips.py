"""What every kind of label noise needs: checks, and which samples to flip."""

import math
import numbers

import numpy as np

from keras_robust.noise.masked import refuse_masked
from keras_robust.noise.sharing import largest_remainder

# More are no classes but ids of samples: nothing could be counted by class.
MOST_CLASSES = 2**24


def as_classes(labels, num_classes, name="labels", least=0):
    """Checks integer labels and the number of classes.

    Args:
        labels: integer class numbers, shape `(N,)` or `(N, 1)`, N >= 1.
        num_classes: number of classes K >= 2, or None for the largest
            label plus one.
        name: what the caller calls them.
        least: the smallest K to take where `num_classes` is None.

    Returns:
        `(given, classes, num_classes)`: the labels as an array of their
        own shape and dtype, the same as a flat int64 array, and K.

    Raises:
        ValueError: if the shape, the dtype, a label or K is not usable.
    """
    refuse_masked(f"`{name}`", labels)
    try:
        given = np.asarray(labels)
    except (TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"`{name}` must be an array of integer class numbers, one a "
            "sample; these are no array, their rows may differ in length. "
            f"Received: {name} of type {type(labels).__name__}"
        ) from error
    if given.ndim == 2 and given.shape[1] > 1:
        raise ValueError(
            f"`{name}` must be integer class numbers of shape (N,) or (N, 1). "
            "One-hot labels become class numbers by "
            f"`np.argmax({name}, axis=1)`. Received: shape={given.shape}"
        )
    if given.ndim not in (1, 2) or given.size == 0:
        raise ValueError(
            f"`{name}` must hold at least one integer class number, in shape "
            f"(N,) or (N, 1). Received: shape={given.shape}"
        )
    flat = given.reshape(-1)
    if given.dtype.kind not in "iu":
        raise ValueError(_not_integers(flat, name))
    if num_classes is None:
        last = int(np.argmax(flat))
        num_classes = max(int(flat[last]) + 1, least)
        hint = " (the largest label plus one, as none was given)"
        if num_classes > MOST_CLASSES:
            raise ValueError(
                f"`{name}` must be class numbers from 0 on, not ids: "
                f"`np.unique({name}, return_inverse=True)[1]` numbers them. "
                f"Received: {name}[{last}]={flat[last]}"
            )
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
    if num_classes > MOST_CLASSES:
        raise ValueError(
            f"`num_classes` must be at most {MOST_CLASSES}. "
            f"Received: num_classes={num_classes}"
        )
    outside = (flat < 0) | (flat >= num_classes)
    if outside.any():
        first = int(np.argmax(outside))
        raise ValueError(
            f"`{name}` must be in [0, num_classes - 1] = "
            f"[0, {num_classes - 1}]; {int(outside.sum())} of "
            f"{flat.size} are not. Received: {name}[{first}]="
            f"{int(flat[first])}, num_classes={num_classes}"
        )
    if num_classes - 1 > np.iinfo(given.dtype).max:
        raise ValueError(
            f"The dtype of `{name}` cannot hold class {num_classes - 1}; "
            f'convert them by `{name}.astype("int64")`. '
            f"Received: dtype={given.dtype}, num_classes={num_classes}"
        )
    return given, flat.astype(np.int64), int(num_classes)


def _not_integers(flat, name):
    """The message for labels whose dtype is not of integers."""
    kind = flat.dtype.kind
    cure = f'`{name}.astype("int64")` if they are class numbers'
    bad = np.zeros(flat.size, bool)
    if kind in "SU":
        cure = f"`np.unique({name}, return_inverse=True)[1]`"
    elif kind == "f":
        # Infinity has the remainder NaN, which differs from 0 too.
        with np.errstate(invalid="ignore"):
            bad = flat % 1 != 0
    elif kind == "O":
        bad = np.array([not isinstance(v, numbers.Integral) for v in flat])
    first = int(np.argmax(bad))
    where = f", {name}[{first}]={flat[first]!r}" if bad.any() else ""
    return (
        f"`{name}` must have an integer dtype; convert them by {cure}. "
        f"Received: dtype={flat.dtype}{where}"
    )


def as_rate(rate):
    """Returns `rate` as a float in [0, 1], or raises a `ValueError`."""
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
    return float(rate)


def as_flag(name, value):
    """Returns `value` as a bool, or raises a `ValueError`."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(
            f"`{name}` must be True or False. Received: {name}={value!r}"
        )
    return bool(value)


def generator(seed):
    """`numpy.random.default_rng`, with a clear error for a bad seed."""
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError) as error:
        raise ValueError(
            "`seed` must be None, a non-negative integer or a NumPy "
            f"generator. Received: seed={seed!r}"
        ) from error


def draw(classes, rate, num_classes, rng, exact=True):
    """Draws positions, each with the probability `rate`.

    Args:
        classes: class numbers, int64, shape `(N,)`.
        rate: share of the labels to draw, in [0, 1].
        num_classes: number of classes.
        rng: a `numpy.random.Generator`.
        exact: whether to draw `round(rate * N)` positions, each class giving
            its proportional number within one sample (largest remainder; the
            smaller class number first among equals), or every position by a
            draw of its own.

    Returns:
        Positions, int64, ascending.

    Raises:
        ValueError: if `rate` is not a number in [0, 1], or `exact` no bool.
    """
    rate = as_rate(rate)
    if not as_flag("exact", exact):
        return np.flatnonzero(rng.random(classes.size) < rate)
    order = rng.permutation(classes.size)
    return first_of_each_class(order, classes, rate, num_classes)


def first_of_each_class(order, classes, rate, num_classes):
    """The first `round(rate * N)` positions of `order`, shared out.

    Args:
        order: all positions, the one to draw first in front.
        classes: class numbers, int64, shape `(N,)`.
        rate: share to take, in [0, 1].
        num_classes: number of classes.

    Returns:
        Positions, int64, shape `(round(rate * N),)`, ascending.
    """
    sizes = np.bincount(classes, minlength=num_classes)
    counts = largest_remainder(sizes, round(rate * classes.size))
    # The order, then sorted by class: the first counts[c] of each class are
    # found without a loop over the classes.
    order = order[np.argsort(classes[order], kind="stable")]
    starts = np.cumsum(sizes) - sizes
    place_in_class = np.arange(classes.size) - np.repeat(starts, sizes)
    return np.sort(order[place_in_class < np.repeat(counts, sizes)])
