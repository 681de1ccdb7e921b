"""How much weight each class has among the neighbours of each sample."""

import typing

import numpy as np

# Numbers handled at once: few enough for a processor's cache.
_BLOCK = 2**15


class Tally(typing.NamedTuple):
    """The votes around each sample; every array has the shape `(N,)`.

    Args:
        given: The weight of the given class.
        other: The largest weight of another one, 0 where there is none.
        other_class: That class, the nearer one among equals; -1 for none.
        squares: The sum over the classes of their squared weights.
        total: The sum of all weights.
    """

    given: np.ndarray
    other: np.ndarray
    other_class: np.ndarray
    squares: np.ndarray
    total: np.ndarray


def tally(given, indices, weights=None):
    """Adds up the votes of the neighbours, without a table of all classes.

    `O(N k^2)` time.

    Args:
        given: The classes, int64 `(N,)`.
        indices: The neighbours of each, nearest first, `(N, k)`; -1 for none.
        weights: What the vote of each sample counts, `(N,)`; `None` for 1.

    Returns:
        `Tally`.
    """
    parts = []
    step = max(1, _BLOCK // max(indices.shape[1], 1))
    for start in range(0, len(given), step):
        rows = slice(start, start + step)
        near = indices[rows]
        weight = (near >= 0).astype(np.float64)
        if weights is not None:
            weight *= weights[near]
        parts.append(_tally(given[rows], given[near], weight))
    return Tally(*map(np.concatenate, zip(*parts, strict=True)))


def _tally(given, classes, weights):
    if not classes.shape[1]:
        none = np.zeros(len(given))
        return none, none, np.full(len(given), -1), none, none
    # Of every neighbour the weight of its class.
    total = np.zeros(classes.shape)
    for column in range(classes.shape[1]):
        same = classes == classes[:, column, None]
        total += same * weights[:, column, None]
    is_given = classes == given[:, None]
    besides = np.where(is_given, -1.0, total)
    best = besides.argmax(axis=1)
    every = np.arange(len(given))
    known = besides[every, best] > 0
    return (
        (weights * is_given).sum(axis=1),
        np.maximum(besides[every, best], 0.0),
        np.where(known, classes[every, best], -1),
        (weights * total).sum(axis=1),
        weights.sum(axis=1),
    )
