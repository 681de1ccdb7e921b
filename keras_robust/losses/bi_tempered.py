"""Bi-tempered logistic loss: a bounded loss of a heavy-tailed softmax."""

from keras import ops

from keras_robust.losses import arguments
from keras_robust.losses import kernels
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.base import register
from keras_robust.losses.elementwise import exp
from keras_robust.losses.elementwise import expm1
from keras_robust.losses.elementwise import log
from keras_robust.losses.elementwise import log1p
from keras_robust.losses.probability import Probability
from keras_robust.losses.scalars import known
from keras_robust.losses.total import power
from keras_robust.losses.twin import twin

# Stands for the log of a probability that is 0: its exponential is 0.
_LOG_ZERO = -1e5


@register
class BiTemperedLogistic(RobustLoss):
    """Bi-tempered logistic loss: bounded, and of a heavy-tailed softmax.

    Formula: `L = -log_t1(p_y) + (sum_k p_k^(2 - t1) - 1) / (2 - t1)`, `p` the
    tempered softmax of the logits: `p_k = exp_t2(z_k - lambda)` with the
    `lambda` for which they add up to 1.
    `log_t(u) = (u^(1 - t) - 1)/(1 - t)`, and `exp_t` is its inverse.

    `t1 < 1` bounds the loss, so that a few samples far off cannot dominate;
    `t2 > 1` gives the softmax heavy tails, so that samples near the border
    with a wrong label pull less. `t1 = t2 = 1` is cross-entropy. A model's
    `p` are no longer its softmax: only their order is the same.

    The authors find `lambda` by a fixed point (`t2 > 1`), not always converged
    after their 5 iterations, or by bisection; here by Newton's method on
    `(sum_k p_k)^(1 - t2)`, nearly a straight line. Its slope and curvature are
    those of the exact `lambda`, as in their code, whatever the iterations. For
    soft labels the value is the expectation over the label distribution; the
    authors' differs by a constant of the labels alone. Label smoothing is
    theirs: `1 - label_smoothing` for the given class, the rest shared by the
    others (`CrossEntropy` gives the given class a share too).

    Args:
        t1: Temperature of the loss, from 0 to 1, at most `t2`. Defaults to
            `0.8`.
        t2: Temperature of the softmax, above 0, at most 5. Above 1 heavy
            tails, below 1 some `p` are exactly 0. Defaults to `1.2`.
        label_smoothing: At least 0, below 1. Defaults to `0.0`.
        num_iters: Newton steps, at least 2. Defaults to `5`: enough for
            float32 where `t2 >= 0.5`; 10 below with thousands of classes.
        from_logits: Must be `True`; it is a function of the logits.
        axis, ignore_class, reduction, name, dtype, multi_label: As in
            `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values lie in `[0, 1/(1 - t1)]`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range, without `from_logits=True`,
            or for shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.BiTemperedLogistic(from_logits=True)
    >>> logits = np.array([[0.0, 0.0], [-1.0, 1.0]])
    >>> round(float(loss(np.array([0, 1]), logits)), 4)
    0.3245

    Reference: Amid et al., "Robust Bi-Tempered Logistic Loss Based on Bregman
    Divergences", NeurIPS 2019.
    """

    parameters = ("t1", "t2", "label_smoothing", "num_iters")
    unscheduled = ("t1", "t2")
    alias = "bi_tempered"
    noise = "few far off; symmetric"
    paper = "Amid et al., NeurIPS 2019"
    logits_only = True

    def __init__(
        self,
        t1=0.8,
        t2=1.2,
        label_smoothing=0.0,
        num_iters=5,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="bi_tempered_logistic",
        dtype=None,
        multi_label=False,
    ):
        super().__init__(
            from_logits,
            axis,
            ignore_class,
            reduction,
            name,
            dtype,
            multi_label,
        )
        self.t1 = arguments.number("t1", t1, at_least=0, at_most=1)
        self.t2 = arguments.number("t2", t2, above=0, at_most=5)
        if self.t1 > self.t2:
            raise ValueError(
                "`t1` must be at most `t2`: beyond it the gradient of a sample "
                f"far from its label has no bound. Received: t1={t1}, t2={t2}"
            )
        self.label_smoothing = arguments.number(
            "label_smoothing", label_smoothing, at_least=0, below=1
        )
        self.num_iters = arguments.integer("num_iters", num_iters)
        if self.num_iters < 2:
            raise ValueError(
                "`num_iters` must be at least 2, the steps that carry the "
                f"gradient. Received: num_iters={num_iters}"
            )
        self._power = power(2.0 - self.t1)

    def totals(self):
        smooth = not known(self.label_smoothing, 0)
        if self.t2 == 1 and self.t1 < 1 and not smooth:
            return (self._power,)
        return ()

    def formula(self, labelled):
        fast = self.t2 > 1 and known(self.label_smoothing, 0)
        if not fast or labelled.labels is None:
            return self._plain(labelled)

        def plain(labels, logits):
            other = labelled.with_logits(logits)
            other.labels = labels
            return self._plain(other)

        return kernels.bi_tempered(
            labelled.labels,
            labelled.logits,
            self.t1,
            self.t2,
            self.num_iters,
            plain,
        )

    def _plain(self, labelled):
        if self.t2 != 1:
            log_p = tempered_log_softmax(
                labelled.logits, self.t2, self.num_iters
            )
            labelled = labelled.with_classes(Probability(log_p=log_p))
        values = labelled.expect(self._of_given)
        if not known(self.label_smoothing, 0):
            others = labelled.num_classes - 1.0
            share = self.label_smoothing / others
            every = ops.sum(self._of_given(labelled.classes), axis=-1)
            values = values * (1.0 - share * (others + 1.0)) + every * share
        if self.t1 == 1:
            return values  # the p add up to 1
        rest = 2.0 - self.t1
        values = values + (labelled.total(self._power) - 1.0) * (1.0 / rest)
        # Rounding alone takes a divergence below 0.
        return values - ops.stop_gradient(ops.minimum(values, 0.0 * values))

    def _of_given(self, p):
        if self.t1 == 1:
            return -p.log_p
        rest = 1.0 - self.t1
        return expm1(p.log_p * rest) * (-1.0 / rest)


