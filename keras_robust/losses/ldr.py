"""Label-distributionally robust loss: between margins and their mean."""

import math

from keras import ops

from keras_robust.losses import adaptive_ldr
from keras_robust.losses import arguments
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.base import register
from keras_robust.losses.elementwise import at_least
from keras_robust.losses.elementwise import exp
from keras_robust.losses.elementwise import log
from keras_robust.losses.margins import margins
from keras_robust.losses.twin import twin


@register
class LDRKL(RobustLoss):
    """Label-distributionally robust loss with a KL divergence (LDR-KL).

    Formula: `L = lam log((1/K) sum_k exp((c_k + f_k - f_y) / lam))` with
    `c_k = margin` for `k != y`, `c_y = 0`, and
    `f = softplus(z) / mean(softplus(z))`.

    The worst case over label distributions near the uniform one. A small `lam`
    is close to the largest margin violation (Crammer and Singer's loss, which
    tolerates no noise), a large `lam` to their mean, which is symmetric: the
    noisier the labels, the larger `lam`. The mean that divides `f` is not held
    constant, as in the authors' code.
    `keras_robust.callbacks.AdaptiveLDRKL` gives every sample a `lam` of its
    own.

    Args:
        margin: At least 0. Defaults to `2.0`, as in the authors' code; a later
            benchmark takes 0.1.
        lam: Above 0. Defaults to `1.0`; that benchmark takes 10 on CIFAR-10,
            1 on CIFAR-100.
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`; `from_logits` must be `True`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values lie between `-lam log(K)` and
    `K + margin`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range, without `from_logits=True`,
            or for shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.LDRKL(margin=2.0, lam=1.0, from_logits=True)
    >>> logits = np.array([[3.0, -4.0], [0.6, 0.8]])
    >>> round(float(loss(np.array([0, 1]), logits)), 4)
    0.67

    Reference: Zhu, Ying and Yang, "Label Distributionally Robust Losses for
    Multi-class Classification: Consistency, Robustness and Adaptivity", ICML
    2023.
    """

    parameters = ("margin", "lam")
    alias = "ldr"
    noise = "symmetric; a larger lam for more"
    paper = "Zhu et al., ICML 2023"
    logits_only = True

    def __init__(
        self,
        margin=2.0,
        lam=1.0,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="ldrkl",
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
        self.margin = arguments.number("margin", margin, at_least=0)
        self.lam = arguments.number("lam", lam, above=0)
        arguments.check_power(1.0, self.lam, lam=self.lam)

    def formula(self, labelled):
        scaled = labelled.with_logits(normalized(labelled.logits))
        adaptive = adaptive_ldr.told_to(self)
        if adaptive is None:
            return values(scaled, self.margin, self.lam)
        lam, alpha = adaptive
        lam = ops.cast(lam, scaled.logits.dtype)
        price = adaptive_ldr.price(lam, self.lam, alpha, labelled.num_classes)
        return values(scaled, self.margin, lam) + price


def normalized(logits):
    """`f = softplus(z) / mean(softplus(z))`, shape `(..., K)`."""
    # K times a softmax of the logarithm of softplus, which is finite where
    # every softplus is 0.
    shares = ops.softmax(_log_softplus(logits), axis=-1)
    return shares * float(shares.shape[-1])


def values(labelled, margin, lam):
    """The loss of every sample.

    Args:
        labelled: A `Labelled` with the normalised logits `f`.
        margin: At least 0.
        lam: A number, or one for every sample, `(B,)`.
    """
    # Put the given class's term outside: with D the margin of y in the
    # logits f/lam, the sum is 1 + exp(margin/lam - D).
    own = wide = lam
    if len(getattr(lam, "shape", ())) == 1:
        wide = ops.expand_dims(lam, -1)
        own = lam if labelled.labels is not None else wide
    lead = margins(labelled.with_logits(labelled.logits / wide))
    excess = -ops.log_sigmoid(lead - margin / own)
    found = own * (excess - math.log(labelled.num_classes))
    return found if labelled.labels is not None else labelled.mean(found)


def _log_softplus(x):
    # Far below 0, softplus(x) is e^x - e^2x/2.
    low = x < -20.0
    softplus = -ops.log_sigmoid(-at_least(x, -20.0))
    tail = x - 0.5 * exp(-at_least(-x, 20.0))
    return ops.where(low, tail, log(softplus))


ldrkl = twin(LDRKL)
