"""One probability, in whichever of three forms is exact for a formula."""

from functools import cached_property

import keras
from keras import ops


class Probability:
    """`p`, `log p` and `p - 1` of the same classes.

    Built from logits, everything derives from `log p`, nothing is clipped and
    `p - 1` keeps its digits near `p = 1`. Built from probabilities, `p` is
    taken as it is and only `log_p` is clipped: its value is
    `log(max(p, epsilon))`, its slope below epsilon is the slope at epsilon
    (a plain clip would stop the gradient of exactly the hardest samples).
    """

    def __init__(self, p=None, log_p=None):
        self._p = p
        self._log_p = log_p

    @cached_property
    def p(self):
        return ops.exp(self._log_p) if self._p is None else self._p

    @cached_property
    def p_minus_one(self):
        return ops.expm1(self._log_p) if self._p is None else self._p - 1.0

    @cached_property
    def log_p(self):
        if self._log_p is not None:
            return self._log_p
        floor = ops.maximum(self._p, keras.config.epsilon())
        return ops.log(self._p + ops.stop_gradient(floor - self._p))
