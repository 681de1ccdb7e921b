"""From a score to flags: the one place where a split is asked."""

import typing
import warnings

import numpy as np

from keras_robust.detect.scores.score import Score
from keras_robust.detect.splits.per_class import by_class
from keras_robust.detect.splits.split import Flagged
from keras_robust.detect.splits.split import get_split
from keras_robust.detect.splits.split import name_of
from keras_robust.detect.statistics.class_sizes import differ_tenfold


class Decision(typing.NamedTuple):
    """What a split said of all samples.

    Args:
        flagged: The mask `(N,)`, False without a record.
        evidence: Without infinities, float64 `(N,)`; NaN without a record.
        wrong_probability: float64 `(N,)`, 0 without a record; `None` where
            the split knows none.
    """

    flagged: np.ndarray
    evidence: np.ndarray
    wrong_probability: np.ndarray | None


def decision(scores, score, split, given_label=None, per_class=False):
    """Asks a split which of the scored labels are wrong.

    Args:
        scores: The `Score` of all samples, with NaN as the evidence of those
            without a record.
        score: Its name, for the messages.
        split: The name of the split, or the split.
        given_label: Class numbers `(N,)`, for splits by class and those that
            read them. Defaults to `None`.
        per_class: Whether each class is split alone; `None`: if the largest
            has more than ten times as many samples as the smallest. Defaults
            to `False`.

    Returns:
        `Decision`.

    Raises:
        ValueError: if the split is unknown, or does not return a mask.

    Warns:
        UserWarning: if samples have no record.
    """
    split_function = get_split(split)
    check_per_class(per_class)
    recorded = ~np.isnan(scores.evidence)
    every = recorded.all()
    warn_of_unseen(recorded, score)
    limit = np.finfo(np.float32).max
    evidence = np.clip(scores.evidence, -limit, limit)
    seen = Score(scores.quality, _among_finite(scores.evidence, evidence))
    if not every:
        seen = Score(seen.quality[recorded], seen.evidence[recorded])
        given_label = None if given_label is None else given_label[recorded]

    def ask(part, labels=None):
        answer = split_function(part, *([] if labels is None else [labels]))
        return _checked(answer, name_of(split), part.quality.shape)

    if getattr(split_function, "reads_labels", False):
        if given_label is None:
            raise ValueError(
                "This split reads the given labels, which are not known "
                f"here. Received: split={name_of(split)}"
            )
        found = ask(seen, given_label)
    elif given_label is None or not (
        differ_tenfold(given_label) if per_class is None else per_class
    ):
        found = ask(seen)
    else:
        found = by_class(ask, seen, given_label)
    if every:
        return Decision(found.mask, evidence, found.wrong_probability)
    return Decision(
        _among_all(found.mask, recorded),
        evidence,
        _among_all(found.wrong_probability, recorded),
    )


def warn_of_unseen(recorded, score):
    """Warns of samples without a record, if there are any.

    Args:
        recorded: Which have one, `(N,)`.
        score: The name of the score.
    """
    if not recorded.all():
        warnings.warn(
            f"{int((~recorded).sum())} of {recorded.size} samples have no "
            f'record to score by "{score}": they were never seen, or the '
            "training diverged. They are not flagged and have quality 1.",
            stacklevel=4,
        )


def check_per_class(per_class):
    """Raises a `ValueError` unless it is a bool or `None`."""
    if not isinstance(per_class, bool | np.bool_ | None):
        raise ValueError(
            "`per_class` must be True, False, or None for what the class "
            f"counts ask for. Received: per_class={per_class!r}"
        )


def _checked(answer, name, shape):
    probability = None
    if isinstance(answer, Flagged):
        probability = np.asarray(answer.wrong_probability)
        answer = answer.mask
    mask = np.asarray(answer)
    if mask.shape != shape or mask.dtype != bool:
        raise ValueError(
            f'The split "{name}" must return a boolean mask of shape '
            f"{shape}. Received: shape={mask.shape}, dtype={mask.dtype}"
        )
    # Written so that NaN fails too.
    if probability is not None and not (
        probability.shape == shape
        and ((probability >= 0) & (probability <= 1)).all()
    ):
        raise ValueError(
            f'The split "{name}" must return probabilities in [0, 1], of '
            f"shape {shape}. Received: shape={probability.shape}"
        )
    return Flagged(mask, probability)


def _among_finite(evidence, clipped):
    """Infinities a hair beyond the finite numbers; clipped without any.

    Else one of them would be a group by itself, and all others the other one.
    """
    finite = np.isfinite(evidence)
    if finite.all() or not finite.any():
        return clipped
    low = evidence.min(where=finite, initial=np.inf)
    high = evidence.max(where=finite, initial=-np.inf)
    beyond = np.nextafter(low, -np.inf), np.nextafter(high, np.inf)
    return np.clip(evidence, *beyond)


def _among_all(values, recorded):
    if values is None:
        return None
    found = np.zeros(recorded.shape, values.dtype)
    found[recorded] = values
    return found
