"""EL2N: how far the early predictions were from the given label."""

import numpy as np

from keras_robust.detect.checks import integer
from keras_robust.detect.scores.reading import check_in_memory
from keras_robust.detect.scores.score import Score
from keras_robust.detect.scores.score import register_score
from keras_robust.detect.statistics.means import mean_of_seen
from keras_robust.detect.statistics.odds import log_odds


@register_score("el2n", signals=("el2n",), per_sample=True)
def el2n(trajectories, epochs=20):
    """The mean length of the error vector over the first epochs.

    `EL2N = mean_e |p_e - one_hot(given)|`, in [0, sqrt(2)];
    `quality = 1 - EL2N / sqrt(2)` and `evidence` its log-odds. The paper
    takes one epoch, of 10 to 20 of 200, averaged over ten runs; this the
    mean of the first `epochs` of one run (for `score="el2n"` always 20), and
    `Trajectories.select` takes others.

    Args:
        trajectories: `Trajectories` with the signal `"el2n"`.
        epochs: How many of the first recorded epochs count, at least 1; all
            where there are fewer. Defaults to `20`.

    Raises:
        ValueError: if `"el2n"` was not recorded, or `epochs` is not an
            integer of at least 1.

    Reference:
        Paul, Ganguli, Dziugaite, "Deep Learning on a Data Diet: Finding
        Important Examples Early in Training", NeurIPS 2021, section 2.
    """
    check_in_memory(trajectories)
    epochs = integer("epochs", epochs, at_least=1)
    length = mean_of_seen(trajectories.signal("el2n")[:epochs].astype(float))
    quality = np.clip(1.0 - length / np.sqrt(2.0), 0.0, 1.0)
    return Score(quality, log_odds(quality))
