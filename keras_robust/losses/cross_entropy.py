"""Cross-entropy with label smoothing of either sign."""

from keras_robust.losses import arguments
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.base import cross_entropy_values
from keras_robust.losses.base import register
from keras_robust.losses.scalars import known
from keras_robust.losses.total import LOG_P
from keras_robust.losses.twin import twin


@register
class CrossEntropy(RobustLoss):
    """Cross-entropy, with positive, zero or negative label smoothing.

    Formula: `L = -sum_k t_k log p_k` with `t = (1 - r) e_y + r / K`, where `r`
    is `label_smoothing` and `K` the number of classes.

    The baseline of every comparison here: it fits clean data fast and, given
    time, fits wrong labels too, so compare with it stopped early. Smoothing
    `r > 0` softens over-confidence; `r < 0` (negative or generalised label
    smoothing) pushes away from the other classes and helps at high noise
    rates, but is unbounded below.

    Args:
        label_smoothing: `r`, below 1; may be negative. Defaults to `0.0`.
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values are in nats.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.CrossEntropy()
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.3993

    Reference: Szegedy et al., "Rethinking the Inception Architecture", CVPR
    2016 (label smoothing); Wei et al., "To Smooth or Not? When Label
    Smoothing Meets Noisy Labels", ICML 2022 (negative smoothing).
    """

    parameters = ("label_smoothing",)
    alias = "ce"
    noise = "none (baseline); smoothing below 0: high symmetric"
    paper = "Szegedy et al., CVPR 2016; Wei et al., ICML 2022"

    def __init__(
        self,
        label_smoothing=0.0,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="cross_entropy",
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
        self.label_smoothing = arguments.number(
            "label_smoothing", label_smoothing, below=1
        )

    @property
    def _is_plain(self):
        return known(self.label_smoothing, 0)

    @property
    def pointwise(self):
        """`-log p_y`, `None` with smoothing, which asks for every class."""
        return (lambda p: -p.log_p) if self._is_plain else None

    def totals(self):
        return () if self._is_plain else (LOG_P,)

    def formula(self, labelled):
        values = cross_entropy_values(labelled)
        if self._is_plain:
            return values
        share = self.label_smoothing / labelled.num_classes
        uniform = labelled.total(LOG_P)
        return (1.0 - self.label_smoothing) * values - share * uniform

    def asymmetry_ratio(self):
        """0: without smoothing it tolerates no noise (`l'(1)/l'(0)` is 0)."""
        return 0.0 if self._is_plain else None


cross_entropy = twin(CrossEntropy)
