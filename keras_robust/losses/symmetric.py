"""Mean absolute error, and its sum with cross-entropy."""

from keras_robust.losses import arguments
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.base import register
from keras_robust.losses.twin import twin


@register
class CategoricalMAE(RobustLoss):
    """Mean absolute error over the classes (MAE).

    Formula: `l(p) = scale (1 - p)`.

    Symmetric: it tolerates any noise in which the true class stays the most
    frequent, and fits so slowly that with many classes it often fits nothing;
    add a loss that does (`losses.get("nce+mae")`).

    The absolute error `sum_k |e_k - p_k|` between the one-hot label and the
    prediction is `2 (1 - p)`: `scale=2` gives that, which some authors' code
    uses; Keras's `mean_absolute_error` takes the mean over the `K` classes,
    `2 (1 - p) / K`, so its gradient shrinks with `K`.

    Args:
        scale: Above 0. Defaults to `1.0`.
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values lie in `[0, scale]`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.CategoricalMAE()
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.3

    Reference: Ghosh, Kumar and Sastry, "Robust Loss Functions under Label Noise
    for Deep Neural Networks", AAAI 2017.
    """

    parameters = ("scale",)
    alias = "mae"
    noise = "any with the true class leading"
    paper = "Ghosh et al., AAAI 2017"

    def __init__(
        self,
        scale=1.0,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="categorical_mae",
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
        self.scale = arguments.number("scale", scale, above=0)

    def pointwise(self, p):
        return p.p_minus_one * -self.scale

    def slope(self, p):
        return p.p * -self.scale

    def asymmetry_ratio(self):
        """1, as of every loss that is linear in `p_y`."""
        return 1.0


@register
class ReverseCrossEntropy(RobustLoss):
    """Reverse cross-entropy (RCE).

    Formula: `l(p) = -A (1 - p)`, `A < 0` standing for `log 0`.

    Cross-entropy with label and prediction swapped, `-sum_k p_k log e_k`. It is
    `CategoricalMAE(scale=-A)`, symmetric, and the passive part of
    `SymmetricCrossEntropy` and of `losses.get("nce+rce")`. The authors' code
    clips the one-hot label at 1e-4, so `A = log(1e-4) = -9.21` there; the
    paper's `A = -4` is the default here.

    Args:
        log_zero: `A`, below 0. Defaults to `-4.0`.
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values lie in `[0, -A]`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.ReverseCrossEntropy()
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    1.2

    Reference: Wang et al., "Symmetric Cross Entropy for Robust Learning with
    Noisy Labels", ICCV 2019.
    """

    parameters = ("log_zero",)
    alias = "rce"
    noise = "any with the true class leading"
    paper = "Wang et al., ICCV 2019"

    def __init__(
        self,
        log_zero=-4.0,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="reverse_cross_entropy",
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
        self.log_zero = arguments.number("log_zero", log_zero, below=0)

    def pointwise(self, p):
        return p.p_minus_one * self.log_zero

    def slope(self, p):
        return p.p * self.log_zero

    def asymmetry_ratio(self):
        """1, as of every loss that is linear in `p_y`."""
        return 1.0


@register
class SymmetricCrossEntropy(RobustLoss):
    """Symmetric cross-entropy (SCE).

    Formula: `l(p) = -alpha log p - beta A (1 - p)`, `A < 0` standing for
    `log 0`.

    Cross-entropy plus `ReverseCrossEntropy`: the first fits, the second
    resists. "Symmetric" means label and prediction, as in a divergence; with
    `alpha > 0` it is no symmetric loss and tolerates no noise provably. The
    authors' code has `A = log(1e-4) = -9.21` where the paper has -4: divide
    its `beta` accordingly, or give `log_zero`.

    Args:
        alpha: Weight of cross-entropy, at least 0. Defaults to `0.1`.
        beta: Weight of the reverse part, at least 0. Defaults to `1.0`.
        log_zero: `A`, below 0. Defaults to `-4.0`.
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
    >>> loss = kr.losses.SymmetricCrossEntropy(alpha=0.1, beta=1)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    1.2399

    Reference: Wang et al., "Symmetric Cross Entropy for Robust Learning with
    Noisy Labels", ICCV 2019.
    """

    parameters = (
        "alpha",
        "beta",
        "log_zero",
    )
    alias = "sce"
    noise = "symmetric, moderate"
    paper = "Wang et al., ICCV 2019"

    def __init__(
        self,
        alpha=0.1,
        beta=1.0,
        log_zero=-4.0,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="symmetric_cross_entropy",
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
        self.alpha = arguments.number("alpha", alpha, at_least=0)
        self.beta = arguments.number("beta", beta, at_least=0)
        self.log_zero = arguments.number("log_zero", log_zero, below=0)

    def pointwise(self, p):
        reverse = p.p_minus_one * (self.beta * self.log_zero)
        return reverse - p.log_p * self.alpha

    def slope(self, p):
        return p.p * (self.beta * self.log_zero) - self.alpha

    def asymmetry_ratio(self):
        """0; 1 without cross-entropy, which is symmetric."""
        return 0.0 if self.alpha else 1.0


categorical_mae = twin(CategoricalMAE)
reverse_cross_entropy = twin(ReverseCrossEntropy)
symmetric_cross_entropy = twin(SymmetricCrossEntropy)
