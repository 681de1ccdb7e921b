"""When a label was learnt: k epochs in a row predicted as given."""

import numpy as np

from keras_robust.detect.checks import as_matrix
from keras_robust.detect.checks import integer
from keras_robust.detect.scores.reading import correct_of
from keras_robust.detect.scores.score import Score
from keras_robust.detect.scores.score import register_score


class Streaks:
    """How often in a row, so far, every sample was predicted as given.

    An epoch in which a sample was not seen neither ends a row nor counts.

    Args:
        count: The number of samples.
        k: How many in a row are enough, at least 1.

    Attributes:
        learnt: Who has had `k` in a row, bool `(N,)`.
        times_seen: In how many epochs each was seen, `(N,)`.

    Raises:
        ValueError: if `k` is not an integer of at least 1.
    """

    def __init__(self, count, k):
        self.k = integer("k", k, at_least=1)
        self.learnt = np.zeros(count, bool)
        self.times_seen = np.zeros(count, np.int64)
        self._streak = np.zeros(count, np.int64)

    def see(self, correct):
        """Adds an epoch; `correct` is 1, 0, or NaN for not seen, `(N,)`."""
        self.times_seen += ~np.isnan(correct)
        # NaN is neither. With dense labels it is the share of positions.
        self._streak[correct > 0.5] += 1
        self._streak[correct <= 0.5] = 0
        self.learnt |= self._streak >= self.k


def first_k_epoch(correct, k=3):
    """The first epoch at whose end a label was predicted `k` times in a row.

    Args:
        correct: 1 where the model predicts the given label, 0 where not, NaN
            where not seen, `(E, N)`.
        k: How many epochs in a row, at least 1. Defaults to `3`.

    Returns:
        Positions of epochs, int64 `(N,)`; E for a label not learnt by then.

    Raises:
        ValueError: if `correct` has not two axes, or `k` is not an integer of
            at least 1.

    Example:

    >>> from keras_robust.detect import first_k_epoch
    >>> first_k_epoch([[1, 0], [1, 1], [0, 1]], k=2)
    array([1, 2])

    Reference:
        Yuan, Feng, Liu, "Late Stopping: Avoiding Confidently Learning from
        Mislabeled Examples", ICCV 2023.
    """
    correct = as_matrix("correct", correct, "(E, N)")
    first = np.full(correct.shape[1], len(correct))
    streaks = Streaks(len(first), k)
    for epoch, row in enumerate(correct):
        streaks.see(row)
        first[streaks.learnt & (first == len(correct))] = epoch
    return first


@register_score("first_k_epoch_learnt", signals=("correct",), per_sample=True)
def first_k_epoch_learnt(trajectories):
    """How late a label was learnt: predicted three epochs in a row (FkL).

    `quality = 1 - d / (E - k + 2)`, with `d = FkL - (k - 1)` the epochs that
    it took beyond the fewest possible; for a label never learnt
    `d = E - k + 1 + (share of epochs predicted otherwise)`, so that these are
    the worst, and not all alike. `evidence = -sqrt(d)`. `k = 3`, fewer where
    fewer epochs were recorded. This quality is ours: the paper only orders.

    Reference:
        Yuan, Feng, Liu, "Late Stopping: Avoiding Confidently Learning from
        Mislabeled Examples", ICCV 2023.
    """
    correct = correct_of(trajectories)
    num_epochs = len(correct)
    k = min(3, num_epochs)
    first = first_k_epoch(correct, k)
    other = 1.0 - trajectories.mean("correct")
    late = first - (k - 1.0) + np.where(first == num_epochs, other, 0.0)
    # Learnt or not, a sample without a record has none.
    late[np.isnan(other)] = np.nan
    return Score(1.0 - late / (num_epochs - k + 2.0), -np.sqrt(late))
