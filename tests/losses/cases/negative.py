"""Losses that push away from the other labels, and sums with a name."""

import numpy as np

from keras_robust import losses
from tests.losses.cases.case import Case
from tests.losses.cases.normalized import focal
from tests.losses.cases.normalized import share


def nnce(p, min_prob=1e-7):
    return 1 - share(np.log(np.maximum(p, min_prob)) - np.log(min_prob))


def nnfl(p, p_held, gamma=0.5, min_prob=1e-7):
    p, p_held = np.maximum(p, min_prob), np.maximum(p_held, min_prob)
    return 1 - share(focal(min_prob, min_prob, gamma) - focal(p, p_held, gamma))


def mse(p, a):
    classes = p.shape[-1]
    target = a * np.eye(classes)
    return ((target - p[..., None, :]) ** 2).sum(-1) / classes


def anl_with_entropy(p, weights):
    """Values per sample: the entropy of the mean prediction is in each."""
    each = (weights * (2 * share(np.log(p)) + 3 * nnce(p))).sum(-1)
    mean = p.reshape(-1, p.shape[-1]).mean(0)
    return each + 0.5 * (np.log(len(mean)) + (mean * np.log(mean)).sum())


MIN_PROB = ("above 0 and below 0.5", [0, -1, 0.5])

CASES = (
    Case(
        "nnce",
        losses.NormalizedNegativeCrossEntropy,
        nnce,
        other={"min_prob": 1e-4},
        bad={"min_prob": MIN_PROB},
        alias="nnce",
    ),
    Case(
        "nnfl",
        losses.NormalizedNegativeFocal,
        lambda p: nnfl(p, p),
        other={"gamma": 2.0, "min_prob": 1e-4, "stop_gradient": True},
        bad={"gamma": ("at least 0", [-0.1]), "min_prob": MIN_PROB},
        alias="nnfl",
    ),
    Case(
        "nnfl_held",
        lambda **o: losses.NormalizedNegativeFocal(stop_gradient=True, **o),
        lambda p: nnfl(p, p),
        held=nnfl,
    ),
    Case(
        "anl",
        losses.ActiveNegative,
        lambda p: 5 * share(np.log(p)) + 5 * nnce(p),
        other={
            "base": "focal",
            "alpha": 2.0,
            "beta": 3.0,
            "gamma": 1.5,
            "min_prob": 1e-4,
            "entropy_weight": 0.5,
            "stop_gradient": True,
        },
        bad={
            "alpha": ("at least 0", [-1]),
            "beta": ("at least 0", [-1]),
            "gamma": ("at least 0", [-1]),
            "min_prob": MIN_PROB,
            "entropy_weight": ("at least 0", [-1]),
        },
        alias="anl",
    ),
    Case(
        "anl_focal",
        lambda **o: losses.ActiveNegative("focal", 2, 3, **o),
        lambda p: 2 * share(focal(p, p)) + 3 * nnfl(p, p),
    ),
    Case(
        "anl_entropy",
        lambda **o: losses.ActiveNegative(
            alpha=2, beta=3, entropy_weight=0.5, **o
        ),
        anl_with_entropy,
        batch_term=True,
    ),
    Case(
        "jal",
        losses.JointAsymmetric,
        lambda p: share(np.log(p)) + mse(p, 30),
        other={
            "base": "focal",
            "a": 5.0,
            "alpha": 2.0,
            "beta": 3.0,
            "gamma": 1.5,
            "stop_gradient": True,
        },
        bad={
            "a": ("at least 1", [0.9]),
            "alpha": ("at least 0", [-1]),
            "beta": ("at least 0", [-1]),
            "gamma": ("at least 0", [-1]),
        },
        alias="jal",
    ),
    Case(
        "jal_focal",
        lambda **o: losses.JointAsymmetric("focal", a=2, **o),
        lambda p: share(focal(p, p)) + mse(p, 2),
    ),
    Case(
        "amse",
        losses.AsymmetricMSE,
        lambda p: mse(p, 30),
        other={"a": 2.5},
        bad={"a": ("at least 1", [0.9, -1])},
        alias="amse",
        clipped=False,
    ),
    Case(
        "anorm",
        losses.AsymmetricNorm,
        lambda p: (
            (
                ((1.5 - p) ** 0.9 - p**0.9 - 0.5**0.9)
                + (p**0.9).sum(-1, keepdims=True)
            )
            / 0.9
        ),
        other={"a": 2.0, "p": 0.7},
        bad={"a": ("above 1", [1, 0.5]), "p": ("above 0", [0, -1])},
        alias="anorm",
    ),
    Case(
        "anorm_above_1",
        lambda **o: losses.AsymmetricNorm(a=2, p=1.5, **o),
        lambda p: (
            (((2 - p) ** 1.5 - p**1.5 - 1) + (p**1.5).sum(-1, keepdims=True))
            / 1.5
        ),
    ),
)
