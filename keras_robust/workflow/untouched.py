"""Whether test data is what it should be: unseen, and as it was."""

import hashlib
from typing import NamedTuple

import keras
import numpy as np

from keras_robust.probe.inputs import as_arrays
from keras_robust.probe.inputs import rows
from keras_robust.training.sources.layout import as_numpy

# Samples that tell whether data is what it was.
_SOME = 500


class TestSet(NamedTuple):
    """Test data as it was given.

    Attributes:
        x: Nested arrays of M samples.
        classes: Their labels, int64 `(M,)`.
        digests: What tells a sample from others, M of them.
    """

    # No class of tests, whatever pytest makes of the name.
    __test__ = False

    x: object
    classes: np.ndarray
    digests: list

    def keep(self, mask):
        """The samples of a mask."""
        chosen = np.flatnonzero(mask)
        return TestSet(
            rows(self.x, chosen),
            self.classes[chosen],
            [self.digests[i] for i in chosen],
        )


def as_test_set(test, owner):
    """Checks test data.

    Args:
        test: A pair of arrays, samples and labels.
        owner: The function it is given to.

    Raises:
        ValueError: If it is no such pair.
    """
    if not isinstance(test, tuple | list) or len(test) != 2:
        raise ValueError(
            "`test` must be a pair (x, y) of samples and labels. Received: "
            f"{type(test).__name__}"
            + (f" of {len(test)}" if isinstance(test, tuple | list) else "")
        )
    x, count = as_arrays(test[0], f"`test` of {owner}")
    return TestSet(x, as_class_numbers("test", test[1], count), digests_of(x))


def as_class_numbers(name, y, count):
    """The class of every sample, int64 `(N,)`.

    Args:
        name: Whose labels they are, for the message.
        y: Class numbers `(N,)` or `(N, 1)`, or rows `(N, K)` whose class is
            the largest.
        count: N.

    Raises:
        ValueError: If they are not such labels.
    """
    y = as_numpy(y)
    numbers = y.dtype.kind in "biuf" and y.ndim in (1, 2)
    if numbers and y.ndim == 2 and y.shape[1] > 1:
        y = y.argmax(axis=1)
    if numbers and y.shape in ((count,), (count, 1)):
        classes = y.reshape(-1)
        if np.isfinite(classes).all() and (classes >= 0).all():
            whole = classes.astype(np.int64)
            if (whole == classes).all():
                return whole
    raise ValueError(
        f"The labels of `{name}` must be a class number from 0 for each of "
        f"the {count} samples, or a one-hot row. Received: dtype={y.dtype}, "
        f"shape={y.shape}"
    )


def digests_of(x):
    """What tells each sample from others: equal for equal numbers."""
    arrays = [_comparable(array) for array in keras.tree.flatten(x)]
    return [
        hashlib.blake2b(
            b"".join(_bytes(array[i]) for array in arrays), digest_size=16
        ).digest()
        for i in range(len(arrays[0]))
    ]


def digests_of_some(x):
    """Those of a few samples, evenly spread, the first and the last too.

    Returns:
        How many samples there are, and a list of digests; `None` where x
        gives no sample by its number.
    """
    try:
        x, count = as_arrays(x, "audit")
    except (TypeError, ValueError):
        return None
    chosen = np.linspace(0, count - 1, min(count, _SOME)).astype(np.int64)
    return count, digests_of(rows(x, chosen))


def seen_in(digests, others):
    """bool `(M,)`: which samples are among others."""
    others = set(others)
    return np.array([digest in others for digest in digests], bool)


def changes(now, before):
    """What became of test data: labels, and which samples there are.

    Args:
        now, before: `TestSet`s.

    Returns:
        How many of the samples of now have a label that none of the equal
        samples had before, how many were not there before, and how many of
        those before are no longer there.
    """
    known = {}
    for digest, label in zip(before.digests, before.classes, strict=True):
        known.setdefault(digest, set()).add(int(label))
    changed = new = 0
    for digest, label in zip(now.digests, now.classes, strict=True):
        if digest not in known:
            new += 1
        elif int(label) not in known[digest]:
            changed += 1
    gone = int((~seen_in(before.digests, now.digests)).sum())
    return changed, new, gone


def _comparable(array):
    return array if array.dtype.kind in "biuf" else array.astype(str)


def _bytes(row):
    """The same for equal numbers, also of other dtypes: 1 and 1.0."""
    if row.dtype.kind == "U":
        return repr(row.tolist()).encode()
    if row.dtype.kind == "f":
        # As Keras trains with them.
        row = row.astype(np.float32)
    # Adding 0 makes -0.0 the same as 0.0.
    return (row.astype(np.float64) + 0.0).tobytes()
