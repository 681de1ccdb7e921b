"""Losses made for schedules, at the end of theirs."""

import numpy as np

from keras_robust import losses
from tests.losses.cases.case import Case
from tests.losses.cases.case import inner
from tests.losses.cases.case import outer


def _switched(**options):
    parts = inner(options)
    return losses.SwitchLoss(
        losses.CrossEntropy(**parts),
        losses.AsymmetricGCE(**parts),
        at_epoch=3,
        **outer(options),
    )


def _annealed(p, q=1.5, weight=1.0):
    entropy = -(p * np.log(p)).sum(-1, keepdims=True)
    return ((1 - p**q) + weight * entropy / np.log(p.shape[-1])) / q


CASES = (
    Case(
        "dynamics_aware",
        losses.DynamicsAware,
        _annealed,
        other={"q": 0.8, "weight": 0.25},
        bad={"q": ("above 0", [0, -1]), "weight": ("at least 0", [-0.1])},
        alias="dal",
    ),
    Case(
        "switched",
        _switched,
        lambda p: (2**2 - (1 + p) ** 2) / 2,
        clipped=False,
        other={
            "first": losses.CrossEntropy,
            "then": losses.Blurry,
            "at_epoch": 3,
        },
        alias="switch",
    ),
)
