"""Several labels a sample, of several annotators."""

import dataclasses

import numpy as np

from keras_robust.noise.flips import as_classes


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Votes:
    """What annotators said of items, one entry a vote; of `from_long`.

    Args:
        item: int64 `(V,)`, the positions in `items`.
        annotator: int64 `(V,)`, the positions in `annotators`.
        label: int64 `(V,)`, class numbers.
        items: `(N,)`, what the items are called; the order of all results.
        annotators: `(A,)`, what the annotators are called.
        num_classes: number of classes K.
    """

    item: np.ndarray
    annotator: np.ndarray
    label: np.ndarray
    items: np.ndarray
    annotators: np.ndarray
    num_classes: int

    def __len__(self):
        return self.label.size

    def __repr__(self):
        return (
            f"Votes({len(self)} votes of {self.annotators.size} annotators "
            f"on {self.items.size} items, {self.num_classes} classes)"
        )


def from_long(item, worker, label, num_classes=None):
    """Votes of a table with one row for each vote.

    Args:
        item: what each vote is about, `(V,)`: integers or strings.
        worker: whose it is, `(V,)`: integers or strings. Nobody votes twice
            on an item.
        label: integer class numbers in [0, K - 1], `(V,)`.
        num_classes: number of classes K >= 2. Defaults to the largest label
            plus one.

    Returns:
        `Votes`, for `majority_vote` and `dawid_skene`: items and annotators
        in ascending order. It takes memory for the votes alone, so it suits
        many annotators of whom each has seen few items.

    Raises:
        ValueError: if an argument is not usable; the first bad row is named.

    Example:

    >>> from keras_robust.noise import from_long
    >>> votes = from_long(["a", "a", "b"], [7, 9, 7], [0, 1, 1])
    >>> votes
    Votes(3 votes of 2 annotators on 2 items, 2 classes)
    >>> votes.items.tolist(), votes.annotators.tolist()
    (['a', 'b'], [7, 9])
    """
    _, classes, num_classes = as_classes(label, num_classes)
    items, item = _names("item", item, classes.size)
    annotators, annotator = _names("worker", worker, classes.size)
    code = item * annotators.size + annotator
    order = np.argsort(code, kind="stable")
    again = np.flatnonzero(code[order][1:] == code[order][:-1])
    if again.size:
        row = int(order[again + 1].min())
        raise ValueError(
            "Nobody may vote twice on an item: keep one of the votes. "
            f"Received: a second one in row {row}, "
            f"item={items[item[row]]}, worker={annotators[annotator[row]]}"
        )
    return Votes(item, annotator, classes, items, annotators, num_classes)


def as_votes(votes, num_classes=None):
    """Checks votes.

    Args:
        votes: `Votes`, or a matrix `(N, A)` of class numbers in [0, K - 1]:
            integers with -1, or floats with -1 or NaN, where annotator a has
            not voted on item i; a masked array is masked there.
        num_classes: number of classes K >= 2. Defaults to the largest label
            plus one.

    Returns:
        `Votes`.

    Raises:
        ValueError: naming the first bad row.
    """
    if isinstance(votes, Votes):
        if num_classes in (None, votes.num_classes):
            return votes
        as_classes(votes.label, num_classes)
        return dataclasses.replace(votes, num_classes=int(num_classes))
    matrix = _as_matrix(votes)
    voted = matrix != -1
    if isinstance(votes, np.ma.MaskedArray):
        voted &= ~np.ma.getmaskarray(votes)
    if matrix.dtype.kind == "f":
        voted &= ~np.isnan(matrix)
    item, annotator = np.nonzero(voted)
    given = matrix[item, annotator]
    with np.errstate(invalid="ignore"):
        label = given.astype(np.int64)
    bad = (label != given) | (label < 0)
    if bad.any():
        first = int(np.argmax(bad))
        raise ValueError(
            "`votes` must hold class numbers, and -1 or NaN where there is "
            f"no vote. Received: votes[{item[first]}, {annotator[first]}]="
            f"{given[first]}"
        )
    if not label.size:
        raise ValueError(
            "`votes` must hold one vote at least. Received: none in shape "
            f"{matrix.shape}"
        )
    _, label, num_classes = as_classes(label, num_classes)
    return Votes(
        item.astype(np.int64),
        annotator.astype(np.int64),
        label,
        np.arange(len(matrix)),
        np.arange(matrix.shape[1]),
        num_classes,
    )


def _as_matrix(votes):
    try:
        matrix = np.asarray(votes)
    except ValueError as error:
        raise ValueError(
            "`votes` must have as many entries in each row as in the others; "
            f"put -1 where there is no vote. Received: {error}"
        ) from error
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise ValueError(
            "`votes` must have the shape (N, A): a row for each item, a "
            "column for each annotator; votes in long form become it by "
            f"`from_long`. Received: shape={matrix.shape}"
        )
    if matrix.dtype.kind not in "iuf":
        raise ValueError(
            "`votes` must be numbers, class numbers and -1 or NaN where there "
            f"is no vote. Received: dtype={matrix.dtype}"
        )
    return matrix


def _names(name, values, size):
    try:
        values = np.asarray(values)
    except ValueError as error:
        raise ValueError(
            f"`{name}` must be one integer or string for each label. "
            f"Received: {error}"
        ) from error
    if values.shape == (size, 1):
        values = values[:, 0]
    if values.shape != (size,) or values.dtype.kind not in "iuUS":
        raise ValueError(
            f"`{name}` must be one integer or string for each label, shape "
            f"({size},). Received: shape={values.shape}, dtype={values.dtype}"
        )
    return np.unique(values, return_inverse=True)
