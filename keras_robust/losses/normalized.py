"""Losses divided by their sum over all labels: symmetric by construction."""

from keras_robust.losses.base import RobustLoss
from keras_robust.losses.base import register


@register
class NormalizedCrossEntropy(RobustLoss):
    """Normalised cross-entropy (NCE).

    Formula: `L = log p_y / sum_k log p_k`.

    Symmetric (its values over all labels sum to 1), so it tolerates any noise
    in which the true class stays the most frequent. Alone it often underfits;
    as the active part of `ActivePassive`, beside an asymmetric loss, it gives
    the speed the other lacks.

    Args:
        from_logits: Whether `y_pred` are logits. Defaults to `False`.
        axis: The class axis. Defaults to `-1`.
        ignore_class: Integer label to leave out, or `None`.
        reduction: As in `keras.losses.Loss`.
        name: Defaults to `"normalized_cross_entropy"`.
        dtype: As in `keras_robust.losses.RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values lie in `[0, 1]`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.NormalizedCrossEntropy()
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.2719

    Reference: Ma et al., "Normalized Loss Functions for Deep Learning with
    Noisy Labels", ICML 2020.
    """

    def __init__(
        self,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="normalized_cross_entropy",
        dtype=None,
    ):
        super().__init__(
            from_logits, axis, ignore_class, reduction, name, dtype
        )

    def formula(self, labelled):
        return labelled.expect(lambda p: p.log_p) / labelled.total(
            lambda p: p.log_p
        )

    def asymmetry_ratio(self):
        """1: a symmetric loss is completely asymmetric."""
        return 1.0


@register
def normalized_cross_entropy(
    y_true, y_pred, from_logits=False, axis=-1, ignore_class=None
):
    """NCE per sample, `log p_y / sum_k log p_k`.

    Returns:
        Tensor of the shape of `y_pred` without `axis`.
    """
    return NormalizedCrossEntropy(from_logits, axis, ignore_class).call(
        y_true, y_pred
    )
