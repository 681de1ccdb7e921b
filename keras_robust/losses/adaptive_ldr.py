"""ALDR-KL: LDR-KL with a lambda for every sample, as formulas.

The loss does not know which samples are in a batch. Whoever does puts their
lambdas here, for each loss its own, and the compiled LDR-KL reads them.
"""

import math
from contextlib import contextmanager
from contextvars import ContextVar

from keras import ops

_LAMBDAS = ContextVar("keras_robust_lambdas", default=None)
# The authors add that to every probability.
_LEAST = 1e-5


@contextmanager
def told(loss, read, alpha):
    """The `loss` called inside has a lambda for every sample.

    Args:
        loss: The `LDRKL` it is for, and no other.
        read: Returns the lambdas `(B,)` of the batch.
        alpha: As of `adapted`.
    """
    # A model with several outputs has one for each: no block hides another's.
    others = _LAMBDAS.get() or {}
    token = _LAMBDAS.set({**others, id(loss): (read, alpha)})
    try:
        yield
    finally:
        _LAMBDAS.reset(token)


def told_to(loss):
    """Returns `(lambdas (B,), alpha)` for a loss, `None` if there are none."""
    found = (_LAMBDAS.get() or {}).get(id(loss))
    if found is None:
        return None
    read, alpha = found
    return ops.stop_gradient(read()), alpha


def adapted(f, lam, first, alpha):
    """The lambda of a sample after one more of its predictions.

    Formula: `lam <- first (1 - KL(p, 1/K) / (alpha log K))` with
    `p = softmax(f / lam)`, without gradient.

    Args:
        f: Normalised logits `(B, K)`.
        lam: `(B,)`, before.
        first: The lambda that all began with, above 0.
        alpha: At least 1.
    """
    f = ops.stop_gradient(f)
    classes = f.shape[-1]
    wide = ops.expand_dims(ops.cast(lam, f.dtype), -1)
    p = ops.softmax(f / wide, axis=-1) + _LEAST
    p = p / ops.sum(p, axis=-1, keepdims=True)
    divergence = ops.sum(p * ops.log(classes * p), axis=-1)
    return first * (1.0 - divergence / (alpha * math.log(classes)))


def price(lam, first, alpha, classes):
    """What moving lambda costs: `-(alpha log K / (2 first)) (lam - first)^2`.

    It has no gradient.
    """
    scale = -0.5 * alpha * math.log(classes) / first
    return scale * (lam - first) ** 2
