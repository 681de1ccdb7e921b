"""Asymmetric losses that see all classes: ANorm and AMSE."""

from keras_robust.losses import arguments
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.base import register
from keras_robust.losses.elementwise import exp
from keras_robust.losses.total import Total
from keras_robust.losses.total import power
from keras_robust.losses.twin import twin


@register
class AsymmetricNorm(RobustLoss):
    """Asymmetric norm loss (ANorm), the passive asymmetric loss.

    Formula: `L = ((a - p_y)^p + sum_{k != y} p_k^p - (a - 1)^p) / p`.

    Passive part of a sum beside `NormalizedCrossEntropy`, in the place of
    `1 - p_y`: with `p < 1` it also prefers outputs with few classes. `p <= 1`
    tolerates any noise with the true class leading; `p = 1` is `2(1 - p_y)`
    whatever `a`. The authors' code clips probabilities at 1e-5, which lifts
    its minimum from 0 by `(K - 1) 1e-5^p / p`; from logits nothing is clipped
    here. Not to be confused with the active negative loss, ANL.

    Args:
        a: Above 1. Defaults to `1.5`.
        p: Above 0. Defaults to `0.9`.
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values are at least 0.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.AsymmetricNorm(a=1.5, p=0.9)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.6786

    Reference: Zhou et al., "Asymmetric Loss Functions for Noise-Tolerant
    Learning: Theory and Applications", T-PAMI 45(7), 2023 (its code: the
    formula's body was not checked against the text).
    """

    parameters = ("a", "p")
    alias = "anorm"
    noise = "any with the true class leading (p <= 1)"
    paper = "Zhou et al., T-PAMI 2023"

    def __init__(
        self,
        a=1.5,
        p=0.9,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="asymmetric_norm",
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
        self.a = a = arguments.number("a", a, above=1)
        self.p = p = arguments.number("p", p, above=0)
        arguments.check_power(p, a, a - 1, a=a, p=p)
        self._power = power(p)

    def totals(self):
        return (self._power,)

    def _of_given(self, p):
        # Less what the sum over all classes holds too much.
        return (self.a - p.p) ** self.p - exp(self.p * p.log_p)

    def formula(self, labelled):
        values = labelled.expect(self._of_given) + labelled.total(self._power)
        return (values - (self.a - 1.0) ** self.p) * (1.0 / self.p)


@register
class AsymmetricMSE(RobustLoss):
    """Asymmetric mean squared error (AMSE).

    Formula: `L = ||a e_y - p||^2 / K`.

    Passive part of `JointAsymmetric`. It tolerates noise in which the true
    class is drawn at least `(a + S) / (a - 1)` times as often as the runner-up,
    `S` the other classes' share in units of the runner-up's: ten classes with
    80 % symmetric noise need `a >= 9`. `a = 1` is the mean squared error.

    Args:
        a: At least 1. Defaults to `30.0`, published for CIFAR-10.
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values lie in `[(a-1)^2/K, (a^2+1)/K]`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.AsymmetricMSE(a=2)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.93

    Reference: Wang et al., "Joint Asymmetric Loss for Learning with Noisy
    Labels", ICCV 2025.
    """

    parameters = ("a",)
    alias = "amse"
    noise = "any with the true class leading (large a)"
    paper = "Wang et al., ICCV 2025"

    def __init__(
        self,
        a=30.0,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="asymmetric_mse",
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
        self.a = arguments.number("a", a, at_least=1)

    def totals(self):
        return (_SQUARES,)

    def formula(self, labelled):
        a = self.a
        given = labelled.expect(lambda p: (a - 2.0 * p.p) * a)
        return (given + labelled.total(_SQUARES)) / labelled.num_classes


_SQUARES = Total(
    value=lambda p: p.p * p.p,
    slope=lambda p: 2.0 * p.p * p.p,
)

asymmetric_norm = twin(AsymmetricNorm)
asymmetric_mse = twin(AsymmetricMSE)
