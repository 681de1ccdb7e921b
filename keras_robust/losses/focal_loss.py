"""Focal loss, which robust losses are compared with."""

from keras_robust.losses import arguments
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.base import register
from keras_robust.losses.total import focal as curve
from keras_robust.losses.twin import twin


@register
class Focal(RobustLoss):
    """Focal loss (FL).

    Formula: `l(p) = -(1 - p)^gamma log p`.

    For classes of unequal size, and the baseline that robust losses are
    compared with: it weighs what the model is sure of less, so wrong labels
    more than cross-entropy does. `NormalizedFocal` is its robust form. The
    code of the papers on noisy labels holds the weight `(1 - p)^gamma` constant
    (`stop_gradient=True`: same value, other gradient); the formula's own
    gradient is the default.

    Keras's `CategoricalFocalCrossentropy` multiplies by `alpha=0.25`, divides
    predictions by their sum and clips them, also from logits; nothing of that
    happens here.

    Args:
        gamma: At least 0; 0 is cross-entropy. Defaults to `2.0`.
        stop_gradient: Whether the weight is held constant. Defaults to `False`.
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
    >>> loss = kr.losses.Focal(gamma=2)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.0872

    Reference: Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017,
    eq. 4.
    """

    parameters = (
        "gamma",
        "stop_gradient",
    )
    alias = "fl"
    noise = "none: a baseline"
    paper = "Lin et al., ICCV 2017"

    def __init__(
        self,
        gamma=2.0,
        stop_gradient=False,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="focal",
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
        self._curve = curve(self.gamma, self.stop_gradient, exact=True)

    def pointwise(self, p):
        return -self._curve.value(p)

    def slope(self, p):
        return -self._curve.slope(p)

    def asymmetry_ratio(self):
        """0, as for cross-entropy."""
        return 0.0


focal = twin(Focal)
