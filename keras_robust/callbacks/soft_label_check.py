"""Whether a compiled loss can be told soft labels: asked before training."""

import keras
import numpy as np

from keras_robust.losses import RobustLoss
from keras_robust.training import head


def check_takes_soft_labels(name, model, output, classes, from_logits):
    """Raises unless the compiled loss takes soft labels.

    It is asked for the value of a few labels, as class numbers and as one-hot
    rows, which must be the same where it takes both, and of soft ones.

    Args:
        name: The callback that asks.
        model: A compiled model.
        output: Which of several outputs.
        classes: The number of classes.
        from_logits: Whether the model gives logits.
    """
    loss = head.compiled_loss(model, output)
    if isinstance(loss, RobustLoss):
        _check_options(name, loss)
    # Not as many as classes: what is broadcast must not look right.
    count = 4 if classes == 5 else 5
    rows = np.eye(classes, dtype="float32")[np.arange(count) % classes]
    soft = 0.8 * rows + np.float32(0.2 / classes)
    outputs = np.random.default_rng(0).uniform(0.5, 1.5, rows.shape)
    outputs = (outputs / outputs.sum(1, keepdims=True)).astype("float32")
    numbers = rows.argmax(axis=1)
    if head.num_outputs(model, output) == 1:
        # The probability of class 1; class numbers are one-hot labels there.
        rows, soft, outputs = (part[:, 1:] for part in (rows, soft, outputs))
        numbers = rows
    if from_logits:
        outputs = np.log(outputs)
    try:
        of_rows = _values(loss, rows, outputs)
        of_soft = _values(loss, soft, outputs)
    except Exception as error:
        raise _refused(name, loss) from error
    alike = all(
        _takes_alike(loss, numbers.astype(dtype), of_rows, outputs)
        for dtype in ("int32", "float32")
    )
    if not alike or not np.isfinite(of_soft).all():
        raise _refused(name, loss)


def _takes_alike(loss, numbers, expected, outputs):
    """Whether class numbers have the value of one-hot rows, or none."""
    try:
        found = _values(loss, numbers, outputs)
    except Exception:
        # It takes rows only, as Keras's categorical losses do.
        return True
    same = np.shape(found) == np.shape(expected)
    return same and np.allclose(found, expected, rtol=1e-3, atol=1e-5)


def _check_options(name, loss):
    given = f"ignore_class={loss.ignore_class}, multi_label={loss.multi_label}"
    if loss.ignore_class is not None or loss.multi_label:
        raise ValueError(
            f"{name} tells the loss a distribution over the classes instead "
            "of the label, which can have no class to ignore, nor several "
            f"right ones. Received: loss={loss!r} with {given}"
        )


def _values(loss, labels, outputs):
    labels, outputs = map(keras.ops.convert_to_tensor, (labels, outputs))
    return keras.ops.convert_to_numpy(loss(labels, outputs))


def _refused(name, loss):
    said = getattr(loss, "__name__", type(loss).__name__)
    return ValueError(
        f"{name} tells the loss a distribution over the classes instead of "
        "the label, and the compiled loss does not take one: compile the "
        "model with a loss of keras_robust, such as CrossEntropy(), which "
        "takes class numbers and soft labels alike, or with "
        "keras.losses.CategoricalCrossentropy() and one-hot labels. "
        f"Received: loss={said}"
    )
