"""Bootstrapping: the target is part label, part prediction."""

from keras import ops

from keras_robust.losses import arguments
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.base import cross_entropy_values
from keras_robust.losses.base import register
from keras_robust.losses.total import ENTROPY
from keras_robust.losses.twin import twin


@register
class SoftBootstrapping(RobustLoss):
    """Soft bootstrapping: cross-entropy against label and prediction mixed.

    Formula: `L = -sum_k t_k log p_k` with `t = beta e_y + (1 - beta) p`, which
    is `beta * CE + (1 - beta) * H(p)`, `H` the entropy.

    For moderate noise: what the model already believes counts beside the
    label. As in public implementations the prediction in the target is
    differentiated too, so the second term makes predictions sharp.

    Args:
        beta: The label's share, from 0 to 1; 1 is cross-entropy. Defaults to
            `0.95`.
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
    >>> loss = kr.losses.SoftBootstrapping(beta=0.8)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.4212

    Reference: Reed et al., "Training Deep Neural Networks on Noisy Labels with
    Bootstrapping", ICLR workshop 2015.
    """

    parameters = ("beta",)
    alias = "soft_boot"
    noise = "moderate"
    paper = "Reed et al., ICLR workshop 2015"

    def __init__(
        self,
        beta=0.95,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="soft_bootstrapping",
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
        self.beta = arguments.number("beta", beta, at_least=0, at_most=1)

    def totals(self):
        return (ENTROPY,)

    def formula(self, labelled):
        values = self.beta * cross_entropy_values(labelled)
        return values + (1.0 - self.beta) * labelled.total(ENTROPY)


@register
class HardBootstrapping(RobustLoss):
    """Hard bootstrapping: cross-entropy against label and predicted class.

    Formula: `L = -sum_k t_k log p_k` with `t = beta e_y + (1 - beta) e_t`, `t`
    the most probable class: `-beta log p_y - (1 - beta) log max_k p_k`.

    For moderate noise: a sample that the model is sure is of another class
    pulls less towards its label.

    Args:
        beta: The label's share, from 0 to 1; 1 is cross-entropy. Defaults to
            `0.8`.
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
    >>> loss = kr.losses.HardBootstrapping(beta=0.8)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.3993

    Reference: Reed et al., "Training Deep Neural Networks on Noisy Labels with
    Bootstrapping", ICLR workshop 2015.
    """

    parameters = ("beta",)
    alias = "hard_boot"
    noise = "moderate"
    paper = "Reed et al., ICLR workshop 2015"

    def __init__(
        self,
        beta=0.8,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="hard_bootstrapping",
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
        self.beta = arguments.number("beta", beta, at_least=0, at_most=1)

    def formula(self, labelled):
        values = self.beta * cross_entropy_values(labelled)
        classes = labelled.classes
        scores = classes.log_p if labelled.from_logits else classes.p
        # The class, not the maximum: a tie would split the gradient in ways
        # that differ between backends.
        sure = classes.at(ops.argmax(scores, axis=-1))
        return values - (1.0 - self.beta) * sure.log_p


soft_bootstrapping = twin(SoftBootstrapping)
hard_bootstrapping = twin(HardBootstrapping)
