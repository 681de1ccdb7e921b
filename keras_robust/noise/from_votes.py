"""Label noise drawn from what annotators answered."""

import numpy as np

from keras_robust.noise.blocks import choose
from keras_robust.noise.blocks import first_row_where
from keras_robust.noise.blocks import row_blocks
from keras_robust.noise.flips import MOST_CLASSES
from keras_robust.noise.flips import as_classes
from keras_robust.noise.flips import as_flag
from keras_robust.noise.flips import generator
from keras_robust.noise.noisy_labels import with_labels
from keras_robust.noise.samples import as_samples
from keras_robust.noise.samples import refuse_non_finite


def from_votes(labels, votes, counts=False, num_classes=None, seed=None):
    """Labels each sample by the answer of one of its annotators, at random.

    Formula: `P(noisy_i = k) = share of sample i's votes that are for k`.

    Mistakes that people made, on the samples where they made them: what a
    data set would be like that was labelled by one person a sample.

    Args:
        labels: the right class numbers in [0, K - 1], integers of shape
            `(N,)` or `(N, 1)`. They are not changed.
        votes: integers `(N, A)`, the class that each of A annotators answered
            and -1 where one was not asked; with `counts=True` `(N, K)`, how
            many votes each class got (or their shares), at least 0. Each
            sample needs a vote.
        counts: which of the two `votes` are. Defaults to `False`: answers.
        num_classes: number of classes K >= 2. Defaults to the columns of
            counts, else to the largest class in `labels` and `votes` plus
            one.
        seed: non-negative integer for the same draws every time, a
            `numpy.random.Generator`, or None for fresh ones.

    Returns:
        `NoisyLabels`: the noisy `labels`, a new array of the shape and dtype
        of those given, the mask `is_wrong`, True where they differ from
        `labels`, and the realised `transition_matrix`.

    Raises:
        ValueError: if the labels are not integers in [0, K - 1], or the votes
            are of another shape or dtype; the first row is named whose votes
            are no classes, or that has none.

    Example:

    >>> import numpy as np
    >>> from keras_robust.noise import from_votes
    >>> votes = [[0, 0, 1], [1, -1, -1], [2, 0, 2]]
    >>> noisy = from_votes([0, 1, 2], votes, seed=0)
    >>> int(noisy.labels[1])
    1
    >>> from_votes([0, 1], [[3, 0], [0, 7]], counts=True).labels
    array([0, 1])

    Reference:
        Wei et al., "Learning with Noisy Labels Revisited: A Study Using
        Real-World Human Annotations", ICLR 2022, whose "random" labels are
        one annotator's each.
    """
    num_samples = as_classes(labels, None, least=2)[1].size
    votes = _as_table(votes, num_samples)
    if as_flag("counts", counts):
        least = votes.shape[1]
        if num_classes is None:
            num_classes = least
        if num_classes != least:
            raise ValueError(
                "`votes` must have one column for each class. Received: "
                f"votes.shape={votes.shape}, num_classes={num_classes!r}"
            )
    else:
        least = _refuse_no_integers(votes)
    given, classes, num_classes = as_classes(
        labels, num_classes, least=max(least, 2)
    )
    check = _refuse_counts if counts else _refuse_answers
    check(votes, num_classes)
    uniform = generator(seed).random(num_samples)
    new = np.empty(num_samples, np.int64)
    for rows in row_blocks(num_samples, votes.shape[1]):
        block = votes[rows]
        weights = block if counts else block >= 0
        column = choose(weights.astype(np.float64), uniform[rows])
        new[rows] = column if counts else block[np.arange(len(block)), column]
    return with_labels(given, classes, slice(None), new, num_classes)


def _as_table(votes, num_samples):
    votes = as_samples("votes", votes, num_samples)
    if votes.ndim != 2 or votes.dtype.kind == "b":
        raise ValueError(
            "`votes` must be the answers of shape (N, A) or with "
            "`counts=True` the counts of shape (N, K). Received: "
            f"votes.shape={votes.shape}, dtype={votes.dtype}"
        )
    return votes


def _refuse_no_integers(votes):
    """Refuses answers that are none; the least number of classes of others."""
    if votes.dtype.kind not in "iu":
        raise ValueError(
            "`votes` must have an integer dtype, with -1 where an annotator "
            'gave no answer: `np.nan_to_num(votes, nan=-1).astype("int64")` '
            "for one that has NaN there; `counts=True` for shares of the "
            f"votes. Received: dtype={votes.dtype}"
        )
    return min(int(votes.max()) + 1, MOST_CLASSES)


def _refuse_counts(votes, num_classes):
    refuse_non_finite("votes", votes)
    row = first_row_where(lambda block: block < 0, votes)
    if row < 0:
        row = first_row_where(lambda block: ~block.any(axis=1), votes)
    if row >= 0:
        raise ValueError(
            "`votes` must be at least 0, and not all 0 for any sample. "
            f"Received: {votes[row].tolist()} in votes[{row}]"
        )


def _refuse_answers(votes, num_classes):
    row = first_row_where(
        lambda block: (block < -1) | (block >= num_classes), votes
    )
    if row >= 0:
        raise ValueError(
            "`votes` must be class numbers in [0, num_classes - 1], or -1 for "
            f"no answer. Received: {votes[row].tolist()} in votes[{row}], "
            f"num_classes={num_classes}"
        )
    row = first_row_where(lambda block: (block < 0).all(axis=1), votes)
    if row >= 0:
        raise ValueError(
            "`votes` must have an answer for every sample; leave out those "
            f"without. Received: none in votes[{row}]"
        )
