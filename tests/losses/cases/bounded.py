"""Losses of one probability that are bounded, or cross-entropy's relatives."""

import numpy as np

from keras_robust import losses
from tests.losses.cases.case import Case

WEIGHT = ("at least 0", [-0.1])


def js(p, pi=0.5):
    """The divergence itself, the logarithm of 0 left out."""
    m = pi + (1 - pi) * p
    # log of the other classes' m is log(1 - pi) below their p's.
    other = -(1 - p) * np.log(1 - pi)
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.where(p > 0, p * np.log(p / m), 0)
    total = -pi * np.log(m) + (1 - pi) * (own + other)
    return total / (-(1 - pi) * np.log(1 - pi))


def js_slope(p, pi=0.5):
    return np.log(pi / p + 1 - pi) / np.log(1 - pi) - 1


def focal_slope(p):
    return 2 * (1 - p) * np.log(p) - (1 - p) ** 2 / p


CASES = (
    Case(
        "tgce",
        losses.TruncatedGCE,
        lambda p: (1 - np.maximum(p, 0.5) ** 0.7) / 0.7,
        slope=lambda p: np.where(p > 0.5, -(np.maximum(p, 0.5) ** -0.3), 0),
        other={"q": 0.4, "k": 0.2},
        bad={
            "q": ("above 0 and at most 1", [0, -1, 1.001]),
            "k": ("above 0 and below 1", [0, -1, 1]),
        },
        alias="tgce",
        clipped=False,
        gives_up=True,
    ),
    Case(
        "alpha",
        losses.AlphaLoss,
        lambda p: 2 * (1 - p**0.5),
        slope=lambda p: -(p**-0.5),
        other={"alpha": 3.0},
        bad={"alpha": ("above 0", [0, -1])},
        alias="alpha",
    ),
    Case(
        "alpha_of_1",
        lambda **o: losses.AlphaLoss(1, **o),
        lambda p: -np.log(p),
        slope=lambda p: -1 / p,
    ),
    Case(
        "phuber",
        losses.PHuberCrossEntropy,
        lambda p: np.where(
            p > 0.1, -np.log(np.maximum(p, 0.1)), 1 + np.log(10) - 10 * p
        ),
        slope=lambda p: -1 / np.maximum(p, 0.1),
        other={"tau": 3.0},
        bad={"tau": ("above 1", [1, 0.5, -1])},
        alias="phuber",
        clipped=False,
    ),
    Case(
        "mae",
        losses.CategoricalMAE,
        lambda p: 1 - p,
        slope=lambda p: -1 + 0 * p,
        other={"scale": 2.0},
        bad={"scale": ("above 0", [0, -1])},
        alias="mae",
        clipped=False,
    ),
    Case(
        "rce",
        losses.ReverseCrossEntropy,
        lambda p: 4 * (1 - p),
        slope=lambda p: -4 + 0 * p,
        other={"log_zero": -6.0},
        bad={"log_zero": ("below 0", [0, 1])},
        alias="rce",
        clipped=False,
    ),
    Case(
        "sce",
        losses.SymmetricCrossEntropy,
        lambda p: -0.1 * np.log(p) + 4 * (1 - p),
        slope=lambda p: -0.1 / p - 4,
        other={"alpha": 2.0, "beta": 0.5, "log_zero": -6.0},
        bad={
            "alpha": WEIGHT,
            "beta": WEIGHT,
            "log_zero": ("below 0", [0, 1]),
        },
        alias="sce",
    ),
    Case(
        "taylor",
        losses.TaylorCrossEntropy,
        lambda p: (1 - p) + (1 - p) ** 2 / 2,
        slope=lambda p: p - 2,
        other={"order": 5},
        alias="taylor",
        clipped=False,
    ),
    Case(
        "taylor_of_5",
        lambda **o: losses.TaylorCrossEntropy(5, **o),
        lambda p: sum((1 - p) ** i / i for i in range(1, 6)),
        slope=lambda p: -sum((1 - p) ** i for i in range(5)),
        clipped=False,
    ),
    Case(
        "js",
        losses.JensenShannon,
        js,
        slope=js_slope,
        other={"pi": 0.3},
        bad={"pi": ("above 0 and below 1", [0, -1, 1])},
        alias="js",
    ),
    Case(
        "js_near_cross_entropy",
        lambda **o: losses.JensenShannon(1e-3, **o),
        lambda p: js(p, 1e-3),
        slope=lambda p: js_slope(p, 1e-3),
    ),
    Case(
        "fl",
        losses.Focal,
        lambda p: -((1 - p) ** 2) * np.log(p),
        slope=focal_slope,
        other={"gamma": 0.5, "stop_gradient": True},
        bad={"gamma": WEIGHT},
        alias="fl",
    ),
    Case(
        "fl_held",
        lambda **o: losses.Focal(0.5, stop_gradient=True, **o),
        lambda p: -((1 - p) ** 0.5) * np.log(p),
        held=lambda p, p_held: -((1 - p_held) ** 0.5) * np.log(p),
    ),
    Case(
        "fl_of_half",
        lambda **o: losses.Focal(0.5, **o),
        lambda p: -((1 - p) ** 0.5) * np.log(p),
    ),
)
