"""From trajectories to one label-quality number for each sample."""

import typing

import numpy as np

from keras_robust.detect.registry import Registry
from keras_robust.detect.scores.reading import check_losses
from keras_robust.trajectories import Trajectories


class Score(typing.NamedTuple):
    """What a score says about each label; low is suspicious in both.

    Args:
        quality: float64 in [0, 1], shape `(N,)`. Below 1/2 the evidence is
            against the given label.
        evidence: float64, shape `(N,)`: the same order on an unbounded
            scale, on which right and wrong labels spread about equally
            wide. It is what a split looks at and what breaks ties where
            `quality` saturates. NaN marks a sample without any record.
        notes: sentences without a full stop, each a reason not to trust the
            score; `find_label_issues` warns of them. Of trajectories only.
            Defaults to none.
        max_probability: float64 in [0, 1], shape `(N,)`: how probable the
            model found the likeliest class, a column of the result; not of a
            score that is `per_sample`. Defaults to `None`: not known.
    """

    quality: np.ndarray
    evidence: np.ndarray
    notes: tuple = ()
    max_probability: np.ndarray | None = None


class _Entry(typing.NamedTuple):
    """What a table holds of a score; see `register_score`."""

    function: typing.Callable
    signals: tuple
    per_sample: bool = False
    summary: typing.Callable | None = None
    streams: bool = False
    split: str = "gmm"


# One table for each of what a score may read.
_scores = {
    reads: Registry("score", "detect.register_score")
    for reads in ("trajectories", "pred_probs", "embeddings")
}


def register_score(
    name,
    signals=(),
    reads="trajectories",
    per_sample=False,
    summary=None,
    streams=False,
    split="gmm",
):
    """A decorator that makes a function usable as `score=name`.

    The function returns a `Score`. What it takes depends on `reads`:
    `Trajectories`; or the labels, int64 `(N,)`, and the probabilities
    `(N, K)` of each class; or the labels and the embeddings `(N, D)`.

    Args:
        name: the name, a string not yet taken; the same function of the
            same module, imported or run once more, takes its own again.
        signals: a list of the names of the signals it reads; they are looked
            for before the function is called.
        reads: `"trajectories"`, `"pred_probs"` or `"embeddings"`; the other
            arguments are for the first. Defaults to `"trajectories"`.
        per_sample: whether a sample's score depends on its own trajectory
            alone. Then the function is given a block of samples at a time,
            so that it takes little memory, and none for trajectories that
            are on disk. Defaults to `False`: all at once.
        summary: for a score that compares the samples by a few numbers of
            each: a function of `Trajectories` that returns these, `(N,)`.
            It is given a block of samples at a time, and the score's
            function all of the numbers in the place of the trajectories.
            Defaults to `None`.
        streams: whether the function reads `trajectories.blocks(...)`
            itself, so that it may be given trajectories that stay on disk.
            Defaults to `False`.
        split: the name of the split that `split="auto"` is for this score.
            Defaults to `"gmm"`.

    Returns:
        The decorator, which returns the function unchanged.

    Raises:
        ValueError: if the name is empty, or another function has it, `reads`
            is not one of the three, or another argument is not as described.

    Example:

    >>> from keras_robust.detect import Score
    >>> from keras_robust.detect import register_score
    >>> @register_score("share_correct", ("correct",), per_sample=True)
    ... def share_correct(trajectories):
    ...     share = trajectories.mean("correct")
    ...     return Score(quality=share, evidence=share)
    """

    table = _table(reads)
    if isinstance(signals, str):
        raise ValueError(
            "`signals` must be a list of names. Received: "
            f"signals={signals!r}; write `signals=[{signals!r}]`"
        )
    how = tuple(signals), per_sample, summary, streams, split
    if reads != "trajectories" and how != _Entry(None, ())[1:]:
        raise ValueError(
            "`signals`, `per_sample`, `summary`, `streams` and `split` are for "
            "scores that read trajectories; leave them out. Received: "
            f"reads={reads!r} and one of these"
        )

    def register(function):
        entry = _Entry(function, *how)
        table.add(name, entry, function)
        return function

    return register


def _table(reads):
    if reads not in _scores:
        raise ValueError(
            f"`reads` must be one of {', '.join(_scores)}. Received: "
            f"reads={reads!r}"
        )
    return _scores[reads]


