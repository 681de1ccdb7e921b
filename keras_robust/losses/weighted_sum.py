"""Weighted sums of robust losses, written with `*` and `+` too."""

import keras
from keras import ops

from keras_robust.losses import arguments
from keras_robust.losses import composed
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.base import register
from keras_robust.losses.scalars import known
from keras_robust.losses.schedules import Schedule


@register
class WeightedSum(RobustLoss):
    """A weighted sum of robust losses on the same labels and predictions.

    Formula: `L = sum_i weights[i] * losses[i]`.

    What `2.0 * Blurry()` and sums of three or more losses become; for two,
    see `ActivePassive`.

    Args:
        losses: List of robust losses that agree on `from_logits`, `axis`,
            `ignore_class` and `multi_label`. Their names play no part, nor do
            their reductions except in a sum written with `*` and `+`, which
            keeps them.
        weights: As many numbers, at least 0.
        from_logits, axis, ignore_class, multi_label: `None` takes the losses'
            own; anything else must agree with them.
        reduction: As in `keras.losses.Loss`.
        name: Defaults to `"weighted_sum"`.
        dtype: As in `keras_robust.losses.RobustLoss`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: If the losses disagree, or a weight is negative.

    Example:

    >>> import keras_robust as kr
    >>> 2.0 * kr.losses.Blurry()
    WeightedSum(losses=[Blurry(gamma=0.5, stop_gradient=True)], weights=[2.0])
    """

    parameters = ("losses", "weights")

    def __init__(
        self,
        losses,
        weights,
        from_logits=None,
        axis=None,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="weighted_sum",
        dtype=None,
        multi_label=None,
    ):
        losses = [composed.robust(loss) for loss in losses]
        if not losses or len(losses) != len(weights):
            raise ValueError(
                "`losses` and `weights` must be lists of the same length, at "
                f"least 1. Received: {len(losses)} losses, "
                f"{len(weights)} weights"
            )
        options = composed.shared_options(
            losses,
            dtype,
            from_logits=from_logits,
            axis=axis,
            ignore_class=ignore_class,
            multi_label=multi_label,
        )
        super().__init__(reduction=reduction, name=name, **options)
        self.losses = losses
        self.weights = [
            arguments.number("weights", weight, at_least=0)
            for weight in weights
        ]
        self.batch_term = any(loss.batch_term for loss in losses)

    @property
    def pointwise(self):
        """The weighted sum as a function of `p_y`, `None` if it is not one."""
        if any(loss.pointwise is None for loss in self.losses):
            return None
        terms = self._terms()
        if not terms:
            return lambda p: ops.zeros_like(p.p)
        return lambda p: sum(w * loss.pointwise(p) for w, loss in terms)

    def _terms(self):
        """The `(weight, loss)` pairs that count: 0 switches a part off."""
        terms = zip(self.weights, self.losses, strict=True)
        return [(w, loss) for w, loss in terms if not known(w, 0)]

    def totals(self):
        every = [total for _, loss in self._terms() for total in loss.totals()]
        return tuple(dict.fromkeys(every))

    def formula(self, labelled):
        terms = self._terms()
        if not terms:
            return labelled.expect(lambda p: ops.zeros_like(p.p))
        return sum(w * loss.formula(labelled) for w, loss in terms)

    def asymmetry_ratio(self):
        """The smallest ratio among the parts with a weight: a lower bound.

        A sum tolerates what each of its parts tolerates. `None` if one of
        them has no closed form.
        """
        ratios = [part.asymmetry_ratio() for _, part in self._terms()]
        return None if None in ratios else min(ratios, default=0.0)

    def get_config(self):
        config = super().get_config()
        config["losses"] = [
            keras.saving.serialize_keras_object(loss) for loss in self.losses
        ]
        return config


@register
class ActivePassive(WeightedSum):
    """Active and passive loss (APL): one that fits, one that holds back.

    Formula: `L = alpha * active + beta * passive`.

    For noise on which a robust loss alone underfits, mostly with many classes:
    `NormalizedCrossEntropy` beside an asymmetric loss keeps the asymmetric
    loss's tolerance, because a symmetric part costs none. Also written
    `1.0 * NormalizedCrossEntropy() + 4.0 * AsymmetricGCE(a=6, q=1.5)`.

    Args:
        active: A robust loss that raises `p_y`, e.g. `NormalizedCrossEntropy`.
        passive: A robust loss; must agree with `active` on `from_logits`,
            `axis`, `ignore_class` and `multi_label`.
        alpha: Weight of `active`, at least 0. Defaults to `1.0`.
        beta: Weight of `passive`, at least 0. Defaults to `1.0`.
        from_logits, axis, ignore_class, multi_label: `None` takes the losses'
            own; anything else must agree with them.
        reduction: As in `keras.losses.Loss`.
        name: Defaults to `"active_passive"`.
        dtype: As in `keras_robust.losses.RobustLoss`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: If the losses disagree, or a weight is negative.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.ActivePassive(
    ...     kr.losses.NormalizedCrossEntropy(),
    ...     kr.losses.AsymmetricGCE(a=6, q=1.5),
    ...     alpha=1.0,
    ...     beta=4.0,
    ... )
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    3.3971

    Reference: Ma et al., "Normalized Loss Functions for Deep Learning with
    Noisy Labels", ICML 2020; with asymmetric losses: Zhou et al., ICML 2021.
    """

    parameters = ("active", "passive", "alpha", "beta")

    def __init__(
        self,
        active,
        passive,
        alpha=1.0,
        beta=1.0,
        from_logits=None,
        axis=None,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="active_passive",
        dtype=None,
        multi_label=None,
    ):
        super().__init__(
            [active, passive],
            [
                arguments.number("alpha", alpha, at_least=0),
                arguments.number("beta", beta, at_least=0),
            ],
            from_logits,
            axis,
            ignore_class,
            reduction,
            name,
            dtype,
            multi_label,
        )

    active = property(lambda self: self.losses[0])
    passive = property(lambda self: self.losses[1])
    alpha = property(lambda self: self.weights[0])
    beta = property(lambda self: self.weights[1])

    def get_config(self):
        config = super().get_config()
        active, passive = config.pop("losses")
        config.update(active=active, passive=passive)
        return config


def weighted(terms):
    """The sum of `(weight, loss)` pairs: sums inside sums are flattened.

    It reduces as the losses do, which must agree on that.
    """
    composed.check_agreement("reduction", None, [loss for _, loss in terms])
    reduction = terms[0][1].reduction
    flat = []
    for weight, loss in terms:
        if isinstance(weight, Schedule):
            flat.append((weight, loss))
            continue
        weight = arguments.number("weight", weight, at_least=0)
        # The sums with a name may have more to them than their parts.
        plain = type(loss) in (WeightedSum, ActivePassive)
        if plain and not loss.moves and loss._given_dtype is None:
            inner = zip(loss.weights, loss.losses, strict=True)
            flat += [(weight * w, part) for w, part in inner]
        else:
            flat.append((weight, loss))
    weights, losses = zip(*flat, strict=True)
    if len(losses) == 2:
        return ActivePassive(*losses, *weights, reduction=reduction)
    return WeightedSum(list(losses), list(weights), reduction=reduction)
