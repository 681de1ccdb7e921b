"""Entropy: how unsure the model was of a sample, whatever its label."""

import numpy as np

from keras_robust.detect.scores.score import Score
from keras_robust.detect.scores.score import register_score
from keras_robust.detect.statistics.odds import log_odds


@register_score("entropy", signals=("entropy",), per_sample=True)
def entropy(trajectories):
    """The mean entropy of the predictions over the epochs.

    `quality = 1 - mean_e H_e / log K` and `evidence` its log-odds. It does
    not read the given label: it sees samples that the model cannot place
    (of no class, or of two), and a wrong label that has confused it, but not
    one that the model surely contradicts. Take it beside another score.

    Reference:
        Shannon, "A Mathematical Theory of Communication", 1948.
    """
    mean = trajectories.mean("entropy") / np.log(trajectories.num_classes)
    quality = np.clip(1.0 - mean, 0.0, 1.0)
    return Score(quality, log_odds(quality))
