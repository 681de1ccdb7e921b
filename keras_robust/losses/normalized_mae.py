"""Mean absolute error and reverse cross-entropy, normalised: the same."""

from keras_robust.losses.base import RobustLoss
from keras_robust.losses.base import register
from keras_robust.losses.twin import twin


@register
class NormalizedMAE(RobustLoss):
    """Normalised mean absolute error (NMAE).

    Formula: `L = (1 - p_y) / (K - 1)`.

    Symmetric; a passive part for `ActivePassive`, where its scale does not
    depend on the number of classes `K`. Mean absolute error is symmetric
    already, so this is `1 - p_y` over a constant; the authors' code divides
    `2(1 - p_y)` by `2(K - 1)` or, in a later repository, by `K - 1`.

    Args:
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values lie in `[0, 1/(K - 1)]`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.NormalizedMAE()
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.3

    Reference: Ma et al., "Normalized Loss Functions for Deep Learning with
    Noisy Labels", ICML 2020.
    """

    alias = "nmae"
    noise = "any with the true class leading"
    paper = "Ma et al., ICML 2020"

    def __init__(
        self,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="normalized_mae",
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

    def formula(self, labelled):
        values = labelled.expect(lambda p: -p.p_minus_one, lambda p: -p.p)
        return values / (labelled.num_classes - 1.0)

    def asymmetry_ratio(self):
        """1, as of every loss that is linear in `p_y`."""
        return 1.0


@register
class NormalizedReverseCrossEntropy(NormalizedMAE):
    """Normalised reverse cross-entropy (NRCE): `NormalizedMAE` by another name.

    Formula: `L = R(p_y) / sum_k R(p_k) = (1 - p_y) / (K - 1)`, `R` the reverse
    cross-entropy.

    For comparisons that name it. Reverse cross-entropy is `-A(1 - p_y)`, and
    its constant `A` cancels. The authors' code multiplies by `(K - 1)/4` where
    dividing by `4(K - 1)` was meant, so published weights for it are for a
    loss `K - 1` squared times as large, up to their constant `A`.

    Args:
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values lie in `[0, 1/(K - 1)]`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.NormalizedReverseCrossEntropy()
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.3

    Reference: Ma et al., "Normalized Loss Functions for Deep Learning with
    Noisy Labels", ICML 2020.
    """

    alias = "nrce"
    noise = "any with the true class leading"
    paper = "Ma et al., ICML 2020"

    def __init__(
        self,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="normalized_reverse_cross_entropy",
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


normalized_mae = twin(NormalizedMAE)
normalized_reverse_cross_entropy = twin(NormalizedReverseCrossEntropy)
