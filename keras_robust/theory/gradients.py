"""The gradient of a loss with respect to the logits."""

import keras
import numpy as np
from keras import ops

from keras_robust.theory.evaluation import takes_logits
from keras_robust.theory.native import double_precision
from keras_robust.theory.native import gradient


def logit_gradients(loss, labels, logits):
    """The gradient of each sample's loss, in float64 on the CPU.

    Args:
        loss: A `keras.losses.Loss` or a function of `(y_true, y_pred)`.
            Without `from_logits=True` it is given the softmax.
        labels: Class numbers, `(N,)`.
        logits: Float64 `(N, K)`.

    Returns:
        Float64 `(N, K)`.

    Raises:
        ValueError: If the loss fails with one-hot labels and with integers.
    """
    is_loss = isinstance(loss, keras.losses.Loss)
    function = loss.call if is_loss else loss
    as_probabilities = not takes_logits(loss)
    complaints = []
    for y_true in (np.eye(logits.shape[1])[labels], labels.astype("int32")):

        def total(z, y_true=y_true):
            y_pred = ops.softmax(z) if as_probabilities else z
            values = function(ops.convert_to_tensor(y_true), y_pred)
            shape = tuple(ops.shape(values))
            if shape != labels.shape:
                raise ValueError(
                    f"it returns shape {shape} where one value per sample, "
                    f"{labels.shape}, is needed"
                )
            return ops.sum(values)

        with double_precision():
            try:
                return gradient(total, logits)
            except Exception as error:  # a loss may fail in any way it likes
                reason = (str(error).strip() or repr(error)).splitlines()[0]
                complaints.append(f"{type(error).__name__}: {reason}")
    raise ValueError(
        "The gradient of the loss cannot be taken. With one-hot labels: "
        f"{complaints[0]}; with integers: {complaints[1]}. "
        f"Received: loss={loss!r}"
    )
