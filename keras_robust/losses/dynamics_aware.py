"""Dynamics-aware loss: generalised cross-entropy that grows more robust."""

import math

from keras_robust.losses import arguments
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.base import register
from keras_robust.losses.elementwise import expm1
from keras_robust.losses.total import ENTROPY
from keras_robust.losses.twin import twin


@register
class DynamicsAware(RobustLoss):
    """Dynamics-aware loss (DAL) of one moment of training.

    Formula: `L = (1 - p_y^q) / q + weight H(p) / (q log K)` with
    `H(p) = -sum_k p_k log p_k`.

    Networks learn what is general before they memorise labels, so DAL fits
    first (`q < 1`) and resists then (`q > 1`, where what is far from its label
    weighs almost nothing), and sharpens predictions from the moment on where
    `q` passes 1. The whole course is
    `keras_robust.losses.recipes.dynamics_aware(num_epochs)`; this class is
    its loss at one epoch.

    Args:
        q: Above 0. Defaults to `1.5`, where it ends.
        weight: Of the entropy, at least 0. Defaults to `1.0`, likewise.
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values lie in `[0, (1 + weight)/q]`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.DynamicsAware(q=1.5, weight=1.0)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.7539

    Reference: Li et al., "DAL: Dynamics-Aware Loss for Learning with Label
    Noise", arXiv 2303.11562, 2023.
    """

    parameters = ("q", "weight")
    alias = "dal"
    noise = "symmetric and asymmetric, with its schedule"
    paper = "Li et al., 2023"

    def __init__(
        self,
        q=1.5,
        weight=1.0,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="dynamics_aware",
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
        self.q = arguments.number("q", q, above=0)
        self.weight = arguments.number("weight", weight, at_least=0)
        arguments.check_power(self.q, 1.0, q=self.q)

    def totals(self):
        return (ENTROPY,)

    def formula(self, labelled):
        values = labelled.expect(lambda p: -expm1(self.q * p.log_p))
        share = self.weight / math.log(labelled.num_classes)
        return (values + share * labelled.total(ENTROPY)) * (1.0 / self.q)


dynamics_aware = twin(DynamicsAware)
