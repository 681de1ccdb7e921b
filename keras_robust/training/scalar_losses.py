"""Losses that give one number for a batch: weights of samples miss them."""

import keras
import numpy as np
from keras import ops

from keras_robust.losses import RobustLoss

_SAMPLES = 5


def is_scalar(loss, num_classes):
    """Whether a loss gives one number where others give one a sample.

    It is asked for some made labels, once as class numbers and once as rows.

    Args:
        loss: A loss as Keras resolves it, an instance or a function.
        num_classes: The number of classes, `None` if not known.
    """
    if isinstance(loss, RobustLoss):
        return False
    classes = num_classes or 3
    rows = np.eye(classes, dtype="float32")[np.arange(_SAMPLES) % classes]
    outputs = np.full(rows.shape, 1.0 / classes, "float32")
    value = loss.call if isinstance(loss, keras.losses.Loss) else loss
    for labels in (rows.argmax(axis=1), rows):
        try:
            found = value(*map(ops.convert_to_tensor, (labels, outputs)))
        except Exception:
            # Of the other form, or of other outputs: not known.
            continue
        return len(found.shape) == 0
    return False


def refuse(name, losses, num_classes):
    """Raises for a loss whose samples cannot be weighed.

    Args:
        name: Who weighs them.
        losses: Losses as Keras resolves them.
        num_classes: The number of classes, `None` if not known.
    """
    for loss in losses:
        if is_scalar(loss, num_classes):
            said = getattr(loss, "__name__", type(loss).__name__)
            raise ValueError(
                f"{name} weighs samples one by one, and the compiled loss "
                "gives one number for a batch, which no weights reach: let it "
                f"return a value for each sample. Received: loss={said}"
            )
