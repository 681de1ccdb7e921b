"""Losses of a moved margin: the fixes of the curriculum paper.

`D = z_y - log(sum_{k != y} exp(z_k))` is how far the given class leads, and
`p_y = sigmoid(D)`. The gradient of a loss `l(p_y)` is `-w(D) dD`: a weight of
the sample that depends on `D` alone. With many classes a fresh model has `D`
near `-log(K)`, where the weight of a bounded loss is almost 0, so it underfits.
"""

import math

from keras_robust.losses import arguments
from keras_robust.losses.base import register
from keras_robust.losses.composed import Wrapper
from keras_robust.losses.margins import from_margins
from keras_robust.losses.margins import margins


def initial_margin(num_classes):
    """The mean of `D` for logits of a standard normal, as in the paper.

    The paper's approximation is for many classes; for two the mean is 0.
    """
    others = num_classes - 1.0
    if others < 2.0:
        return 0.0
    return -math.log(others) - 0.5 + (math.e - 1.0) / (2.0 * others)


class _Margin(Wrapper):
    """A loss of `p_y` alone whose margin is moved."""

    def _check_pointwise(self):
        if self.loss.pointwise is None:
            raise ValueError(
                f"{type(self).__name__} needs a loss that depends on the given "
                "class's probability only, such as AsymmetricGCE or a sum of "
                f"such losses. Received: loss={self.loss!r}"
            )

    def _at(self, labelled, margin):
        values = self.loss.pointwise(from_margins(margin))
        return values if labelled.labels is not None else labelled.mean(values)


@register
class MarginShift(_Margin):
    """A loss with its margin shifted, so that a fresh model can learn.

    Formula: `L = l(sigmoid(D + shift))` with
    `D = z_y - log(sum_{k != y} exp(z_k))`.

    For a robust loss that underfits with many classes. The paper gives every
    sample the weight `w(D + shift)`, `w` the loss's own as a function of the
    margin, and writes that as `-stop_gradient(w(D + shift)) D`. The gradient
    of `l(sigmoid(D + shift))` is exactly that, `-w(D + shift) dD`, and its
    value still compares epochs.

    Args:
        loss: A robust loss of the given class's probability alone, or a sum of
            such losses.
        target: The mean margin a fresh model seems to have is `-target`.
            Defaults to `2.6`, the paper's for mean absolute error
            (`GeneralizedCrossEntropy(q=1)`); it takes 4.5 for `AsymmetricGCE`.
        shift: The shift itself. Defaults to `None`: `-E[D] - target`, where
            `E[D] = -log(K-1) - 1/2 + (e-1)/(2(K-1))` for standard normal
            logits of `K` classes (0 for two).
        from_logits, axis, ignore_class, multi_label: `None` takes the wrapped
            loss's own; anything else must agree with it.
        reduction, name, dtype: As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range, a loss of more than the given
            class's probability, or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> mae = kr.losses.GeneralizedCrossEntropy(q=1)
    >>> loss = kr.losses.MarginShift(mae, shift=2)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.067

    Reference: Ou and Zhang, "A Curriculum Perspective of Robust Loss
    Functions", equation 12.
    """

    parameters = ("loss", "target", "shift")
    alias = "shift"
    noise = "many classes, around a bounded loss"
    paper = "Ou and Zhang, curriculum"

    def __init__(
        self,
        loss,
        target=2.6,
        shift=None,
        from_logits=None,
        axis=None,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="margin_shift",
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
        self.target = arguments.number("target", target, at_least=0)
        if shift is not None:
            shift = arguments.number("shift", shift)
        self.shift = shift
        self._check_pointwise()

    def formula(self, labelled):
        shift = self.shift
        if shift is None:
            shift = -initial_margin(labelled.num_classes) - self.target
        return self._at(labelled, margins(labelled) + shift)


@register
class MarginRescale(_Margin):
    """A loss with its margin rescaled, so that a fresh model can learn.

    Formula: `L = l(sigmoid(scale D)) / scale` with
    `D = z_y - log(sum_{k != y} exp(z_k))`.

    For what `MarginShift` is for; unlike it, it leaves `D = 0`, where the
    model is undecided, in its place. The paper gives every sample the weight
    `w(scale D)` and writes that as `-stop_gradient(w(scale D)) D`. The
    gradient of the formula here is exactly that, `-w(scale D) dD`, and its
    value still compares epochs.

    Args:
        loss: A robust loss of the given class's probability alone, or a sum of
            such losses.
        target: The mean margin a fresh model seems to have is `-target`, above
            0. Defaults to `2.6`, the paper's for mean absolute error
            (`GeneralizedCrossEntropy(q=1)`); it takes 4.5 for `AsymmetricGCE`.
        scale: The scale itself, above 0. Defaults to `None`:
            `target / |E[D]|`, with `E[D]` as in `MarginShift`. Two classes,
            with `E[D] = 0`, need it.
        from_logits, axis, ignore_class, multi_label: `None` takes the wrapped
            loss's own; anything else must agree with it.
        reduction, name, dtype: As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range, a loss of more than the given
            class's probability, two classes without `scale`, or shapes that do
            not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> mae = kr.losses.GeneralizedCrossEntropy(q=1)
    >>> loss = kr.losses.MarginRescale(mae, scale=0.5)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.75

    Reference: Ou and Zhang, "A Curriculum Perspective of Robust Loss
    Functions", equation 13.
    """

    parameters = ("loss", "target", "scale")
    alias = "rescale"
    noise = "many classes, around a bounded loss"
    paper = "Ou and Zhang, curriculum"

    def __init__(
        self,
        loss,
        target=2.6,
        scale=None,
        from_logits=None,
        axis=None,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="margin_rescale",
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
        self.target = arguments.number("target", target, above=0)
        if scale is not None:
            scale = arguments.number("scale", scale, above=0)
        self.scale = scale
        self._check_pointwise()

    def formula(self, labelled):
        scale = self.scale
        if scale is None:
            start = initial_margin(labelled.num_classes)
            if start == 0.0:
                raise ValueError(
                    "With two classes a fresh model's mean margin is 0, which "
                    "no scale moves: give `scale`. Received: scale=None"
                )
            scale = self.target / abs(start)
        return self._at(labelled, margins(labelled) * scale) * (1.0 / scale)
