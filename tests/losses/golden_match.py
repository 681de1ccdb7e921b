"""How a case of the authors' code is compared with a loss of ours."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from keras_robust import losses

LOGITS = {"from_logits": True}


@dataclass(frozen=True)
class Match:
    """A loss of ours for a case.

    Args:
        make: From the case's parameters and the number of classes to the loss.
        scale: Their value over ours: a number, or a function of the number of
            classes and the parameters.
        offset: Their value less ours (scaled), likewise.
        clamp: They clamp `p` of the given class at this, which stops its
            gradient; samples below are not compared. A number, or a function
            of the parameters.
        clamp_all: They clamp every class's `p` at this; samples with any `p`
            below are not compared.
        clamp_above: They clamp `p` of the given class at this from above.
        tolerance: Factor on the tolerances, where a clamp or a constant in
            float32 moves their value.
        logits: What their `p` is the softmax of: a function of the logits and
            the parameters.
        fewest: How many samples at least are compared.
    """

    make: Callable
    scale: float | Callable = 1.0
    offset: float | Callable = 0.0
    clamp: float | Callable = 0.0
    clamp_all: float = 0.0
    clamp_above: float = 1.0
    tolerance: float = 1.0
    logits: Callable = lambda logits, params: logits
    fewest: int = 36

    def ours(self, values, slopes, classes, params):
        """What our loss should give where theirs gives these."""
        scale, offset = (
            x(classes, params) if callable(x) else x
            for x in (self.scale, self.offset)
        )
        return (values - offset) / scale, slopes / scale

    def compared(self, logits, labels, params):
        """The samples whose `p` they do not clamp."""
        logits = self.logits(logits, params)
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        given = p[np.arange(len(labels)), labels]
        clamp = self.clamp(params) if callable(self.clamp) else self.clamp
        return (
            (given >= 2 * clamp)
            & (p.min(axis=1) >= self.clamp_all)
            & (given <= 1 - 2 * (1 - self.clamp_above))
        )


def one(cls, renamed=(), drop=(), **fixed):
    """Makes a loss of a case's own parameters, some of them renamed.

    Losses go by name: one that is not there fails its own cases only.
    """
    renamed = dict(renamed)

    def make(params, classes):
        own = {renamed.get(k, k): v for k, v in params.items() if k not in drop}
        return getattr(losses, cls)(**own, **fixed, **LOGITS)

    return make


def two(first, second, names=()):
    """Makes the sum of two losses; `names` are parameters of the second."""

    def make(params, classes):
        weights = {k: params.get(k, 1.0) for k in ("alpha", "beta")}
        rest = {k: v for k, v in params.items() if k not in weights}
        taken = {k: rest.pop(k) for k in names if k in rest}
        return losses.ActivePassive(
            first(rest, classes), second(taken, classes), **weights
        )

    return make


def around(wrapper, inner, renamed=(), drop=(), **fixed):
    """Makes a loss around another."""
    renamed = dict(renamed)

    def make(params, classes):
        own = {renamed.get(k, k): v for k, v in params.items() if k not in drop}
        return getattr(losses, wrapper)(inner({}, classes), **own, **fixed)

    return make


def matrix(cls):
    """A corrected loss whose labels are flipped at random at this rate."""

    def make(params, classes):
        rate = params["rate"]
        flips = np.full((classes, classes), rate / (classes - 1))
        np.fill_diagonal(flips, 1 - rate)
        return getattr(losses, cls)(flips.tolist(), **LOGITS)

    return make


def annealed(params, classes):
    """GCE with `q` beyond 1, which is AGCE at `a = 0`, and an entropy term."""
    loss = losses.AsymmetricGCE(a=1e-12, q=params["q"], **LOGITS)
    weight = params["lamb"] / (params["q"] * math.log(classes))
    return losses.EntropyRegularized(loss, weight=weight)
