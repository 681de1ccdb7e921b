"""Losses around another loss."""

import numpy as np

from keras_robust import losses
from tests.losses.cases.case import Case
from tests.losses.cases.case import inner
from tests.losses.cases.case import outer
from tests.losses.cases.case import softmax


def around(cls, loss, *own, **parameters):
    """Builds the wrapper around a loss class from the shared options."""
    return lambda **options: cls(
        loss(**inner(options)), *own, **parameters, **outer(options)
    )


def agce(p):
    return (2**2 - (1 + p) ** 2) / 2


def nce(p):
    return np.log(p) / np.log(p).sum(-1, keepdims=True)


def clipped(z, tau=1.5, delta=1.5):
    norm = np.linalg.norm(z, axis=-1, keepdims=True)
    return np.where(norm > tau, z * delta / norm, z)


def normalised(z, tau=0.5):
    return z / np.linalg.norm(z, axis=-1, keepdims=True) / tau


def sharpened(p, m=1e5):
    top = np.eye(p.shape[-1])[p.argmax(-1)]
    return (p + m * top) / (m + 1)


def moved(p, shift=0.0, scale=1.0):
    """Every class's probability after its margin was moved."""
    margin = np.log(p) - np.log1p(-p)
    return 1 / (1 + np.exp(-scale * margin - shift))


def biased(formula, p, epsilon):
    """The loss of every class as label after the bias to its logit."""
    every = p[..., None, :] * np.exp(epsilon * np.eye(p.shape[-1]))
    values = formula(every / every.sum(-1, keepdims=True))
    return np.diagonal(values, axis1=-2, axis2=-1)


def shift(p, target=2.6):
    others = p.shape[-1] - 1
    if others == 1:
        return -target
    start = np.log(others) + 0.5 - (np.e - 1) / (2 * others)
    return start - target


def default_bias(p):
    return np.log(p.shape[-1] - 1) + 0.5


def entropy(p):
    return -(p * np.log(p)).sum(-1, keepdims=True)


def linear_below(formula, slope, t):
    """A loss of `p` that goes on straight below `t`."""

    def values(p):
        line = formula(t) - slope(t) * (t - p)
        return np.where(p > t, formula(np.maximum(p, t)), line)

    return values


CASES = (
    Case(
        "gradient_clipping",
        around(losses.GradientClipping, losses.CrossEntropy, threshold=0.2),
        linear_below(lambda p: -np.log(p), lambda p: -1 / p, 0.2),
        slope=lambda p: -1 / np.maximum(p, 0.2),
        other={"loss": losses.GeneralizedCrossEntropy, "threshold": 0.4},
        bad={"threshold": ("above 0 and below 1", [0, -1, 1])},
        alias="ogc",
        clipped=False,
    ),
    Case(
        "logit_clip",
        around(losses.LogitClip, losses.CrossEntropy),
        lambda z: -np.log(softmax(clipped(z))),
        other={"loss": losses.AsymmetricGCE, "tau": 2.5, "delta": 2},
        bad={"tau": ("above 0", [0, -1])},
        alias="clip",
        logits=True,
    ),
    Case(
        "logit_clip_delta",
        around(losses.LogitClip, losses.NormalizedCrossEntropy, 1, 2),
        lambda z: nce(softmax(clipped(z, 1, 2))),
        logits=True,
    ),
    Case(
        "sr",
        around(losses.SparseRegularized, losses.CrossEntropy),
        lambda z: (
            -np.log(softmax(normalised(z)))
            + 1.2 * (softmax(normalised(z)) ** 0.1).sum(-1, keepdims=True)
        ),
        other={
            "loss": losses.GeneralizedCrossEntropy,
            "tau": 0.25,
            "p": 0.5,
            "lam": 3.0,
            "normalize": False,
        },
        bad={
            "tau": ("above 0", [0, -1]),
            "p": ("above 0 and at most 1", [0, -1, 1.1]),
            "lam": ("at least 0", [-1]),
        },
        alias="sr",
        logits=True,
    ),
    Case(
        "sr_of_scaled_logits",
        around(
            losses.SparseRegularized,
            losses.CrossEntropy,
            tau=2,
            normalize=False,
        ),
        lambda z: (
            -np.log(softmax(z / 2))
            + 1.2 * (softmax(z / 2) ** 0.1).sum(-1, keepdims=True)
        ),
        logits=True,
    ),
    Case(
        "logit_bias",
        around(losses.LogitBias, losses.AsymmetricGCE),
        lambda p: agce(moved(p, default_bias(p))),
        other={"loss": losses.AsymmetricGCE, "epsilon": 2},
        alias="bias",
    ),
    Case(
        "logit_bias_nce",
        around(losses.LogitBias, losses.NormalizedCrossEntropy, epsilon=2),
        lambda p: biased(nce, p, 2),
    ),
    Case(
        "epsilon_softmax",
        around(losses.EpsilonSoftmax, losses.CrossEntropy),
        lambda p: -np.log(sharpened(p)),
        other={"loss": losses.AsymmetricGCE, "m": 10.0},
        bad={"m": ("at least 0", [-1])},
        alias="eps",
    ),
    Case(
        "epsilon_softmax_nce",
        around(losses.EpsilonSoftmax, losses.NormalizedCrossEntropy, 2),
        lambda p: nce(sharpened(p, 2)),
    ),
    Case(
        "entropy",
        around(losses.EntropyRegularized, losses.NormalizedCrossEntropy),
        lambda p: nce(p) + entropy(p),
        other={"loss": losses.AsymmetricGCE, "weight": 0.5},
        bad={"weight": ("", [])},
        alias="entropy",
    ),
    Case(
        "entropy_penalty",
        around(losses.EntropyRegularized, losses.CrossEntropy, -1),
        lambda p: -np.log(p) - entropy(p),
        signed=True,
    ),
    Case(
        "margin_shift",
        around(losses.MarginShift, losses.AsymmetricGCE),
        lambda p: agce(moved(p, shift(p))),
        other={"loss": losses.AsymmetricGCE, "target": 4.5, "shift": 2},
        bad={"target": ("at least 0", [-1])},
        alias="shift",
    ),
    Case(
        "margin_rescale",
        around(losses.MarginRescale, losses.AsymmetricGCE, scale=0.5),
        lambda p: 2 * agce(moved(p, scale=0.5)),
        other={"loss": losses.AsymmetricGCE, "target": 4.5, "scale": 2},
        bad={"target": ("above 0", [0, -1])},
        alias="rescale",
    ),
)
