"""Corrections, bootstrapping, and LDR-KL."""

import numpy as np

from keras_robust import losses
from tests.losses.cases.case import Case


def symmetric(classes, rate):
    other = rate / (classes - 1)
    return np.full((classes, classes), other) + (1 - rate - other) * np.eye(
        classes
    )


def forward(p, rate=0.2):
    return -np.log(p @ symmetric(p.shape[-1], rate))


def backward(p, rate=0.2):
    inverse = np.linalg.inv(symmetric(p.shape[-1], rate))
    return -np.log(p) @ inverse.T


def ldr(z, margin, lam):
    f = np.log1p(np.exp(z))
    f = f / f.mean(-1, keepdims=True)
    each = f[..., None, :] - f[..., None]
    each = each + margin * (1 - np.eye(z.shape[-1]))
    return lam * np.log(np.exp(each / lam).mean(-1))


# Tuples, because a list in `other` stands for losses.
MATRIX = (
    (0.9, 0.1, 0.0, 0.0),
    (0.2, 0.5, 0.2, 0.1),
    (0.0, 0.0, 0.7, 0.3),
    (0.1, 0.1, 0.0, 0.8),
)

CASES = (
    Case(
        "forward",
        lambda **o: losses.ForwardCorrection(0.2, **o),
        forward,
        other={"transition_matrix": MATRIX},
        alias="forward",
        clipped=False,
    ),
    Case(
        "backward",
        lambda **o: losses.BackwardCorrection(0.2, **o),
        backward,
        other={"transition_matrix": MATRIX},
        alias="backward",
        signed=True,
    ),
    Case(
        "soft_bootstrapping",
        losses.SoftBootstrapping,
        lambda p: (
            -0.95 * np.log(p) - 0.05 * (p * np.log(p)).sum(-1, keepdims=True)
        ),
        other={"beta": 0.5},
        bad={"beta": ("at least 0 and at most 1", [-0.1, 1.1])},
        alias="soft_boot",
    ),
    Case(
        "hard_bootstrapping",
        losses.HardBootstrapping,
        lambda p: -0.8 * np.log(p) - 0.2 * np.log(p.max(-1, keepdims=True)),
        other={"beta": 0.5},
        bad={"beta": ("at least 0 and at most 1", [-0.1, 1.1])},
        alias="hard_boot",
    ),
    Case(
        "ldrkl",
        losses.LDRKL,
        lambda z: ldr(z, 2, 1),
        other={"margin": 0.5, "lam": 10.0},
        bad={"margin": ("at least 0", [-1]), "lam": ("above 0", [0, -1])},
        alias="ldr",
        logits=True,
        signed=True,
    ),
    Case(
        "ldrkl_of_10",
        lambda **o: losses.LDRKL(0.1, 10, **o),
        lambda z: ldr(z, 0.1, 10),
        logits=True,
        signed=True,
    ),
)
