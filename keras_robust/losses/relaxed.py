"""Targets that are sets: label relaxation and data ambiguation."""

from keras import ops

from keras_robust.losses import arguments
from keras_robust.losses import scalars
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.base import register
from keras_robust.losses.elementwise import at_least
from keras_robust.losses.elementwise import expm1
from keras_robust.losses.elementwise import log
from keras_robust.losses.elementwise import log1p
from keras_robust.losses.total import Total
from keras_robust.losses.twin import twin


@register
class LabelRelaxation(RobustLoss):
    """Label relaxation (LR).

    Formula: `l(p) = KL(b_(1-alpha) || b_p)` where `p <= 1 - alpha`, else 0,
    with `b_p` the distribution `[p, 1 - p]`.

    Label smoothing that leaves the rest open: the target is the distribution
    nearest to the prediction among all that give the label `1 - alpha` or
    more. So a sample that has `1 - alpha` is done, and the prediction may
    spread the rest as it likes. It calibrates; noise it resists a little.

    In the paper the target's rest is `alpha p_k / (1 - p)` for `k != y`, held
    constant; value and gradient are those of the closed form above.

    Args:
        alpha: Above 0, below 1. Defaults to `0.1`.
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
    >>> loss = kr.losses.LabelRelaxation(alpha=0.1)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.184

    Reference: Lienen and Huellermeier, "From Label Smoothing to Label
    Relaxation", AAAI 2021.
    """

    parameters = ("alpha",)
    alias = "lr"
    noise = "symmetric, weak"
    paper = "Lienen and Huellermeier, AAAI 2021"

    def __init__(
        self,
        alpha=0.1,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="label_relaxation",
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
        self.alpha = arguments.number("alpha", alpha, above=0, below=1)
        arguments.check_power(1.0, self.alpha, alpha=self.alpha)

    def pointwise(self, p):
        return _divergence(p.log_p, self.alpha)

    def slope(self, p):
        # It rises to 0 at p = 1 - alpha and stays there.
        odds = p.p / at_least(1.0 - p.p, self.alpha)
        return -at_least((1.0 - self.alpha) - odds * self.alpha, 0.0)

    def asymmetry_ratio(self):
        """0: flat at `p = 1`, without bound in slope at `p = 0`."""
        return 0.0


@register
class DataAmbiguation(RobustLoss):
    """Robust data ambiguation (RDA).

    Formula: `L = KL(b_(1-alpha) || b_P)` where `P <= 1 - alpha`, else 0, with
    `b_P` the distribution `[P, 1 - P]` and `P` the sum of `p_k` over the
    plausible classes: the given one and all with `p_k > beta`.

    Label relaxation for wrong labels: what the model finds plausible itself
    is taken for a possible label beside the given one, so a confident model
    is not pulled to a wrong label. With `beta < 1/K` (1/2 for a binary head
    or with `multi_label=True`) a fresh model finds
    everything plausible and learns nothing: take it larger, or start from
    cross-entropy (`keras_robust.callbacks.CrossEntropyWarmUp`). The authors'
    code can change `beta` over the epochs; here it is fixed, and 1 is
    `LabelRelaxation`.

    In the paper the target is spread over the plausible classes, and over the
    others, in proportion to `p`, and held constant; value and gradient are
    those of the closed form above.

    Args:
        alpha: Above 0, below 1. Defaults to `0.1`.
        beta: At least 0, at most 1. Defaults to `0.2`, as in the authors' code.
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
    >>> loss = kr.losses.DataAmbiguation(alpha=0.1, beta=0.8)
    >>> probs = np.array([[0.1, 0.9], [0.4, 0.6]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.1131

    Reference: Lienen and Huellermeier, "Mitigating Label Noise through Data
    Ambiguation", AAAI 2024.
    """

    parameters = (
        "alpha",
        "beta",
    )
    alias = "rda"
    noise = "symmetric, strong"
    paper = "Lienen and Huellermeier, AAAI 2024"

    def __init__(
        self,
        alpha=0.1,
        beta=0.2,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="data_ambiguation",
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
        self.alpha = arguments.number("alpha", alpha, above=0, below=1)
        self.beta = arguments.number("beta", beta, at_least=0, at_most=1)
        arguments.check_power(1.0, self.alpha, alpha=self.alpha)
        self._plausible = Total(self._if_plausible, self._if_plausible)

    def _if_plausible(self, p):
        # Linear in p, so it is its own slope with respect to log p.
        return ops.threshold(p.p, self.beta, 0.0)

    def totals(self):
        return (self._plausible,)

    def formula(self, labelled):
        total = labelled.total(self._plausible)
        if labelled.labels is None:
            total = ops.expand_dims(total, axis=-1)
        return labelled.expect(lambda p: self._with_given(total, p))

    def _with_given(self, total, p):
        given = p.p - ops.threshold(p.p, self.beta, 0.0)
        # With no class but the given one its own log p is exact, however small.
        alone = ops.equal(total, 0.0)
        plausible = total + given
        log_sum = log(ops.where(alone, ops.ones_like(plausible), plausible))
        log_p = ops.where(alone, p.log_p, log_sum)
        return _divergence(log_p, self.alpha)


def _divergence(log_p, alpha):
    """`KL(b_(1-alpha) || b_p)` where `p <= 1 - alpha`, else 0."""
    # How far log p is below log(1 - alpha); 0, value and slope, where it isn't.
    below = at_least(scalars.log1p(-alpha) - log_p, 0.0)
    rest = log1p(expm1(-below) * (1.0 - 1.0 / alpha))
    return below * (1.0 - alpha) - rest * alpha


label_relaxation = twin(LabelRelaxation)
data_ambiguation = twin(DataAmbiguation)
