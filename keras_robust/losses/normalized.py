"""Losses divided by their sum over all labels: symmetric by construction."""

from keras_robust.losses import arguments
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.base import register
from keras_robust.losses.elementwise import expm1
from keras_robust.losses.total import LOG_P
from keras_robust.losses.total import focal
from keras_robust.losses.total import power
from keras_robust.losses.twin import twin


@register
class NormalizedCrossEntropy(RobustLoss):
    """Normalised cross-entropy (NCE).

    Formula: `L = log p_y / sum_k log p_k`.

    Symmetric (its values over all labels sum to 1), so it tolerates any noise
    in which the true class stays the most frequent. Alone it often underfits;
    as the active part of `ActivePassive`, beside an asymmetric loss, it gives
    the speed the other lacks.

    Args:
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

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

    alias = "nce"
    noise = "any with the true class leading"
    paper = "Ma et al., ICML 2020"

    def __init__(
        self,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="normalized_cross_entropy",
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

    def totals(self):
        return (LOG_P,)

    def formula(self, labelled):
        return labelled.expect(lambda p: p.log_p) / labelled.total(LOG_P)

    def asymmetry_ratio(self):
        """1: symmetric, and next to a corner as small as anywhere."""
        return 1.0


@register
class NormalizedFocal(RobustLoss):
    """Normalised focal loss (NFL).

    Formula: `L = F(p_y) / sum_k F(p_k)` with `F(p) = -(1 - p)^gamma log p`.

    Symmetric like `NormalizedCrossEntropy`, and like it the active part of a
    sum: it weighs samples the model is sure of less. The authors' code holds
    the weight `(1 - p)^gamma` constant (`stop_gradient=True`: same value,
    other gradient); the formula's own gradient is the default.

    Args:
        gamma: At least 0; 0 is `NormalizedCrossEntropy`. Defaults to `0.5`.
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
    >>> loss = kr.losses.NormalizedFocal(gamma=0.5)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.2575

    Reference: Ma et al., "Normalized Loss Functions for Deep Learning with
    Noisy Labels", ICML 2020.
    """

    parameters = ("gamma", "stop_gradient")
    alias = "nfl"
    noise = "any with the true class leading"
    paper = "Ma et al., ICML 2020"

    def __init__(
        self,
        gamma=0.5,
        stop_gradient=False,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="normalized_focal",
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
        self._focal = focal(self.gamma, self.stop_gradient)

    def totals(self):
        return (self._focal,)

    def formula(self, labelled):
        return labelled.expect(self._focal.value) / labelled.total(self._focal)

    def asymmetry_ratio(self):
        """1: symmetric, and next to a corner as small as anywhere."""
        return 1.0


@register
class NormalizedGCE(RobustLoss):
    """Normalised generalised cross-entropy (NGCE).

    Formula: `L = (1 - p_y^q) / sum_k (1 - p_k^q)`.

    Symmetric; between `NormalizedCrossEntropy` (`q -> 0`) and `NormalizedMAE`
    (`q = 1`), as `GeneralizedCrossEntropy` is between their unnormalised
    forms. Being symmetric it tolerates symmetric noise, but for `q < 1` little
    else: of ten classes with 40 % pair noise its minimum is at 0.82 for the
    true class and 0.18 for the other (`q = 0.7`), because `p^q` rises steeply
    from 0. The authors' code clips `p` at 1e-7 and so loses the gradient of the
    hardest samples; from logits nothing is clipped here.

    Args:
        q: Above 0, at most 1. Defaults to `0.7`.
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
    >>> loss = kr.losses.NormalizedGCE(q=0.7)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.2908

    Reference: Ma et al., "Normalized Loss Functions for Deep Learning with
    Noisy Labels", ICML 2020.
    """

    parameters = ("q",)
    alias = "ngce"
    noise = "symmetric"
    paper = "Ma et al., ICML 2020"

    def __init__(
        self,
        q=0.7,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="normalized_gce",
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
        self.q = q = arguments.number("q", q, above=0, at_most=1)
        arguments.check_power(q, 1.0, q=q)
        self._power = power(q)

    def totals(self):
        return (self._power,)

    def formula(self, labelled):
        given = labelled.expect(lambda p: -expm1(self.q * p.log_p))
        return given / (labelled.num_classes - labelled.total(self._power))

    def asymmetry_ratio(self):
        """1 for `q = 1`; for others none is known."""
        return 1.0 if self.q == 1.0 else None


normalized_cross_entropy = twin(NormalizedCrossEntropy)
normalized_focal = twin(NormalizedFocal)
normalized_gce = twin(NormalizedGCE)
