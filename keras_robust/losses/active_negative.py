"""Sums with a published name: ActiveNegative and JointAsymmetric."""

import math

from keras import ops

from keras_robust.losses import arguments
from keras_robust.losses.asymmetric_norm import AsymmetricMSE
from keras_robust.losses.base import register
from keras_robust.losses.elementwise import at_least
from keras_robust.losses.negative import NormalizedNegativeCrossEntropy
from keras_robust.losses.negative import NormalizedNegativeFocal
from keras_robust.losses.normalized import NormalizedCrossEntropy
from keras_robust.losses.normalized import NormalizedFocal
from keras_robust.losses.scalars import known
from keras_robust.losses.twin import twin
from keras_robust.losses.weighted_sum import WeightedSum

_BASES = ("cross_entropy", "focal")


class _Named(WeightedSum):
    """A sum whose parts follow from its parameters."""

    def get_config(self):
        config = super().get_config()
        del config["losses"]
        return config


@register
class ActiveNegative(_Named):
    """Active negative loss (ANL): one part pulls up, one pushes others down.

    Formula: `L = alpha N + beta NN + entropy_weight (log K + sum q_c log q_c)`
    with `N` the normalised and `NN` the normalised negative base loss and `q`
    the batch's mean prediction.

    For many classes, where `1 - p_y` as the passive part underfits. The paper
    adds an L1 penalty on all weights, which a loss cannot see: give the layers
    `kernel_regularizer=keras.regularizers.L1(5e-5)` (MNIST 1e-6, CIFAR-100
    5e-7, WebVision 5e-6). The entropy term, of the later paper, keeps the
    model from predicting few classes only; it is a term of the whole batch,
    so every sample's value holds it and the mean over the batch is the
    paper's.

    Args:
        base: `"cross_entropy"` (ANL-CE) or `"focal"` (ANL-FL). Defaults to
            `"cross_entropy"`.
        alpha: Weight of the active part, at least 0. Defaults to `5.0`,
            published for CIFAR-10.
        beta: Weight of the negative part, at least 0. Defaults to `5.0`.
        gamma: Of the focal base, at least 0. Defaults to `0.5`.
        min_prob: Of the negative part. Defaults to `1e-7`.
        entropy_weight: Weight of the batch's entropy term, at least 0.
            Defaults to `0.0`; published 2 (CIFAR-10), 0.01 (CIFAR-100).
        stop_gradient: Whether the focal weights are held constant, as in the
            authors' code. Defaults to `False`.
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Without the entropy term values lie in
    `[0, alpha + beta]`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.ActiveNegative(alpha=1, beta=1)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.7535

    Reference: Ye et al., "Active Negative Loss Functions for Learning with
    Noisy Labels", NeurIPS 2023; with the entropy term arXiv 2412.02373.
    """

    parameters = (
        "base",
        "alpha",
        "beta",
        "gamma",
        "min_prob",
        "entropy_weight",
        "stop_gradient",
    )
    unscheduled = ("min_prob",)
    alias = "anl"
    noise = "any with the true class leading"
    paper = "Ye et al., NeurIPS 2023"

    def __init__(
        self,
        base="cross_entropy",
        alpha=5.0,
        beta=5.0,
        gamma=0.5,
        min_prob=1e-7,
        entropy_weight=0.0,
        stop_gradient=False,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="active_negative",
        dtype=None,
        multi_label=False,
    ):
        shared = (from_logits, axis, ignore_class, reduction, None, dtype)
        if arguments.choice("base", base, _BASES) == "focal":
            negative = NormalizedNegativeFocal(
                gamma, min_prob, stop_gradient, *shared, multi_label
            )
        else:
            negative = NormalizedNegativeCrossEntropy(
                min_prob, *shared, multi_label
            )
        super().__init__(
            [
                _active(base, gamma, stop_gradient, shared, multi_label),
                negative,
            ],
            [
                arguments.number("alpha", alpha, at_least=0),
                arguments.number("beta", beta, at_least=0),
            ],
            reduction=reduction,
            name=name,
            dtype=dtype,
        )
        self.base = base
        self.gamma = arguments.number("gamma", gamma, at_least=0)
        self.min_prob = negative.min_prob
        self.stop_gradient = arguments.flag("stop_gradient", stop_gradient)
        self.entropy_weight = arguments.number(
            "entropy_weight", entropy_weight, at_least=0
        )
        self.batch_term = not known(self.entropy_weight, 0)

    alpha = property(lambda self: self.weights[0])
    beta = property(lambda self: self.weights[1])

    def formula(self, labelled):
        values = super().formula(labelled)
        if not known(self.entropy_weight, 0):
            values = values + self.entropy_weight * _missing_entropy(labelled)
        return values


