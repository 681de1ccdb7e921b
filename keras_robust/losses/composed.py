"""Losses made of losses: what sums and wrappers share."""

import keras

from keras_robust.losses.base import RobustLoss

# What the parts of a loss must agree on, because they share one reading of
# the labels.
SHARED = ("from_logits", "axis", "ignore_class", "multi_label")


def robust(loss):
    """Returns a robust loss, made from its config if need be; or raises."""
    if isinstance(loss, dict):
        loss = keras.saving.deserialize_keras_object(loss)
    if not isinstance(loss, RobustLoss):
        raise ValueError(
            "Only robust losses can be added up or wrapped, because they share "
            "one way to read labels. Take the loss of `keras_robust.losses` "
            "instead, by name with `keras_robust.losses.get(name)`. "
            f"Received: {loss!r}"
        )
    return loss


def shared_options(losses, dtype=None, **asked):
    """Returns the options the losses agree on, for `RobustLoss.__init__`.

    Args:
        losses: Robust losses.
        dtype: The dtype asked for; `None` becomes float64 if a loss has that.
        **asked: What was asked of the whole; `None` takes the losses' own.

    Raises:
        ValueError: If they disagree.
    """
    for option in SHARED:
        check_agreement(option, asked.get(option), losses)
    if dtype is None and any(loss.dtype == "float64" for loss in losses):
        dtype = "float64"
    options = {option: getattr(losses[0], option) for option in SHARED}
    return {**options, "dtype": dtype}


def check_agreement(option, asked, losses):
    """Raises if the losses, or what was asked of the whole, differ."""
    found = [getattr(loss, option) for loss in losses]
    if asked is not None:
        found = [asked, *found]
    if any(value != found[0] for value in found):
        raise ValueError(
            f"The losses of a sum or wrapper must agree on `{option}`: give "
            f"every one of them the same. Received: {option}={found}"
        )


class Wrapper(RobustLoss):
    """A robust loss around another, its first argument `loss`.

    A subclass lists `"loss"` first in `parameters` and gives `formula`, which
    calls `self.loss.formula` with what it makes of the labelled predictions.
    The wrapped loss's name and reduction play no part.

    Args:
        loss: The robust loss to wrap.
        from_logits, axis, ignore_class, multi_label: `None` takes the wrapped
            loss's own; anything else must agree with it.
        reduction, name, dtype: As in `RobustLoss`.
    """

    parameters = ("loss",)

    def __init__(
        self,
        loss,
        from_logits=None,
        axis=None,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name=None,
        dtype=None,
        multi_label=None,
    ):
        loss = robust(loss)
        options = shared_options(
            [loss],
            dtype,
            from_logits=from_logits,
            axis=axis,
            ignore_class=ignore_class,
            multi_label=multi_label,
        )
        super().__init__(reduction=reduction, name=name, **options)
        self.loss = loss
        self.batch_term = loss.batch_term

    def get_config(self):
        config = super().get_config()
        config["loss"] = keras.saving.serialize_keras_object(self.loss)
        return config
