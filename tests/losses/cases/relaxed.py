"""Losses whose targets are sets of distributions."""

import numpy as np

from keras_robust import losses
from tests.losses.cases.case import Case


def relaxed(p, plausible, p_held, alpha=0.1):
    """The paper's formula: its target held constant, its classes given.

    Args:
        p: Probabilities `(..., K)`.
        plausible: For every class as label whether a class is plausible,
            `(..., K, K)`.
        p_held: The probabilities that the target is made of.
    """
    p, p_held = p[..., None, :], p_held[..., None, :]
    inside = (plausible * p_held).sum(-1, keepdims=True)
    outside = (~plausible * p_held).sum(-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        target = p_held * np.where(
            plausible, (1 - alpha) / inside, alpha / outside
        )
        divergence = (target * np.log(target / p)).sum(-1)
    return np.where(inside[..., 0] > 1 - alpha, 0, divergence)


def label_relaxation(p, p_held, alpha=0.1):
    return relaxed(p, np.eye(p.shape[-1], dtype=bool), p_held, alpha)


def data_ambiguation(p, p_held, alpha=0.1, beta=0.2):
    plausible = np.eye(p.shape[-1], dtype=bool) | (p_held > beta)[..., None, :]
    return relaxed(p, plausible, p_held, alpha)


CASES = (
    Case(
        "lr",
        losses.LabelRelaxation,
        lambda p: label_relaxation(p, p),
        held=label_relaxation,
        other={"alpha": 0.3},
        bad={"alpha": ("above 0 and below 1", [0, -1, 1])},
        alias="lr",
    ),
    Case(
        "rda",
        losses.DataAmbiguation,
        lambda p: data_ambiguation(p, p),
        held=data_ambiguation,
        other={"alpha": 0.3, "beta": 0.5},
        bad={
            "alpha": ("above 0 and below 1", [0, -1, 1]),
            "beta": ("at least 0 and at most 1", [-0.1, 1.1]),
        },
        alias="rda",
        gives_up=True,
    ),
    Case(
        "rda_sure",
        lambda **o: losses.DataAmbiguation(0.3, 0.6, **o),
        lambda p: data_ambiguation(p, p, 0.3, 0.6),
        held=lambda p, p_held: data_ambiguation(p, p_held, 0.3, 0.6),
        gives_up=True,
    ),
)
