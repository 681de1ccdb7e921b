"""Sums of losses."""

import numpy as np

from keras_robust import losses
from tests.losses.cases.case import Case
from tests.losses.cases.case import inner
from tests.losses.cases.case import outer


def _nce_agce(**options):
    parts = inner(options)
    return losses.ActivePassive(
        losses.NormalizedCrossEntropy(**parts),
        losses.AsymmetricGCE(a=6, q=1.5, **parts),
        alpha=1.0,
        beta=4.0,
        **outer(options),
    )


def _sum_of_three(**options):
    return (
        losses.CrossEntropy(**options)
        + 2.0 * losses.AsymmetricExponential(**options)
        + losses.Blurry(**options)
    )


def _three(p, p_held):
    return (1 + p_held**0.5) * -np.log(p) + 2 * np.exp(-p / 3)


CASES = (
    Case(
        "nce_agce",
        _nce_agce,
        lambda p: (
            np.log(p) / np.log(p).sum(-1, keepdims=True)
            + 4 * (7**1.5 - (6 + p) ** 1.5) / 1.5
        ),
        other={
            "active": losses.NormalizedCrossEntropy,
            "passive": losses.AsymmetricUnhinged,
            "alpha": 0.5,
            "beta": 3.0,
        },
        bad={"alpha": ("at least 0", [-1]), "beta": ("at least 0", [-0.1])},
    ),
    Case(
        "sum_of_three",
        _sum_of_three,
        lambda p: _three(p, p),
        held=_three,
        other={
            "losses": [losses.CrossEntropy, losses.Blurry],
            "weights": [0.5, 2.0],
        },
    ),
)
