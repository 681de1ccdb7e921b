"""The class most often predicted over the epochs."""

import numpy as np

# Samples handled at once: bounds the extra memory for large data.
_BLOCK = 16_384
# Counters in a table of samples by classes; of more classes sort instead.
_TABLE = 2**19


def majority_vote(predicted):
    """The most frequent class of each sample, the later one among equals.

    Args:
        predicted: class numbers, shape `(E, N)`, NaN where there is none.

    Returns:
        int64 array of shape `(N,)`, -1 for a sample without any vote.
    """
    votes = np.full(predicted.shape[1], -1, np.int64)
    for start in range(0, votes.size, _BLOCK):
        stop = start + _BLOCK
        votes[start:stop] = _vote(predicted[:, start:stop])
    return votes


def vote_besides(predicted, given):
    """The most frequent class of each sample, its given one left out.

    Args:
        predicted: As of `majority_vote`.
        given: The given classes, shape `(N,)`.

    Returns:
        The classes as of `majority_vote`, and how many epochs have voted for
        them, int64 arrays of shape `(N,)` both.
    """
    others = np.where(predicted == given, np.nan, predicted)
    winner = majority_vote(others)
    return winner, (others == winner).sum(axis=0)


def _vote(predicted):
    """The votes of a block of samples."""
    num_epochs, num_samples = predicted.shape
    # Nor is what can be no class number, infinity say, a vote.
    present = (predicted >= 0) & (predicted < 2**53)
    classes = np.where(present, predicted, -1).astype(np.int64)
    count = _counts if _is_small(classes) else _counts_by_sorting
    # Every vote for a class says how many there are for it; the latest of
    # those that say most wins.
    rank = count(classes) * num_epochs + np.arange(num_epochs)[:, None]
    rank[~present] = -1
    winner = np.argmax(rank, axis=0)
    return classes[winner, np.arange(num_samples)]


def _is_small(classes):
    return classes.size > 0 and (
        (int(classes.max()) + 2) * classes.shape[1] <= _TABLE
    )


def _counts(classes):
    """How many votes of the sample are for the class of each vote, (E, N)."""
    num_classes = int(classes.max()) + 2
    place = classes + 1
    place += num_classes * np.arange(classes.shape[1])
    table = np.bincount(place.reshape(-1))
    return table[place]


def _counts_by_sorting(classes):
    """As `_counts`, without a table of samples by classes."""
    # Sorting by class brings equal votes together.
    order = np.argsort(classes, axis=0, kind="stable")
    ordered = np.take_along_axis(classes, order, axis=0)
    rows = np.arange(len(classes))[:, None]
    differs = ordered[1:] != ordered[:-1]
    is_first = np.ones(classes.shape, bool)
    is_first[1:] = differs
    is_last = np.ones(classes.shape, bool)
    is_last[:-1] = differs
    first = np.maximum.accumulate(np.where(is_first, rows, 0), axis=0)
    last = np.where(is_last, rows, len(classes))[::-1]
    last = np.minimum.accumulate(last, axis=0)[::-1]
    counts = np.empty_like(classes)
    np.put_along_axis(counts, order, last - first + 1, axis=0)
    return counts
