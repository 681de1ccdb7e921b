"""Losses that know when to back off: Blurry and Piecewise-zero loss."""

from keras import ops

from keras_robust.losses import arguments
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.base import register
from keras_robust.losses.elementwise import exp
from keras_robust.losses.scalars import known
from keras_robust.losses.twin import twin


@register
class Blurry(RobustLoss):
    """Blurry loss: cross-entropy that fades for samples far from their label.

    Formula: `l(p) = -p^gamma log p` (focal loss with `1 - p` replaced by
    `p`).

    For finding wrong labels, after a few epochs of cross-entropy
    (`keras_robust.callbacks.CrossEntropyWarmUp`), which the paper uses too.

    The authors' public code has two forms. With `stop_gradient=True` the weight
    `p^gamma` is held constant: the gradient is exactly that of
    `GeneralizedCrossEntropy(q=gamma)`, so compare with it. With
    `stop_gradient=False` the whole formula is differentiated: below
    `p = exp(-1/gamma)` the sign turns and the sample is unlearnt, from the
    first step on when `gamma > 1/log(K)`. On digits with 40 % wrong labels
    that form lost classes in 10 runs of 10 at `gamma=0.5`, and in 8 after
    `CrossEntropyWarmUp()` (`benchmarks/cold_start.py` on JAX).

    Args:
        gamma: At least 0; 0 is cross-entropy. Defaults to `0.5`.
        stop_gradient: Whether the weight is held constant. Defaults to `True`.
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values lie in `[0, 1/(e gamma)]`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.Blurry(gamma=0.5)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.295

    Reference: Pellegrino, Szczecina and Fieguth, "Hard Samples, Bad Labels:
    Robust Loss Functions That Know When to Back Off", arXiv 2511.16512, 2025.
    """

    parameters = ("gamma", "stop_gradient")
    alias = "bl"
    noise = "finding wrong labels"
    paper = "Pellegrino et al., 2025"

    def __init__(
        self,
        gamma=0.5,
        stop_gradient=True,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="blurry",
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
        self.gamma = arguments.number("gamma", gamma, at_least=0)
        self.stop_gradient = arguments.flag("stop_gradient", stop_gradient)

    def pointwise(self, p):
        weight = exp(self.gamma * p.log_p)
        if self.stop_gradient:
            weight = ops.stop_gradient(weight)
        return -weight * p.log_p

    def slope(self, p):
        pull = -exp(self.gamma * p.log_p)
        if self.stop_gradient:
            return pull
        return pull * (1.0 + self.gamma * p.log_p)


@register
class PiecewiseZero(RobustLoss):
    """Piecewise-zero loss: cross-entropy, and nothing below a cutoff.

    Formula: `l(p) = -log p` where `p >= cutoff`, else 0.

    For finding wrong labels, after a few epochs of cross-entropy
    (`cutoff=schedules.Delayed(0.05, start_epoch=4)`, or
    `keras_robust.callbacks.CrossEntropyWarmUp`), which the paper uses too:
    a sample below the cutoff has no gradient at all, so with
    `cutoff > 1/K` (1/2 for a binary head or with `multi_label=True`) a fresh
    model learns nothing.

    Args:
        cutoff: At least 0, below 1; 0 is cross-entropy. Defaults to `0.05`.
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values lie in `[0, -log(cutoff)]`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.PiecewiseZero(cutoff=0.2)
    >>> probs = np.array([[0.1, 0.9], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.0527

    Reference: Pellegrino, Szczecina and Fieguth, "Hard Samples, Bad Labels:
    Robust Loss Functions That Know When to Back Off", arXiv 2511.16512, 2025.
    """

    parameters = ("cutoff",)
    alias = "pz"
    noise = "finding wrong labels"
    paper = "Pellegrino et al., 2025"

    def __init__(
        self,
        cutoff=0.05,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="piecewise_zero",
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
        self.cutoff = arguments.number("cutoff", cutoff, at_least=0, below=1)

    def pointwise(self, p):
        if known(self.cutoff, 0):
            return -p.log_p
        # In p, because rounding log p could drop the cutoff itself; and what
        # is dropped, because the NaN of a label out of range must stay.
        dropped = p.p < self.cutoff
        return ops.where(dropped, ops.zeros_like(p.log_p), -p.log_p)

    def slope(self, p):
        return -ops.cast(p.p >= self.cutoff, p.p.dtype)


blurry = twin(Blurry)
piecewise_zero = twin(PiecewiseZero)
