"""Losses of logits that were changed first: clipped, normalised."""

from keras import ops

from keras_robust.losses import arguments
from keras_robust.losses.base import register
from keras_robust.losses.composed import Wrapper
from keras_robust.losses.elementwise import at_least
from keras_robust.losses.total import power


@register
class LogitClip(Wrapper):
    """Logit clipping (LogitClip): bounds a loss by bounding the logits' norm.

    Formula: `L = loss(c)` with `c = z delta / ||z||` where `||z|| > tau`, else
    `c = z`.

    For any noise, around an unbounded loss such as cross-entropy: for `K`
    classes and `delta=tau` that is then at most
    `log(1 + (K - 1) exp(sqrt(2) tau))`. Predictions for use come from the
    logits as they are; only the loss sees clipped ones.

    With `delta=None` the norm after clipping is `tau`, the paper's form, which
    is continuous. The authors' code with its option `temp` has `tau=temp` and
    `delta=1 / temp`: it jumps where the norm is `temp`, unless that is 1.

    Args:
        loss: A robust loss with `from_logits=True`.
        tau: Norm above which logits are clipped, above 0. Defaults to `1.5`,
            the `temp` of the authors' CIFAR-10 example.
        delta: Norm after clipping, above 0. Defaults to `None`: `tau`.
        from_logits, axis, ignore_class, multi_label: `None` takes the wrapped
            loss's own; anything else must agree with it.
        reduction, name, dtype: As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range, without `from_logits=True`,
            or for shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.LogitClip(kr.losses.CrossEntropy(from_logits=True))
    >>> logits = np.array([[30.0, -40.0], [0.6, 0.8]])
    >>> round(float(loss(np.array([1, 1]), logits)), 4)
    1.4068

    Reference: Wei et al., "Mitigating Memorization of Noisy Labels by Clipping
    the Model Prediction", ICML 2023.
    """

    parameters = ("loss", "tau", "delta")
    alias = "clip"
    noise = "any, around an unbounded loss"
    paper = "Wei et al., ICML 2023"
    logits_only = True

    def __init__(
        self,
        loss,
        tau=1.5,
        delta=None,
        from_logits=None,
        axis=None,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="logit_clip",
        dtype=None,
        multi_label=None,
    ):
        super().__init__(
            loss,
            from_logits,
            axis,
            ignore_class,
            reduction,
            name,
            dtype,
            multi_label,
        )
        self.tau = arguments.number("tau", tau, above=0)
        if delta is not None:
            delta = arguments.number("delta", delta, above=0)
        self.delta = delta

    def formula(self, labelled):
        logits = labelled.logits
        squared = _squared_norm(logits)
        clipped = squared > self.tau**2
        # A norm of 0 has no slope, not even one that is multiplied by 0.
        norm = ops.sqrt(ops.where(clipped, squared, ops.ones_like(squared)))
        norm_after = self.tau if self.delta is None else self.delta
        factor = ops.where(clipped, norm_after / norm, ops.ones_like(norm))
        return self.loss.formula(
            labelled.with_logits(logits * factor, self.loss.totals())
        )


@register
class SparseRegularized(Wrapper):
    """Sparse regularisation (SR): a loss that sharp predictions minimise.

    Formula: `L = loss(c) + lam * sum_k softmax(c)_k^p` with
    `c = z / (tau ||z||)`.

    For any noise with the true class leading: where every prediction is nearly
    one-hot, any loss is nearly symmetric. The norm keeps cross-entropy from
    growing without bound, the penalty and the temperature `tau` make
    predictions sharp. The authors raise `lam` during training, by 3 % an epoch
    on CIFAR-10: see `recipes.sparse_regularized`. They clip the penalty's
    probabilities at 1e-7, nothing is clipped here. As in their code a norm
    below 1e-12 counts as that, so logits that are all 0 have a gradient of
    1e12: do not start the last layer from zeros.

    Args:
        loss: A robust loss with `from_logits=True`.
        tau: Temperature, above 0. Defaults to `0.5`, as the other defaults
            the one published for CIFAR-10.
        p: Power of the penalty, above 0 and at most 1. Defaults to `0.1`.
        lam: Weight of the penalty, at least 0. Defaults to `1.2`.
        normalize: Whether logits are divided by their norm, which the authors
            leave out on MNIST (with `tau=0.1`, `lam=4`). Defaults to `True`.
        from_logits, axis, ignore_class, multi_label: `None` takes the wrapped
            loss's own; anything else must agree with it.
        reduction, name, dtype: As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. The penalty lies in `[lam, lam K^(1-p)]`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range, without `from_logits=True`,
            or for shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> base = kr.losses.CrossEntropy(from_logits=True)
    >>> loss = kr.losses.SparseRegularized(base, tau=0.5, p=0.1, lam=1.2)
    >>> logits = np.array([[3.0, -4.0], [0.6, 0.8]])
    >>> round(float(loss(np.array([0, 1]), logits)), 4)
    2.4509

    Reference: Zhou et al., "Learning with Noisy Labels via Sparse
    Regularization", ICCV 2021.
    """

    parameters = ("loss", "tau", "p", "lam", "normalize")
    alias = "sr"
    noise = "any with the true class leading"
    paper = "Zhou et al., ICCV 2021"
    logits_only = True

    def __init__(
        self,
        loss,
        tau=0.5,
        p=0.1,
        lam=1.2,
        normalize=True,
        from_logits=None,
        axis=None,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="sparse_regularized",
        dtype=None,
        multi_label=None,
    ):
        super().__init__(
            loss,
            from_logits,
            axis,
            ignore_class,
            reduction,
            name,
            dtype,
            multi_label,
        )
        self.tau = arguments.number("tau", tau, above=0)
        self.p = arguments.number("p", p, above=0, at_most=1)
        self.lam = arguments.number("lam", lam, at_least=0)
        self.normalize = arguments.flag("normalize", normalize)
        self._power = power(self.p)

    def formula(self, labelled):
        logits = labelled.logits
        if self.normalize:
            # Logits of 0 have no direction; the floor keeps them finite.
            floored = at_least(_squared_norm(logits), 1e-24)
            logits = logits / ops.sqrt(floored)
        totals = tuple(dict.fromkeys((*self.loss.totals(), self._power)))
        scaled = labelled.with_logits(logits * (1.0 / self.tau), totals)
        penalty = scaled.total(self._power)
        return self.loss.formula(scaled) + self.lam * penalty


def _squared_norm(logits):
    return ops.sum(logits * logits, axis=-1, keepdims=True)
