"""How the compiled loss reads labels and outputs, to rank samples by."""

from types import SimpleNamespace

import keras
from keras import ops

from keras_robust.losses.base import cross_entropy_values
from keras_robust.losses.labelled import Labelled
from keras_robust.models import networks
from keras_robust.training import head
from keras_robust.training import scalar_losses

# With several outputs they take a yes or no for each.
_BINARY = (
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "binary_crossentropy",
    "binary_focal_crossentropy",
)


class Reading:
    """What the compiled loss of a model says of its outputs.

    Args:
        model: A compiled `CoTeaching`.

    Attributes:
        totals: Whether the loss adds up samples where others take the mean.

    Raises:
        ValueError: For a loss that does not weigh single samples, or that
            does not fit the last layers.
    """

    def __init__(self, model):
        loss = model.loss
        if isinstance(loss, (list, tuple)) and len(loss) != 1:
            raise ValueError(
                "CoTeaching has one output, and takes one loss. Received: "
                f"loss={loss!r}"
            )
        compiled = head.compiled_loss(model)
        _check(compiled, head.loss_name(model), networks.outputs_of(model))
        classes = networks.outputs_of(model)
        classes = classes[0].shape[-1] if classes else None
        scalar_losses.refuse("CoTeaching", [compiled], classes)
        self.totals = getattr(compiled, "reduction", None) == "sum"
        self._axis = head.class_axis(model)
        self._from_logits = model.from_logits
        if self._from_logits is None:
            self._from_logits = head.reads_logits(model)
        if self._from_logits is None:
            raise ValueError(
                "It cannot be told from the compiled loss whether the "
                "networks give logits or probabilities: say so with "
                f"CoTeaching(from_logits=...). Received: loss={loss!r}"
            )
        for network in (model.model_a, model.model_b):
            outputs = networks.outputs_of(network)
            head.check(SimpleNamespace(loss=loss, outputs=outputs))

    def cross_entropy(self, y, y_pred):
        """Cross-entropy `(B,)` of a batch, without gradient."""
        (y,) = keras.tree.flatten(y)
        y_pred = ops.stop_gradient(y_pred)
        labelled = Labelled(y, y_pred, self._from_logits, self._axis, None)
        return ops.stop_gradient(cross_entropy_values(labelled))


def _check(loss, name, outputs):
    if getattr(loss, "reduction", "sum") in (None, "none"):
        raise ValueError(
            "The compiled loss must give one number for a batch: leave its "
            f"`reduction` as it is. Received: {name}(reduction=None)"
        )
    if getattr(loss, "ignore_class", None) is not None:
        raise ValueError(
            "CoTeaching selects from all samples of a batch. Leave those of "
            "the ignored class out of the data. Received: "
            f"{name}(ignore_class={loss.ignore_class})"
        )
    several = not outputs or outputs[0].shape[-1] != 1
    if getattr(loss, "multi_label", False) or (several and name in _BINARY):
        raise ValueError(
            "CoTeaching ranks samples by the cross-entropy of one label "
            "each, and the compiled loss takes a yes or no for every class. "
            f"Received: loss {name}"
        )
    if getattr(loss, "batch_term", False):
        raise ValueError(
            "The compiled loss has a term of the whole batch, which would "
            "train a network on samples that its peer did not select. "
            f"Received: loss={loss!r}"
        )
