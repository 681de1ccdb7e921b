"""Splits by name, and what a split may return."""

import typing

import numpy as np

from keras_robust.detect.registry import Registry

_splits = Registry("split", "detect.register_split")


class Flagged(typing.NamedTuple):
    """What a split returns that knows how surely a label is wrong.

    Args:
        mask: bool `(N,)`, True for a wrong label.
        wrong_probability: float64 in [0, 1], `(N,)`.
    """

    mask: np.ndarray
    wrong_probability: np.ndarray


def register_split(name):
    """A decorator that makes a function usable as `split=name`.

    The function takes the `Score` of the samples that have a record (no
    NaN, all finite) and returns a boolean mask, True for a wrong label; or,
    with `P(wrong)` of each, `detect.splits.Flagged(mask, probability)`.

    Args:
        name: the name, a string not yet taken; the same function of the
            same module, imported or run once more, takes its own again.

    Returns:
        The decorator, which returns the function unchanged.

    Raises:
        ValueError: if the name is empty, or another function has it.

    Example:

    >>> from keras_robust.detect import register_split
    >>> @register_split("below_a_tenth")
    ... def below_a_tenth(score):
    ...     return score.quality < 0.1
    """

    def register(function):
        _splits.add(name, function, function)
        return function

    return register


def named(name, split):
    """Registers a split that is an object, under its class."""
    _splits.add(name, split, type(split))


def get_split(split):
    """The split of a name; what can be called is one itself.

    Args:
        split: a name, or a split such as `detect.splits.Fraction(0.1)`.

    Raises:
        ValueError: if it is neither, or the name is unknown; the message
            has the nearest one there is.
    """
    if isinstance(split, type):
        raise ValueError(
            "`split` must be a split, not its class: write "
            f"`split={split.__name__}(...)`. Received: split={split!r}"
        )
    return split if callable(split) else _splits.get(split)


def name_of(split):
    """What results and messages call a split."""
    return split if isinstance(split, str) else repr(split)
