"""Normalised negative losses: they push away from the other labels."""

import math

from keras import ops

from keras_robust.losses import arguments
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.base import register
from keras_robust.losses.elementwise import at_least
from keras_robust.losses.probability import Probability
from keras_robust.losses.total import Total
from keras_robust.losses.total import focal
from keras_robust.losses.twin import twin


@register
class NormalizedNegativeCrossEntropy(RobustLoss):
    """Normalised negative cross-entropy (NNCE).

    Formula: `L = 1 - (A + log p_y) / sum_k (A + log p_k)`, with
    `A = -log(min_prob)` and every `p` at least `min_prob`.

    Symmetric; the passive part of `ActiveNegative`. Where `1 - p_y` pushes all
    other classes down alike, this pushes hardest where the model already
    doubts. The clip is part of the formula, so below `min_prob` a class has
    no gradient, from logits too.

    Args:
        min_prob: Above 0, below `1/K`. Defaults to `1e-7`.
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values lie in `[0, 1]`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.NormalizedNegativeCrossEntropy()
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.4816

    Reference: Ye et al., "Active Negative Loss Functions for Learning with
    Noisy Labels", NeurIPS 2023.
    """

    parameters = ("min_prob",)
    unscheduled = ("min_prob",)
    alias = "nnce"
    noise = "any with the true class leading"
    paper = "Ye et al., NeurIPS 2023"

    def __init__(
        self,
        min_prob=1e-7,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="normalized_negative_cross_entropy",
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
        self.min_prob = _checked(min_prob)
        self._clipped = _Clipped(0.0, False, self.min_prob)

    def totals(self):
        return (self._clipped.total,)

    def formula(self, labelled):
        return self._clipped.formula(labelled)

    def asymmetry_ratio(self):
        """1: symmetric, and largest where another class is sure."""
        return 1.0


@register
class NormalizedNegativeFocal(RobustLoss):
    """Normalised negative focal loss (NNFL).

    Formula: `L = 1 - (A - F(p_y)) / sum_k (A - F(p_k))`, `F(p) = -(1 - p)^gamma
    log p`, `A = F(min_prob)`, every `p` at least `min_prob`.

    Symmetric; `NormalizedNegativeCrossEntropy` with the focal loss in the place
    of cross-entropy. The authors' code holds the weight `(1 - p)^gamma`
    constant (`stop_gradient=True`); the formula's own gradient is the default.

    Args:
        gamma: At least 0. Defaults to `0.5`.
        min_prob: Above 0, below `1/K`. Defaults to `1e-7`.
        stop_gradient: Whether the weights are held constant. Defaults to
            `False`.
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values lie in `[0, 1]`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.NormalizedNegativeFocal()
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.4821

    Reference: Ye et al., "Active Negative Loss Functions for Learning with
    Noisy Labels", NeurIPS 2023.
    """

    parameters = ("gamma", "min_prob", "stop_gradient")
    unscheduled = ("min_prob",)
    alias = "nnfl"
    noise = "any with the true class leading"
    paper = "Ye et al., NeurIPS 2023"

    def __init__(
        self,
        gamma=0.5,
        min_prob=1e-7,
        stop_gradient=False,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="normalized_negative_focal",
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
        self.min_prob = _checked(min_prob)
        self.stop_gradient = arguments.flag("stop_gradient", stop_gradient)
        self._clipped = _Clipped(self.gamma, self.stop_gradient, self.min_prob)

    def totals(self):
        return (self._clipped.total,)

    def formula(self, labelled):
        return self._clipped.formula(labelled)

    def asymmetry_ratio(self):
        """1: symmetric, and largest where another class is sure."""
        return 1.0


def _checked(min_prob):
    return arguments.number("min_prob", min_prob, above=0, below=0.5)


class _Clipped:
    """`A - F(p)` with probabilities of at least `min_prob`, and its sum."""

    def __init__(self, gamma, stop_gradient, min_prob):
        curve = focal(gamma, stop_gradient)
        least = math.log(min_prob)
        self.min_prob = min_prob
        self.largest = -least * (1.0 - min_prob) ** gamma

        def clip(p):
            return Probability(log_p=at_least(p.log_p, least))

        def slope(p):
            # 0 below min_prob.
            clipped = clip(p)
            return curve.slope(clipped) * ops.sign(clipped.log_p - least)

        self.total = Total(lambda p: curve.value(clip(p)), slope)

    def formula(self, labelled):
        classes = labelled.num_classes
        if self.min_prob * classes >= 1.0:
            raise ValueError(
                "`min_prob` must be below 1/K, or nothing is left of the "
                f"probabilities. Received: min_prob={self.min_prob}, "
                f"{classes} classes"
            )
        given = labelled.expect(self.total.value) + self.largest
        every = labelled.total(self.total) + classes * self.largest
        return 1.0 - given / every


normalized_negative_cross_entropy = twin(NormalizedNegativeCrossEntropy)
normalized_negative_focal = twin(NormalizedNegativeFocal)
