"""Cross-entropy made bounded: TruncatedGCE, alpha-loss, PHuber-CE."""

from keras import ops

from keras_robust.losses import arguments
from keras_robust.losses import scalars
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.base import register
from keras_robust.losses.elementwise import at_least
from keras_robust.losses.elementwise import exp
from keras_robust.losses.elementwise import expm1
from keras_robust.losses.twin import twin


@register
class TruncatedGCE(RobustLoss):
    """Truncated generalised cross-entropy.

    Formula: `l(p) = l_q(max(p, k))` with `l_q(p) = (1 - p^q) / q`.

    `GeneralizedCrossEntropy` that gives a sample up once its label's
    probability is `k` or less: the value there is constant, the gradient 0. So
    it needs a start from cross-entropy
    (`keras_robust.callbacks.CrossEntropyWarmUp`) and many epochs of it: a
    fresh model, with `p` about `1/K`, learns nothing.

    The paper minimises this by an alternating convex search, with a weight of
    0 or 1 for every sample that stays until all are judged anew
    (`keras_robust.callbacks.TruncatedWeights`); that is another training, of
    which this is the loss. A public unofficial code subtracts the constant
    `l_q(k)`, which changes no gradient.

    Args:
        q: Above 0, at most 1. Defaults to `0.7`.
        k: Above 0, below 1. Defaults to `0.5`.
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values lie in `[0, (1 - k^q)/q]`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.TruncatedGCE(q=0.7, k=0.5)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.3254

    Reference: Zhang and Sabuncu, "Generalized Cross Entropy Loss for Training
    Deep Neural Networks with Noisy Labels", NeurIPS 2018.
    """

    parameters = (
        "q",
        "k",
    )
    alias = "tgce"
    noise = "symmetric, strong"
    paper = "Zhang and Sabuncu, NeurIPS 2018"

    def __init__(
        self,
        q=0.7,
        k=0.5,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="truncated_gce",
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
        self.q = arguments.number("q", q, above=0, at_most=1)
        self.k = arguments.number("k", k, above=0, below=1)
        arguments.check_power(self.q, 1.0, q=self.q)
        arguments.check_power(1.0, self.k, k=self.k)

    def pointwise(self, p):
        kept = at_least(p.log_p, scalars.log(self.k))
        return expm1(self.q * kept) * (-1.0 / self.q)

    def slope(self, p):
        # Where p > k, the pull of the loss that is not cut off.
        pull = exp(self.q * p.log_p)
        return -ops.threshold(pull, self.k**self.q, 0.0)


@register
class AlphaLoss(RobustLoss):
    """Alpha-loss.

    Formula: `l(p) = (1 - p^(1 - 1/alpha)) alpha / (alpha - 1)`, at
    `alpha = 1` its limit `-log p`.

    From cross-entropy (`alpha = 1`) towards `1 - p` (`alpha -> inf`; take
    `CategoricalMAE` for that): the larger, the less a wrong label counts. The
    same as `GeneralizedCrossEntropy(q=1 - 1/alpha)`. Below 1, for rare classes
    rather than wrong labels, it is steeper than cross-entropy (0.5 is the
    exponential loss): from logits its value grows with their exponential and
    is infinite once they are more than `88 alpha / (1 - alpha)` apart.

    Args:
        alpha: Above 0. Defaults to `2.0`, which the authors' first paper finds
            better than cross-entropy for logistic regression on MNIST.
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values lie in
    `[0, alpha/(alpha - 1)]` for `alpha > 1`, else they have no bound.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.AlphaLoss(alpha=2)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.3442

    Reference: Sypherd et al., "A Tunable Loss Function for Robust
    Classification: Calibration, Landscape, and Generalization", IEEE
    Transactions on Information Theory 68(9), 2022; arXiv 1906.02314.
    """

    parameters = ("alpha",)
    alias = "alpha"
    noise = "symmetric, moderate"
    paper = "Sypherd et al., T-IT 2022"

    def __init__(
        self,
        alpha=2.0,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="alpha_loss",
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
        self.alpha = alpha = arguments.number("alpha", alpha, above=0)
        if arguments.are_checked() and alpha < 1.0:
            # At the smallest probability, with its slope.
            arguments.check_power(1.0 / alpha, 1e7, alpha=alpha)
        self._q = 1.0 - 1.0 / alpha

    def pointwise(self, p):
        if scalars.known(self._q, 0):
            return -p.log_p
        q = scalars.not_zero(self._q)
        return expm1(q * p.log_p) * (-1.0 / q)

    def slope(self, p):
        return -exp(self._q * p.log_p)

    def asymmetry_ratio(self):
        """0, for every finite `alpha`."""
        return 0.0


@register
class PHuberCrossEntropy(RobustLoss):
    """Partially Huberised cross-entropy (PHuber-CE).

    Formula: `l(p) = -log p` where `p > 1/tau`, else `1 + log tau - tau p`.

    Cross-entropy whose slope in `p` never exceeds `tau`, as if the gradient
    were clipped per sample: samples close to their label are learnt as by
    cross-entropy, and the pull of the others falls with `p` as for `1 - p`.

    Args:
        tau: Above 1; 1 would be `1 - p`. Defaults to `10.0`; a public
            re-implementation takes 2 for CIFAR-10.
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values lie in `[0, 1 + log(tau)]`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.PHuberCrossEntropy(tau=2)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.3993

    Reference: Menon et al., "Can Gradient Clipping Mitigate Label Noise?", ICLR
    2020.
    """

    parameters = ("tau",)
    alias = "phuber"
    noise = "symmetric, moderate"
    paper = "Menon et al., ICLR 2020"

    def __init__(
        self,
        tau=10.0,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="p_huber_cross_entropy",
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
        self.tau = arguments.number("tau", tau, above=1)

    def pointwise(self, p):
        line = p.p * -self.tau + (1.0 + scalars.log(self.tau))
        return ops.where(p.p > 1.0 / self.tau, -p.log_p, line)

    def slope(self, p):
        return at_least(p.p * -self.tau, -1.0)

    def asymmetry_ratio(self):
        """`1/tau`."""
        return 1.0 / self.tau


truncated_gce = twin(TruncatedGCE)
alpha_loss = twin(AlphaLoss)
p_huber_cross_entropy = twin(PHuberCrossEntropy)
