"""Logit bias: a loss of logits whose given class was raised."""

import math

from keras import ops

from keras_robust.losses import arguments
from keras_robust.losses import scalars
from keras_robust.losses.base import register
from keras_robust.losses.composed import Wrapper
from keras_robust.losses.elementwise import exp
from keras_robust.losses.elementwise import log1p
from keras_robust.losses.labelled import Labelled
from keras_robust.losses.margins import from_margins
from keras_robust.losses.margins import margins
from keras_robust.losses.probability import Probability


@register
class LogitBias(Wrapper):
    """Logit bias: the given class's logit is raised, in training only.

    Formula: `L = loss(z + epsilon e_y)`, so
    `p_y' = p_y e^epsilon / (1 + p_y (e^epsilon - 1))`.

    For a bounded loss such as mean absolute error
    (`GeneralizedCrossEntropy(q=1)`) on many classes, where a fresh model's
    gradients are otherwise too small to learn from. As `p'` is a function of
    `p`, it takes probabilities too. For a loss of `p_y` alone it is
    `MarginShift(loss, shift=epsilon)`.

    Soft (and one-hot) labels give the mean, over the label distribution, of
    the loss biased to each label. Unless the wrapped loss is a function of
    `p_y` alone, that takes `(B, K, K)` memory: prefer integer labels.

    Args:
        loss: A robust loss.
        epsilon: Between -50 and 50. Defaults to `None`: `log(K - 1) + 1/2` for
            `K` classes, with which `p_y` is near 1/2 at the start. (The
            authors' value, which depends on `K` too, is not published with the
            abstract.)
        from_logits, axis, ignore_class, multi_label: `None` takes the wrapped
            loss's own; anything else must agree with it.
        reduction, name, dtype: As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range, shapes that do not fit, or
            soft labels around a loss with a term of the batch.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> mae = kr.losses.GeneralizedCrossEntropy(q=1)
    >>> loss = kr.losses.LogitBias(mae, epsilon=2)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.067

    Reference: Staats, Thamm and Rosenow, "Enhancing Noise-Robust Losses for
    Large-Scale Noisy Data Learning", AAAI 2025.
    """

    parameters = ("loss", "epsilon")
    alias = "bias"
    noise = "many classes, around a bounded loss"
    paper = "Staats et al., AAAI 2025"

    def __init__(
        self,
        loss,
        epsilon=None,
        from_logits=None,
        axis=None,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="logit_bias",
        dtype=None,
        multi_label=None,
    ):
        super().__init__(
            loss,
            from_logits,
            axis,
            ignore_class,
            reduction,
            name,
            dtype,
            multi_label,
        )
        if epsilon is not None:
            epsilon = arguments.number(
                "epsilon", epsilon, at_least=-50, at_most=50
            )
        self.epsilon = epsilon

    def formula(self, labelled):
        bias = self.epsilon
        if bias is None:
            bias = math.log(labelled.num_classes - 1.0) + 0.5
        if labelled.labels is not None:
            return self.loss.formula(self._biased(labelled, bias))
        if self.loss.pointwise is not None:
            moved = from_margins(margins(labelled) + bias)
            return labelled.mean(self.loss.pointwise(moved))
        if self.batch_term:
            raise ValueError(
                "A loss with a term of the whole batch has no value for each "
                "label of a soft one: give integer labels to a model with an "
                f"output for each class. Received: loss={self.loss!r}"
            )
        every = _every_label(labelled)
        return labelled.mean(self.loss.formula(self._biased(every, bias)))

    def _biased(self, labelled, bias):
        raised = labelled.weights * bias
        if labelled.from_logits:
            return labelled.with_logits(
                labelled.logits + raised, self.loss.totals()
            )
        classes = labelled.classes
        log_sum = log1p(labelled.given.p * scalars.expm1(bias))
        change = raised - ops.expand_dims(log_sum, -1)
        return labelled.with_classes(
            Probability(classes.p * exp(change), classes.log_p + change)
        )


def _every_label(labelled):
    """The same predictions with each class as the label, an axis more."""
    classes = labelled.classes
    width = labelled.num_classes
    like = classes.log_p
    labels = ops.zeros_like(like, dtype="int32") + ops.arange(
        width, dtype="int32"
    )

    def repeated(values):
        rows = ops.zeros((width, 1), dtype=values.dtype)
        return ops.expand_dims(values, -2) + rows

    if labelled.from_logits:
        return Labelled(labels, repeated(labelled.logits), True, -1, None)
    found = Probability(repeated(classes.p), repeated(like))
    every = Labelled(labels, found.p, False, -1, None)
    return every.with_classes(found)
