"""GradientClipping: a loss whose pull on far samples is clipped."""

from keras import ops

from keras_robust.losses import arguments
from keras_robust.losses import stage
from keras_robust.losses.base import register
from keras_robust.losses.composed import Wrapper
from keras_robust.losses.cross_entropy import CrossEntropy
from keras_robust.losses.focal_loss import Focal
from keras_robust.losses.generalized import GeneralizedCrossEntropy
from keras_robust.losses.probability import Probability
from keras_robust.losses.scalars import is_number

_BASES = (CrossEntropy, Focal, GeneralizedCrossEntropy)


@register
class GradientClipping(Wrapper):
    """A loss whose slope in `p` is clipped where `p` is small.

    Formula: `l(p)` where `p > t`, else `l(t) + |l'(t)| (t - p)`, `t` the
    threshold.

    Wrong labels are far from what a network says of them, and cross-entropy
    pulls the harder the farther a sample is; clipped, none pulls harder than
    one with `p = t`. Around `CrossEntropy` it is
    `PHuberCrossEntropy(tau=1 / t)`. The best threshold moves while a network
    learns: `keras_robust.callbacks.OptimizedGradientClipping` finds it during
    `fit` (optimized gradient clipping, OGC), if none is given here. Without
    that callback such a loss raises as soon as it is trained; outside of
    training, in `val_loss` too, it is the loss it is around.

    The authors' code has `1 + l(t) - |l'(t)| p` below the threshold, which
    jumps by `1 - |l'(t)| t` at it, but for cross-entropy, where that is 0;
    the gradient is the same.

    Args:
        loss: `CrossEntropy()`, `Focal(gamma)` or
            `GeneralizedCrossEntropy(q)`.
        threshold: Above 0, below 1. Defaults to `None`: told by the callback.
        from_logits, axis, ignore_class, multi_label: `None` takes the wrapped
            loss's own; anything else must agree with it.
        reduction, name, dtype: As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range, another loss, or shapes that
            do not fit; in training, for no threshold.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.GradientClipping(
    ...     kr.losses.CrossEntropy(), threshold=0.5
    ... )
    >>> probs = np.array([[0.5, 0.5], [0.9, 0.1]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    1.0931

    Reference: Ye et al., "Optimized Gradient Clipping for Noisy Label
    Learning", AAAI 2025 (arXiv 2412.08941).
    """

    parameters = ("loss", "threshold")
    alias = "ogc"
    noise = "symmetric and asymmetric, with its callback"
    paper = "Ye et al., AAAI 2025"

    def __init__(
        self,
        loss,
        threshold=None,
        from_logits=None,
        axis=None,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="gradient_clipping",
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
        if threshold is not None:
            threshold = arguments.number(
                "threshold", threshold, above=0, below=1
            )
        self.threshold = threshold
        _check_base(self.loss)

    def formula(self, labelled):
        threshold = self.threshold
        if threshold is None:
            threshold = stage.clipped_at()
        if threshold is None:
            return _not_trained(self)(self.loss.formula(labelled))

        def pointwise(p):
            return self._clipped(p, threshold)

        def slope(p):
            t = _as(threshold, p.p)
            steepest = _pull(self.loss, Probability(p=t)) / t
            return -ops.where(p.p > t, _pull(self.loss, p), p.p * steepest)

        return labelled.expect(pointwise, slope)

    def _clipped(self, p, threshold):
        t = _as(threshold, p.p)
        at = Probability(p=t)
        line = self.loss.pointwise(at) + _pull(self.loss, at) * (1.0 - p.p / t)
        return ops.where(p.p > t, self.loss.pointwise(p), line)


def _as(threshold, p):
    """The threshold in the dtype of `p`."""
    if is_number(threshold):
        return ops.convert_to_tensor(threshold, dtype=p.dtype)
    return ops.cast(threshold, p.dtype)


def _pull(loss, p):
    """`-dl / d log p`, at least 0."""
    return ops.ones_like(p.p) if loss.slope is None else -loss.slope(p)


def _check_base(loss):
    plain = isinstance(loss, _BASES) and loss.pointwise is not None
    if not plain or getattr(loss, "stop_gradient", False):
        raise ValueError(
            "GradientClipping is around CrossEntropy() without smoothing, "
            "Focal(gamma) with its own gradient, or "
            "GeneralizedCrossEntropy(q): losses that pull the harder the "
            f"smaller `p` is. Received: loss={loss!r}"
        )


def _not_trained(loss):
    @ops.custom_gradient
    def only_forward(values):
        def grad(*args, upstream=None):
            raise ValueError(
                "GradientClipping has no threshold, and nothing tells it one: "
                "put keras_robust.callbacks.OptimizedGradientClipping() into "
                "`callbacks` of `fit`, or give it a fixed one, "
                "GradientClipping(loss, threshold=0.1). Received: "
                f"loss={loss!r}"
            )

        return values, grad

    return only_forward
