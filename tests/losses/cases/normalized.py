"""Losses divided by their sum over all labels."""

import numpy as np

from keras_robust import losses
from tests.losses.cases.case import Case


def share(values):
    return values / values.sum(-1, keepdims=True)


def focal(p, p_held, gamma=0.5):
    return -((1 - p_held) ** gamma) * np.log(p)


CASES = (
    Case(
        "nce",
        losses.NormalizedCrossEntropy,
        lambda p: share(np.log(p)),
        other={},
        alias="nce",
    ),
    Case(
        "nfl",
        losses.NormalizedFocal,
        lambda p: share(focal(p, p)),
        other={"gamma": 2.0, "stop_gradient": True},
        bad={"gamma": ("at least 0", [-0.1])},
        alias="nfl",
    ),
    Case(
        "nfl_held",
        lambda **o: losses.NormalizedFocal(stop_gradient=True, **o),
        lambda p: share(focal(p, p)),
        held=lambda p, p_held: share(focal(p, p_held)),
    ),
    Case(
        "nfl_of_0",
        lambda **o: losses.NormalizedFocal(gamma=0, **o),
        lambda p: share(np.log(p)),
    ),
    Case(
        "ngce",
        losses.NormalizedGCE,
        lambda p: share(1 - p**0.7),
        other={"q": 0.4},
        bad={"q": ("above 0 and at most 1", [0, -1, 1.001])},
        alias="ngce",
    ),
    Case(
        "nmae",
        losses.NormalizedMAE,
        lambda p: share(1 - p),
        other={},
        alias="nmae",
        clipped=False,
    ),
    Case(
        "nrce",
        losses.NormalizedReverseCrossEntropy,
        lambda p: share(1 - p),
        other={},
        alias="nrce",
        clipped=False,
    ),
)
