"""A person's answers: which labels are wrong, which right, which unread."""

from collections.abc import Mapping

import numpy as np

from keras_robust.detect.arrays import as_array
from keras_robust.trajectories.checks import as_ids
from keras_robust.trajectories.selection import id_positions

_WORDS = {"wrong": True, "right": False}


def as_answers(decisions, ids):
    """Which samples are answered, and which of them are wrong.

    Args:
        decisions: dict of id to answer, or an answer for each id, as
            `LabelIssues.precision` describes them.
        ids: The ids, `(N,)`.

    Returns:
        `(answered, wrong)`, boolean masks `(N,)`.

    Raises:
        ValueError: if an id is unknown, or an answer is none.
    """
    answered, wrong = np.zeros((2, ids.size), bool)
    if isinstance(decisions, Mapping):
        if not decisions:
            return answered, wrong
        as_ids(ids)
        positions = id_positions(ids, _keys(decisions))
        given = list(decisions.values())
    else:
        positions = np.arange(ids.size)
        given = as_array("decisions", decisions)
        if given.shape != ids.shape:
            raise ValueError(
                "`decisions` must be a dict of id to answer, or hold one "
                f"answer for each id, shape {ids.shape}. Received: "
                f"decisions of type {type(decisions).__name__}, "
                f"shape={given.shape}"
            )
        if given.dtype == bool:
            return ~answered, given
        given = given.tolist()
    for position, answer in zip(positions, given, strict=True):
        is_wrong = _answer(answer, ids[position])
        if is_wrong is not None:
            answered[position], wrong[position] = True, is_wrong
    return answered, wrong


def _keys(decisions):
    keys = list(decisions)
    kinds = {isinstance(key, str) for key in keys}
    if len(kinds) > 1:
        # NumPy would make strings of all.
        raise ValueError(
            "The ids in `decisions` must be all strings or all integers. "
            f"Received: {keys[0]!r} and others"
        )
    return as_array("decisions", keys)


def _answer(answer, name):
    if answer is None or (isinstance(answer, float) and answer != answer):
        return None
    if isinstance(answer, str):
        word = answer.strip().lower()
        if not word:
            return None
        if word in _WORDS:
            return _WORDS[word]
    elif isinstance(answer, bool | np.bool_):
        return bool(answer)
    name = name.item() if hasattr(name, "item") else name
    raise ValueError(
        'An answer must be "wrong" or "right" (or True or False); None, NaN '
        f'or "" where there is none. Received: {answer!r} for id {name!r}'
    )
