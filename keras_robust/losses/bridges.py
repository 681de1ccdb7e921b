"""From mean absolute error to cross-entropy: Taylor and Jensen-Shannon."""

from keras_robust.losses import arguments
from keras_robust.losses import scalars
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.base import register
from keras_robust.losses.elementwise import at_least
from keras_robust.losses.elementwise import exp
from keras_robust.losses.elementwise import expm1
from keras_robust.losses.elementwise import log1p
from keras_robust.losses.twin import twin


@register
class TaylorCrossEntropy(RobustLoss):
    """Taylor cross-entropy.

    Formula: `l(p) = sum_(i=1..order) (1 - p)^i / i`.

    The Taylor series of `-log p` about `p = 1`, cut off: order 1 is `1 - p`,
    which resists most and fits slowest, and every further term comes closer
    to cross-entropy.

    Args:
        order: Number of terms, at least 1. Defaults to `2`.
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values lie in
    `[0, 1 + 1/2 + ... + 1/order]`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.TaylorCrossEntropy(order=2)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.365

    Reference: Feng et al., "Can Cross Entropy Loss Be Robust to Label Noise?",
    IJCAI 2020.
    """

    parameters = ("order",)
    alias = "taylor"
    noise = "symmetric, moderate"
    paper = "Feng et al., IJCAI 2020"

    def __init__(
        self,
        order=2,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="taylor_cross_entropy",
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
        self.order = arguments.integer("order", order, at_least=1)

    def pointwise(self, p):
        # Horner's rule in p - 1; at p = 0 all terms have one sign.
        value = (-1.0) ** self.order / self.order
        for i in range(self.order - 1, 0, -1):
            value = p.p_minus_one * value + (-1.0) ** i / i
        return p.p_minus_one * value

    def slope(self, p):
        # (1 - p)^order - 1, a geometric series, with the digits of a small p.
        return expm1(log1p(-p.p) * self.order)

    def asymmetry_ratio(self):
        """`1/order`."""
        return 1.0 / self.order


@register
class JensenShannon(RobustLoss):
    """Jensen-Shannon loss (JS).

    Formula: `l(p) = [pi KL(e_y || m) + (1 - pi) KL(p || m)] / Z` with
    `m = pi e_y + (1 - pi) p` and `Z = -(1 - pi) log(1 - pi)`.

    The divergence between label and prediction, scaled to lie between
    cross-entropy (`pi -> 0`) and `1 - p` (`pi -> 1`, slowly). It depends on
    the given class's `p` alone:
    `l(p) = 1 - p - A p log(m/p) - B log(m)` with `m = pi + (1 - pi) p`,
    `A = -1/log(1 - pi)`, `B = A pi/(1 - pi)`; that form is used here. So for
    soft labels it is the expectation, as for every loss here, not the
    divergence from the soft label. The generalised form (GJS), which compares
    several augmented views of a sample, needs more than one prediction and is
    not this loss.

    Args:
        pi: Weight of the label, above 0, below 1. Defaults to `0.5`.
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values lie in `[0, 1 - B log(pi)]`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.JensenShannon(pi=0.5)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.3632

    Reference: Englesson and Azizpour, "Generalized Jensen-Shannon Divergence
    Loss for Learning with Noisy Labels", NeurIPS 2021.
    """

    parameters = ("pi",)
    alias = "js"
    noise = "symmetric, moderate"
    paper = "Englesson and Azizpour, NeurIPS 2021"

    def __init__(
        self,
        pi=0.5,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="jensen_shannon",
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
        self.pi = pi = arguments.number("pi", pi, above=0, below=1)
        arguments.check_power(1.0, pi, pi=pi)
        self._a = -1.0 / scalars.log1p(-pi)
        self._b = self._a * pi / (1.0 - pi)

    def _log_ratio(self, p):
        """`log(m/p)`, exact for small `pi` too, where `m` is close to `p`."""
        # e^60 keeps within float32; where p is smaller still, p log(m/p), all
        # it is used for, is 0 to every digit.
        surprise = -at_least(p.log_p, -60.0)
        return log1p(expm1(surprise) * self.pi)

    def pointwise(self, p):
        # exp(log p), not p: from probabilities that one is clipped throughout.
        own = exp(p.log_p) * self._log_ratio(p) * self._a
        label = log1p(p.p_minus_one * (1.0 - self.pi)) * self._b
        return -p.p_minus_one - own - label

    def slope(self, p):
        return -p.p * (self._log_ratio(p) * self._a + 1.0)

    def asymmetry_ratio(self):
        """0: the slope has no bound at `p = 0`."""
        return 0.0


taylor_cross_entropy = twin(TaylorCrossEntropy)
jensen_shannon = twin(JensenShannon)
