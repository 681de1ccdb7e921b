"""Forgetting events: what was predicted right, and then no more."""

import numpy as np

from keras_robust.detect.scores.reading import correct_of
from keras_robust.detect.scores.score import Score
from keras_robust.detect.scores.score import register_score


def forgotten(correct):
    """How often each label was forgotten; the number of epochs if never learnt.

    An epoch in which a sample was not seen is left out.

    Args:
        correct: 1 where the given label was predicted, 0 where not, NaN
            where not seen, `(E, N)`.

    Returns:
        float64 `(N,)`, NaN for a sample never seen.
    """
    count = np.zeros(correct.shape[1])
    now = np.zeros(correct.shape[1], bool)
    learnt, seen = now.copy(), now.copy()
    for row in correct:
        # With dense labels it is the share of positions.
        right, wrong = row > 0.5, row <= 0.5
        count += now & wrong
        now = (now | right) & ~wrong
        learnt |= right
        seen |= right | wrong
    count[~learnt] = len(correct)
    count[~seen] = np.nan
    return count


@register_score("forgetting", signals=("correct",), per_sample=True)
def forgetting(trajectories):
    """How often the label was predicted in one epoch and not in the next.

    `quality = 1 - n / E` for `n` forgetting events in `E` epochs; a label
    that was never predicted has `n = E`, the most: the paper sets it above
    all others. `evidence = -sqrt(n)`. Below 1/2 are the labels never learnt.

    Reference:
        Toneva et al., "An Empirical Study of Example Forgetting during Deep
        Neural Network Learning", ICLR 2019, section 2.
    """
    count = forgotten(correct_of(trajectories))
    return Score(1.0 - count / trajectories.num_epochs, -np.sqrt(count))
