"""Scores by the cross-entropy of a label: its mean, or its last value."""

import numpy as np

from keras_robust.detect.scores.score import Score
from keras_robust.detect.scores.score import register_score


@register_score(
    "cumulative_sample_loss", signals=("cross_entropy",), per_sample=True
)
@register_score(
    "mean_cross_entropy", signals=("cross_entropy",), per_sample=True
)
def mean_cross_entropy(trajectories):
    """Mean cross-entropy over the recorded epochs: high where hard to learn.

    `quality = exp(-mean_e CE_e)`, the geometric mean of the probabilities
    that the model gave the label. `evidence = -sqrt(mean_e CE_e)`: the
    root, because the losses of wrong labels spread far wider than those of
    right ones.

    The cumulative sample loss (CSL) is the same number, and a second name of
    this score. There it is of a pass over the data after each epoch, with
    the weights saved then: record by `LossTrajectory(mode="eval")` for that.

    Reference:
        Huang et al., "O2U-Net: A Simple Noisy Label Detection Approach for
        Deep Neural Networks", ICCV 2019 (the mean loss over epochs).
        Alwis et al., "Loss Knows Best: Detecting Annotation Errors in Videos
        via Loss Trajectories", arXiv 2602.15154, 2026 (CSL).
    """
    return _of_losses(trajectories.mean("cross_entropy"))


@register_score(
    "last_cross_entropy", signals=("cross_entropy",), per_sample=True
)
def last_cross_entropy(trajectories):
    """Cross-entropy in the last epoch: small-loss selection's criterion.

    `quality = exp(-CE)`, the probability that the model gives the label, and
    `evidence = -sqrt(CE)`. For a sample not seen in the last epoch the
    latest loss there is counts. It says less than the mean once the model
    has learned wrong labels by heart.

    Reference:
        Han et al., "Co-teaching: Robust Training of Deep Neural Networks
        with Extremely Noisy Labels", NeurIPS 2018 (small loss).
    """
    return _of_losses(trajectories.last_seen("cross_entropy").astype(float))


def _of_losses(loss):
    # Rounding can leave a loss a hair below zero.
    loss = np.maximum(loss, 0.0)
    return Score(quality=np.exp(-loss), evidence=-np.sqrt(loss))