def tempered_log_softmax(logits, t, num_iters):
    """Log-probabilities of the tempered softmax, `t != 1`, last axis.

    Two Newton steps are differentiated, the slope they divide by held
    constant: the first makes the gradient that of the exact normaliser, the
    second the second derivatives too.
    """
    rest = 1.0 - t
    top = ops.stop_gradient(ops.max(logits, axis=-1, keepdims=True))
    scaled = (logits - top) * rest
    constant = ops.stop_gradient(scaled)
    # From here, below the root, the steps never overshoot.
    normaliser = ops.zeros_like(top)
    for _ in range(num_iters - 2):
        normaliser = _step(constant, normaliser, t)
    normaliser = ops.stop_gradient(normaliser)
    for _ in range(2):
        normaliser = _step(scaled, normaliser, t)
    return _log_exp(scaled - normaliser * rest, t)


def _step(scaled, normaliser, t):
    """A Newton step on `(sum p)^(1 - t) = 1`."""
    rest = 1.0 - t
    # What exp_t(u) is a power of, less 1.
    inside = scaled - normaliser * rest
    log_p = _log_exp(inside, t)
    p = exp(log_p)
    total = ops.sum(p, axis=-1, keepdims=True)
    # The sum of p^t, the slope of every p.
    slope = ops.sum(
        ops.stop_gradient(p) / ops.stop_gradient(_positive(inside, t) + 1.0),
        axis=-1,
        keepdims=True,
    )
    gain = total * expm1(log(total) * -rest) * (-1.0 / rest)
    return normaliser + gain / slope


def _positive(inside, t):
    """`(1 - t) u`, or 0 where `p` is 0 because 1 more is not positive."""
    return inside if t > 1 else ops.where(inside > -1.0, inside, 0.0)


def _log_exp(inside, t):
    """`log exp_t(u)` from `(1 - t) u`."""
    rest = 1.0 - t
    safe = _positive(inside, t)
    # Close to t = 1 the sum would lose the digits that log1p keeps.
    log_base = log1p(safe) if abs(rest) < 0.1 else log(safe + 1.0)
    if t > 1:
        return log_base * (1.0 / rest)
    return ops.where(inside > -1.0, log_base * (1.0 / rest), _LOG_ZERO)


bi_tempered_logistic = twin(BiTemperedLogistic)
