"""Generalised cross-entropy: between cross-entropy and mean absolute error."""

from keras_robust.losses import arguments
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.base import register
from keras_robust.losses.elementwise import exp
from keras_robust.losses.elementwise import expm1
from keras_robust.losses.twin import twin


@register
class GeneralizedCrossEntropy(RobustLoss):
    """Generalised cross-entropy (GCE).

    Formula: `l(p) = (1 - p^q) / q`, `q` in `(0, 1]`.

    A first choice for moderate symmetric noise: `q -> 0` is cross-entropy,
    `q = 1` is `1 - p`; a sample's gradient is `p^q` times cross-entropy's.
    Keras's own `CategoricalGeneralizedCrossEntropy` has the same formula, with
    default `q=0.5`, integer `(B,)` labels and probabilities only; the paper's
    `q=0.7` is the default here. The authors' code clips `p` at 1e-7, which
    stops the gradient below it; here the slope at epsilon is kept.

    Args:
        q: Above 0, at most 1. Defaults to `0.7`.
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values lie in `[0, 1/q]`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.GeneralizedCrossEntropy(q=0.7)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.3254

    Reference: Zhang and Sabuncu, "Generalized Cross Entropy Loss for Training
    Deep Neural Networks with Noisy Labels", NeurIPS 2018, eq. 6.
    """

    parameters = ("q",)
    alias = "gce"
    noise = "symmetric, moderate"
    paper = "Zhang and Sabuncu, NeurIPS 2018"

    def __init__(
        self,
        q=0.7,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="generalized_cross_entropy",
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
        arguments.check_power(self.q, 1.0, q=self.q)

    def pointwise(self, p):
        return expm1(self.q * p.log_p) * (-1.0 / self.q)

    def slope(self, p):
        return -exp(self.q * p.log_p)

    def asymmetry_ratio(self):
        """0 for `q < 1`; 1 for `q = 1`, which is symmetric."""
        return 1.0 if self.q == 1.0 else 0.0


generalized_cross_entropy = twin(GeneralizedCrossEntropy)