def available_scores(reads="trajectories"):
    """The names that `score=...` takes, in alphabetical order.

    Args:
        reads: what the scores are to read, as in `register_score`.
            Defaults to `"trajectories"`.

    Raises:
        ValueError: if `reads` is not one of the three.

    Example:

    >>> from keras_robust.detect import available_scores
    >>> "aum" in available_scores()
    True
    """
    return sorted(_table(reads).entries)


def signals_of(name):
    """The names of the signals that a score reads.

    Raises:
        ValueError: if the name is unknown.
    """
    return _scores["trajectories"].get(name).signals


def split_of(name):
    """The name of the split that `split="auto"` is for a score.

    Raises:
        ValueError: if the name is unknown.
    """
    return _scores["trajectories"].get(name).split


def compute_score(name, trajectories):
    """Computes the score called `name` of trajectories.

    A sample without any record has evidence NaN and gets quality 1: nothing
    speaks against its label.

    Args:
        name: the name of a registered score.
        trajectories: `Trajectories`, or `TrajectoriesOnDisk`, with the
            signals the score reads.

    Returns:
        A checked `Score`.

    Raises:
        ValueError: if the name is unknown, a signal was not recorded, or
            the function returned something that is no `Score`.
    """
    entry = _scores["trajectories"].get(name)
    for signal in entry.signals:
        trajectories.check_recorded(signal)
    if "cross_entropy" in entry.signals:
        check_losses(trajectories)
    if entry.per_sample:
        return _by_blocks(name, entry, trajectories)
    if entry.summary is not None:
        read = np.concatenate(
            [
                entry.summary(part)
                for _, part in trajectories.blocks(entry.signals)
            ]
        )
    elif entry.streams or isinstance(trajectories, Trajectories):
        read = trajectories
    else:
        read = trajectories.load(entry.signals)
    return _checked(name, entry.function(read), len(trajectories))


def _by_blocks(name, entry, trajectories):
    quality, evidence = np.empty((2, len(trajectories)))
    notes = {}
    for start, part in trajectories.blocks(entry.signals):
        score = _checked(name, entry.function(part), len(part))
        at = slice(start, start + len(part))
        quality[at], evidence[at] = score.quality, score.evidence
        notes.update(dict.fromkeys(score.notes))
    return Score(quality, evidence, tuple(notes))


def score_function(reads, name):
    """The function registered as the score called `name`.

    Raises:
        ValueError: if the name is unknown.
    """
    return _table(reads).get(name).function


def compute_score_of(reads, name, labels, values, **options):
    """Computes the score called `name` of probabilities or embeddings.

    Args:
        reads: `"pred_probs"` or `"embeddings"`.
        name: the name of a registered score.
        labels: the given labels, checked, int64 `(N,)`.
        values: what the score reads of each sample, `(N, ...)`.
        **options: other arguments of the score.

    Returns:
        A checked `Score`, or what the score returns beyond that: a named
        tuple whose first two are those of a `Score`.

    Raises:
        ValueError: if the name is unknown, or the function returned
            something that is no `Score`.
    """
    found = score_function(reads, name)(labels, values, **options)
    checked = _checked(name, found, len(labels))
    if hasattr(found, "_replace"):
        return found._replace(
            quality=checked.quality, evidence=checked.evidence
        )
    return checked


def _checked(name, score, count):
    try:
        quality, evidence = (np.asarray(p, np.float64) for p in score[:2])
    except (TypeError, ValueError) as error:
        raise ValueError(
            f'The score "{name}" must return a `detect.Score`. Received: '
            f"{type(score).__name__}"
        ) from error
    if quality.shape != (count,) or evidence.shape != (count,):
        raise ValueError(
            f'The score "{name}" must return quality and evidence of shape '
            f"({count},). Received: {quality.shape} and {evidence.shape}"
        )
    quality = np.where(np.isnan(evidence), 1.0, quality)
    # Written so that NaN fails too.
    if not ((quality >= 0) & (quality <= 1)).all():
        raise ValueError(
            f'The score "{name}" must return a quality in [0, 1]. Received: '
            f"values from {quality.min()} to {quality.max()}"
        )
    return Score(
        quality,
        evidence,
        tuple(getattr(score, "notes", ())),
        getattr(score, "max_probability", None),
    )
