"""One probability, in whichever of three forms is exact for a formula."""

from functools import cached_property

import keras
from keras import ops

from keras_robust.losses.elementwise import at_least
from keras_robust.losses.elementwise import exp
from keras_robust.losses.elementwise import expm1
from keras_robust.losses.elementwise import log


class Probability:
    """`p`, `log p` and `p - 1` of the same classes.

    Built from logits, everything derives from `log p`, nothing is clipped and
    `p - 1` keeps its digits near `p = 1`. Built from probabilities, `p` is
    taken as it is and only `log_p` is clipped: its value is
    `log(max(p, epsilon))`, its slope below epsilon is the slope at epsilon
    (a plain clip would stop the gradient of exactly the hardest samples).
    Built from both, each is taken as it is.
    """

    def __init__(self, p=None, log_p=None):
        self._p = p
        self._log_p = log_p

    @cached_property
    def p(self):
        return exp(self._log_p) if self._p is None else self._p

    @cached_property
    def p_minus_one(self):
        return expm1(self._log_p) if self._p is None else self._p - 1.0

    @cached_property
    def log_p(self):
        if self._log_p is not None:
            return self._log_p
        floor = at_least(self._p, keras.config.epsilon())
        return log(self._p + ops.stop_gradient(floor - self._p))

    def at(self, labels):
        """The `Probability` of one class a position, NaN for a bad label."""
        forms = (self._p, self._log_p)
        found = [x if x is None else at_label(labels, x) for x in forms]
        return Probability(*found)


def at_label(labels, values):
    """Returns `values[label]` along the last axis, NaN for a bad label."""
    valid = (labels >= 0) & (labels < values.shape[-1])
    index = ops.expand_dims(ops.where(valid, labels, 0), axis=-1)
    chosen = ops.squeeze(ops.take_along_axis(values, index, axis=-1), axis=-1)
    return ops.where(valid, chosen, float("nan"))
