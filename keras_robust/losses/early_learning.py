"""Early-learning regularisation: its target and its penalty, as formulas."""

from keras import ops

# The authors clip probabilities there, value and slope.
_LEAST = 1e-4


def clipped(p):
    """Probabilities `(B, K)` as both formulas take them."""
    return ops.clip(p, _LEAST, 1.0 - _LEAST)


def moved(target, p, beta):
    """The running average of a sample's predictions after one more of them.

    Formula: `t <- beta t + (1 - beta) p / sum(p)`, without gradient.

    Args:
        target: `(B, K)`, before.
        p: Probabilities `(B, K)`.
        beta: In [0, 1).
    """
    p = ops.stop_gradient(clipped(p))
    return beta * target + (1.0 - beta) * p / ops.sum(p, -1, keepdims=True)


def penalty(target, p):
    """Returns `log(1 - <t, p>)`, shape `(B,)`."""
    return ops.log(1.0 - ops.sum(target * clipped(p), axis=-1))
