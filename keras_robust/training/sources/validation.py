"""Splitting arrays into samples to train on and samples to validate on."""

import keras
import numpy as np

from keras_robust.training.sources.layout import as_numpy
from keras_robust.training.sources.tracked import checked_ids


def validation_split(x, y, sample_weight=None, ids=None, fraction=0.1):
    """Splits arrays into two parts, for training and for validation.

    As `fit(validation_split=...)` does it: the last samples are held out, so
    data that are sorted must be shuffled before.

    Args:
        x: Array of N samples, or nested dict, list or tuple of such.
        y: Labels of N samples, or nested ones.
        sample_weight: Weights `(N,)`, nested ones, or `None`.
        ids: Names of the samples `(N,)`. Defaults to their positions.
        fraction: Part to validate on, in (0, 1).

    Returns:
        A tuple `(x, y, sample_weight, ids)` to train on, and one of `(x, y)`
        or `(x, y, sample_weight)` as `fit` takes it for `validation_data`.

    Raises:
        ValueError: If lengths differ, or a part would be empty.

    Example:

    >>> import numpy as np
    >>> from keras_robust.training import sources
    >>> train, held_out = sources.validation_split(
    ...     np.zeros((10, 2)), np.arange(10), fraction=0.2
    ... )
    >>> held_out[1].tolist(), train[3].tolist()
    ([8, 9], [0, 1, 2, 3, 4, 5, 6, 7])
    """
    if isinstance(fraction, bool) or not 0 < fraction < 1:
        raise ValueError(
            "`validation_split` must lie between 0 and 1. Received: "
            f"validation_split={fraction!r}"
        )
    parts = [
        keras.tree.map_structure(
            lambda a: None if a is None else as_numpy(a), part
        )
        for part in (x, _plain(y), _plain(sample_weight))
    ]
    arrays = [a for a in keras.tree.flatten(parts) if a is not None]
    shapes = [a.shape for a in arrays]
    if any(a.ndim == 0 for a in arrays) or len({len(a) for a in arrays}) != 1:
        raise ValueError(
            "`validation_split` takes arrays with one entry a sample, samples "
            f"and labels as many. Received: shapes {shapes}"
        )
    count = len(arrays[0])
    # As Keras counts them.
    held_out = count - int(count * (1.0 - fraction))
    if not 0 < held_out < count:
        raise ValueError(
            "Both parts of a split must hold samples. Received: "
            f"{count} samples, validation_split={fraction!r}"
        )
    parts.append(checked_ids(ids, count))
    train = _take(parts, slice(None, -held_out))
    rest = _take(parts[:3], slice(-held_out, None))
    return train, rest[:2] if sample_weight is None else rest


def holds(feed, x, y):
    """Whether data to validate on is data that is trained on.

    Told of the feed itself, of parts of its arrays, and of arrays of its size
    and contents; not of copies of a part, nor of other kinds of data.

    Args:
        feed: The `feed` of a `Tracked`.
        x, y: As `fit` takes them.
    """
    if x is feed:
        return True
    own = getattr(feed, "x", None), getattr(feed, "y", None)
    pairs = []
    for mine, theirs in zip(own, (x, y), strict=True):
        mine, theirs = map(keras.tree.flatten, (mine, _plain(theirs)))
        if len(mine) != len(theirs) or None in map(_shape, [*mine, *theirs]):
            return False
        pairs.extend(zip(mine, theirs, strict=True))
    return all(_same(mine, as_numpy(theirs)) for mine, theirs in pairs)


def _shape(array):
    return getattr(array, "shape", None)


def _same(mine, theirs):
    if _overlap(mine, theirs):
        return True
    same_size = mine.shape == theirs.shape
    # The feed's own are in the precision of training.
    return same_size and np.array_equal(mine, theirs.astype(mine.dtype))


def _overlap(mine, theirs):
    try:
        # Exactly: every second row shares no memory with those between.
        return np.shares_memory(mine, theirs, max_work=10**6)
    except np.exceptions.TooHardError:
        return np.may_share_memory(mine, theirs)


def _plain(values):
    """Lists of numbers as arrays; lists of arrays are those of outputs."""
    if isinstance(values, (list, tuple)) and not any(
        getattr(value, "shape", ()) for value in values
    ):
        return np.asarray(values)
    return values


def _take(parts, index):
    return tuple(
        keras.tree.map_structure(
            lambda a: None if a is None else a[index], part
        )
        for part in parts
    )
