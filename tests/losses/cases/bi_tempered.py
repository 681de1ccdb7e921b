"""The bi-tempered logistic loss, its normaliser found by bisection."""

import numpy as np

from keras_robust import losses
from tests.losses.cases.case import Case


def log_t(u, t):
    return np.log(u) if t == 1 else (u ** (1 - t) - 1) / (1 - t)


def exp_t(u, t):
    if t == 1:
        return np.exp(u)
    base = np.maximum(1 + (1 - t) * u, 0)
    with np.errstate(divide="ignore"):
        return base ** (1 / (1 - t))


def tempered_softmax(z, t):
    z = z - z.max(-1, keepdims=True)
    # Between where the largest p is 1 and where all that equal it add up to 1.
    low = np.zeros_like(z[..., :1])
    high = low - log_t(1 / z.shape[-1], t)
    for _ in range(100):
        middle = (low + high) / 2
        too_much = exp_t(z - middle, t).sum(-1, keepdims=True) > 1
        low = np.where(too_much, middle, low)
        high = np.where(too_much, high, middle)
    return exp_t(z - (low + high) / 2, t)


def bi_tempered(t1=0.8, t2=1.2):
    def formula(z):
        p = tempered_softmax(z, t2)
        total = (p ** (2 - t1)).sum(-1, keepdims=True)
        return (total - 1) / (2 - t1) - log_t(p, t1)

    return formula


def smoothed(formula, share):
    """The expectation over a label that is right but for this share."""

    def of(z):
        values = formula(z)
        others = values.sum(-1, keepdims=True) - values
        return (1 - share) * values + share * others / (z.shape[-1] - 1)

    return of


def made(**own):
    return lambda **o: losses.BiTemperedLogistic(**own, **o)


CASES = (
    Case(
        "bi_tempered",
        losses.BiTemperedLogistic,
        bi_tempered(),
        other={
            "t1": 0.4,
            "t2": 1.5,
            "label_smoothing": 0.1,
            "num_iters": 8,
        },
        bad={
            "t1": ("at least 0 and at most 1", [-0.1, 1.1]),
            "t2": ("above 0 and at most 5", [0, 5.1]),
            "label_smoothing": ("at least 0 and below 1", [-0.1, 1]),
        },
        alias="bi_tempered",
        logits=True,
    ),
    Case(
        "bi_tempered_smoothed",
        made(label_smoothing=0.1, t1=1.0),
        smoothed(bi_tempered(t1=1.0), 0.1),
        logits=True,
    ),
    Case(
        "bi_tempered_heavy",
        made(t1=0.2, t2=1.4),
        bi_tempered(0.2, 1.4),
        logits=True,
    ),
    Case(
        "bi_tempered_truncated",
        made(t1=0.3, t2=0.7),
        bi_tempered(0.3, 0.7),
        logits=True,
        gives_up=True,
    ),
    Case(
        "bi_tempered_softmax",
        made(t1=0.8, t2=1.0),
        bi_tempered(0.8, 1.0),
        logits=True,
    ),
)