@register
class JointAsymmetric(_Named):
    """Joint asymmetric loss (JAL): a normalised loss with `AsymmetricMSE`.

    Formula: `L = alpha N + beta ||a e_y - p||^2 / K`, `N` the normalised base
    loss.

    For the noise `AsymmetricMSE` is for, where that alone underfits. The paper
    adds an L1 penalty on all weights, which a loss cannot see: give the layers
    `kernel_regularizer=keras.regularizers.L1(5e-5)` (CIFAR-100 5e-6).

    Args:
        base: `"cross_entropy"` (JAL-CE) or `"focal"` (JAL-FL). Defaults to
            `"cross_entropy"`.
        a: Of `AsymmetricMSE`, at least 1. Defaults to `30.0`, published for
            CIFAR-10.
        alpha: Weight of the normalised part, at least 0. Defaults to `1.0`.
        beta: Weight of `AsymmetricMSE`, at least 0. Defaults to `1.0`.
        gamma: Of the focal base, at least 0. Defaults to `0.5`.
        stop_gradient: Whether the focal weights are held constant, as in the
            authors' code. Defaults to `False`.
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.JointAsymmetric(a=2)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    1.2019

    Reference: Wang et al., "Joint Asymmetric Loss for Learning with Noisy
    Labels", ICCV 2025.
    """

    parameters = ("base", "a", "alpha", "beta", "gamma", "stop_gradient")
    alias = "jal"
    noise = "any with the true class leading (large a)"
    paper = "Wang et al., ICCV 2025"

    def __init__(
        self,
        base="cross_entropy",
        a=30.0,
        alpha=1.0,
        beta=1.0,
        gamma=0.5,
        stop_gradient=False,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="joint_asymmetric",
        dtype=None,
        multi_label=False,
    ):
        shared = (from_logits, axis, ignore_class, reduction, None, dtype)
        arguments.choice("base", base, _BASES)
        passive = AsymmetricMSE(a, *shared, multi_label)
        super().__init__(
            [_active(base, gamma, stop_gradient, shared, multi_label), passive],
            [
                arguments.number("alpha", alpha, at_least=0),
                arguments.number("beta", beta, at_least=0),
            ],
            reduction=reduction,
            name=name,
            dtype=dtype,
        )
        self.base = base
        self.a = passive.a
        self.gamma = arguments.number("gamma", gamma, at_least=0)
        self.stop_gradient = arguments.flag("stop_gradient", stop_gradient)

    alpha = property(lambda self: self.weights[0])
    beta = property(lambda self: self.weights[1])


def _active(base, gamma, stop_gradient, shared, multi_label):
    if base == "focal":
        return NormalizedFocal(gamma, stop_gradient, *shared, multi_label)
    return NormalizedCrossEntropy(*shared, multi_label)


def _missing_entropy(labelled):
    """`log K` less the entropy of the mean prediction, a scalar."""
    classes = labelled.classes.p
    axes = tuple(range(len(classes.shape) - 1))
    # Not ops.mean, which makes float32 of float64.
    weights = ops.ones_like(classes[..., :1])
    if labelled.valid is not None:
        weights = weights * ops.cast(
            ops.expand_dims(labelled.valid, -1), classes.dtype
        )
    total = ops.sum(classes * weights, axis=axes)
    mean = total / at_least(ops.sum(weights), 1.0)
    # 0 log 0 is 0, and its slope finite.
    mean = at_least(mean, 1e-30)
    return math.log(labelled.num_classes) + ops.sum(mean * ops.log(mean))


active_negative = twin(ActiveNegative)
joint_asymmetric = twin(JointAsymmetric)
