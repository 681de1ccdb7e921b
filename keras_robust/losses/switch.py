"""SwitchLoss: one loss first, another one then."""

import keras
from keras import ops

from keras_robust.losses import arguments
from keras_robust.losses import composed
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.base import register
from keras_robust.losses.scalars import known
from keras_robust.losses.schedules import Delayed


class _Switched(RobustLoss):
    """`(1 - done) first + done then`, `done` 0 or 1 and nothing between."""

    parameters = ("first", "then", "done")

    def __init__(self, first, then, done, **options):
        first, then = composed.robust(first), composed.robust(then)
        own = {k: options.pop(k) for k in ("reduction", "name")}
        dtype = options.pop("dtype")
        shared = composed.shared_options([first, then], dtype, **options)
        super().__init__(**own, **shared)
        self.first = first
        self.then = then
        self.done = done
        self.batch_term = first.batch_term or then.batch_term
        self.logits_only = first.logits_only or then.logits_only

    def formula(self, labelled):
        only = self.simplified()
        if only is not self:
            return only.formula(labelled.again(only.totals()))
        # Each branch for itself: what one branch of a compiled conditional
        # computes must not leak into the other.
        return ops.cond(
            self.done > 0.5,
            lambda: self.then.formula(labelled.again(self.then.totals())),
            lambda: self.first.formula(labelled.again(self.first.totals())),
        )

    def simplified(self):
        if known(self.done, 0):
            return self.first.simplified()
        return self.then.simplified() if known(self.done, 1) else self


@register
class SwitchLoss(_Switched):
    """One loss for some epochs, then another.

    Formula: `first` at epochs below `at_epoch`, `then` from there on.

    For losses that need a start from cross-entropy, where the switch is part
    of what is compiled and saved; `keras_robust.callbacks.CrossEntropyWarmUp`
    is the same as a callback. The switch happens inside the compiled step,
    with the same optimizer state. It needs a callback that says what epoch it
    is (`keras_robust.callbacks.LossSchedules`); outside of training it is
    `then`.

    Args:
        first: A robust loss.
        then: A robust loss that agrees with it on `from_logits`, `axis`,
            `ignore_class` and `multi_label`. Names and reductions of the two
            play no part.
        at_epoch: The first epoch of `then`, counted from 0; at least 0.
        from_logits, axis, ignore_class, multi_label: `None` takes the losses'
            own; anything else must agree with them.
        reduction, name, dtype: As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: If the losses disagree, or for a parameter out of range.

    Example:

    >>> import keras_robust as kr
    >>> loss = kr.losses.SwitchLoss(
    ...     kr.losses.CrossEntropy(), kr.losses.Blurry(0.5), at_epoch=4
    ... )
    >>> loss.at(epoch=3), loss.at(epoch=4)
    (CrossEntropy(label_smoothing=0.0), Blurry(gamma=0.5, stop_gradient=True))

    Reference: the delay of Pellegrino et al., arXiv 2511.16512, 2025.
    """

    parameters = ("first", "then", "at_epoch")
    alias = "switch"
    noise = "as the second loss"
    paper = "Pellegrino et al., 2025"

    def __init__(
        self,
        first,
        then,
        at_epoch,
        from_logits=None,
        axis=None,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="switch_loss",
        dtype=None,
        multi_label=None,
    ):
        at_epoch = arguments.integer("at_epoch", at_epoch, at_least=0)
        for part, loss in (("first", first), ("then", then)):
            if not isinstance(loss, RobustLoss):
                raise ValueError(
                    "`SwitchLoss` goes from one robust loss to another: in "
                    "place of Keras's cross-entropy take CrossEntropy(), of "
                    f"the others what `losses.get` has. Received: {part}="
                    f"{loss!r}"
                )
        super().__init__(
            first,
            then,
            Delayed(1.0, start_epoch=at_epoch),
            from_logits=from_logits,
            axis=axis,
            ignore_class=ignore_class,
            reduction=reduction,
            name=name,
            dtype=dtype,
            multi_label=multi_label,
        )
        self.at_epoch = at_epoch

    def get_config(self):
        config = super().get_config()
        for part in ("first", "then"):
            config[part] = keras.saving.serialize_keras_object(config[part])
        return config
