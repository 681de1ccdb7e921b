"""The class most often predicted over the epochs."""

import numpy as np

# Samples handled at once: bounds the extra memory for large data.
_BLOCK = 65_536


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
    num_epochs, num_samples = predicted.shape
    present = ~np.isnan(predicted)
    classes = np.where(present, predicted, -1).astype(np.int64)
    # Sorting by class brings equal votes together and keeps them in the
    # order of the epochs, so no table of samples by classes is needed.
    order = np.argsort(classes, axis=0, kind="stable")
    classes = np.take_along_axis(classes, order, axis=0)
    rows = np.arange(num_epochs)[:, None]
    is_first = np.ones(classes.shape, bool)
    is_first[1:] = classes[1:] != classes[:-1]
    first = np.maximum.accumulate(np.where(is_first, rows, 0), axis=0)
    # The last vote of a run counts the whole run and is its latest epoch.
    rank = (rows - first + 1) * num_epochs + order
    rank[classes < 0] = -1
    winner = np.argmax(rank, axis=0)
    return classes[winner, np.arange(num_samples)]
