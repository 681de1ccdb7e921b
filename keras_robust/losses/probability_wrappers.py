"""Losses of changed probabilities, and a penalty on their entropy."""

from keras import ops

from keras_robust.losses import arguments
from keras_robust.losses import scalars
from keras_robust.losses.base import register
from keras_robust.losses.composed import Wrapper
from keras_robust.losses.elementwise import exp
from keras_robust.losses.elementwise import log
from keras_robust.losses.probability import Probability
from keras_robust.losses.probability import at_label
from keras_robust.losses.total import ENTROPY


@register
class EpsilonSoftmax(Wrapper):
    """Epsilon-softmax: a loss of nearly one-hot predictions.

    Formula: `L = loss(p')` with `p' = (p + m e_t) / (m + 1)`, `t` the most
    probable class.

    For any noise with the true class leading: predictions that are at most
    `1 / (m + 1)` from one-hot make any loss nearly symmetric. Alone it fits
    slowly; the paper adds mean absolute error of the unchanged `p`,
    `0.01 * EpsilonSoftmax(CrossEntropy()) +
    10.0 * GeneralizedCrossEntropy(q=1)` (its MAE is `2(1 - p_y)` and has the
    weight 5), or with asymmetric noise `m=1e3` and the weights 0.02 and 10.
    Where several classes are the most probable the first is taken. The authors'
    code clips `p'` at 1e-8; from logits nothing is clipped here.

    Args:
        loss: A robust loss.
        m: At least 0; 0 is the loss itself. Defaults to `1e5`, the paper's for
            symmetric noise on CIFAR-10.
        from_logits, axis, ignore_class, multi_label: `None` takes the wrapped
            loss's own; anything else must agree with it.
        reduction, name, dtype: As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.EpsilonSoftmax(kr.losses.CrossEntropy(), m=4)
    >>> probs = np.array([[0.75, 0.25], [0.25, 0.75]])
    >>> round(float(loss(np.array([0, 0]), probs)), 4)
    1.5235

    Reference: Wang et al., "Epsilon-Softmax: Approximating One-Hot Vectors for
    Mitigating Label Noise", NeurIPS 2024.
    """

    parameters = ("loss", "m")
    alias = "eps"
    noise = "any with the true class leading"
    paper = "Wang et al., NeurIPS 2024"

    def __init__(
        self,
        loss,
        m=1e5,
        from_logits=None,
        axis=None,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="epsilon_softmax",
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
        self.m = arguments.number("m", m, at_least=0)

    def formula(self, labelled):
        classes, m = labelled.classes, self.m
        log_p = classes.log_p
        top = ops.argmax(log_p if labelled.from_logits else classes.p, axis=-1)
        first = ops.one_hot(top, labelled.num_classes, dtype=log_p.dtype)
        log_top = at_label(top, log_p)
        lift = ops.expand_dims(log(exp(log_top) + m) - log_top, -1)
        changed = log_p + (first * lift - scalars.log1p(m))
        if labelled.from_logits:
            return self.loss.formula(
                labelled.with_logits(changed, self.loss.totals())
            )
        p = (classes.p + m * first) * (1.0 / (m + 1.0))
        return self.loss.formula(labelled.with_classes(Probability(p, changed)))


@register
class EntropyRegularized(Wrapper):
    """A loss with a penalty on the entropy of each prediction.

    Formula: `L = loss + weight * H(p)` with `H(p) = -sum_k p_k log p_k`.

    A positive weight makes predictions sharp, which brings any loss nearer to
    a symmetric one. A negative weight keeps them open: with cross-entropy and
    `weight=-1` that is the warm-up of DivideMix for asymmetric noise.

    Args:
        loss: A robust loss.
        weight: Any number. Defaults to `1.0`.
        from_logits, axis, ignore_class, multi_label: `None` takes the wrapped
            loss's own; anything else must agree with it.
        reduction, name, dtype: As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. The penalty lies between 0 and
    `weight log(K)`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.EntropyRegularized(kr.losses.CrossEntropy(), -1)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    -0.1099

    Reference: Grandvalet and Bengio, "Semi-supervised Learning by Entropy
    Minimization", NIPS 2004; a negative weight: Li et al., "DivideMix", ICLR
    2020.
    """

    parameters = ("loss", "weight")
    alias = "entropy"
    noise = "as the loss in it; weight below 0: asymmetric warm-up"
    paper = "Li et al., ICLR 2020"

    def __init__(
        self,
        loss,
        weight=1.0,
        from_logits=None,
        axis=None,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="entropy_regularized",
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
        self.weight = arguments.number("weight", weight)

    def totals(self):
        return tuple(dict.fromkeys((*self.loss.totals(), ENTROPY)))

    def formula(self, labelled):
        entropy = labelled.total(ENTROPY)
        return self.loss.formula(labelled) + self.weight * entropy
