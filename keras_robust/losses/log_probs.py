"""Log-probabilities from logits: the one backend-dependent file of this room.

TensorFlow and PyTorch have a fused kernel for the log-probability of a label;
JAX's sparse cross-entropy multiplies by a one-hot matrix, so a gather is
faster there. A label outside `[0, num_classes)` must never give another
class's value: TensorFlow and PyTorch raise, JAX cannot and gives NaN.
"""

import keras
from keras import ops

# PyTorch ignores the label -100 unless told another one; no label is this low.
_NEVER = -(2**62)


def _jax(labels, logits):
    shifted = logits - ops.stop_gradient(
        ops.max(logits, axis=-1, keepdims=True)
    )
    chosen = _at_label(labels, shifted)
    return chosen - ops.log(ops.sum(ops.exp(shifted), axis=-1))


def _tensorflow(labels, logits):
    return -ops.sparse_categorical_crossentropy(
        labels, logits, from_logits=True
    )


def _torch(labels, logits):
    from torch.nn import functional

    if logits.ndim > 2:
        logits = logits.movedim(-1, 1)
    return -functional.cross_entropy(
        logits, labels, reduction="none", ignore_index=_NEVER
    )


def _compiled_whole_numbers(labels):
    whole = ops.cast(labels, "int32")
    if keras.backend.is_float_dtype(labels.dtype):
        whole = ops.where(ops.equal(whole, labels), whole, -1)
    return whole


def _torch_whole_numbers(labels):
    # PyTorch's own operations: this runs uncompiled, and through keras.ops it
    # would cost a tenth of a whole cross-entropy at (256, 1000). Its losses
    # take int64 labels.
    import torch

    whole = labels.long()
    if labels.is_floating_point():
        whole = torch.where(whole == labels, whole, -1)
    return whole


_LOG_PROB = {"jax": _jax, "tensorflow": _tensorflow, "torch": _torch}
_WHOLE_NUMBERS = {"torch": _torch_whole_numbers}


def whole_numbers(labels):
    """Returns labels as integers; what is no whole number becomes -1."""
    backend = keras.backend.backend()
    return _WHOLE_NUMBERS.get(backend, _compiled_whole_numbers)(labels)


def log_prob_of_label(labels, logits):
    """Returns `log softmax(logits)[label]` along the last axis.

    Args:
        labels: Integer tensor, shape `(...)`.
        logits: Float tensor, shape `(..., num_classes)`.

    Returns:
        Tensor of shape `(...)`, natural logarithm.
    """
    return _LOG_PROB[keras.backend.backend()](labels, logits)


def log_probs(logits):
    """Returns `log softmax(logits)` along the last axis."""
    return ops.log_softmax(logits, axis=-1)


def prob_of_label(labels, probs):
    """Returns `probs[label]` along the last axis, NaN for a bad label."""
    return _at_label(labels, probs)


def _at_label(labels, values):
    valid = (labels >= 0) & (labels < values.shape[-1])
    index = ops.expand_dims(ops.where(valid, labels, 0), axis=-1)
    chosen = ops.squeeze(ops.take_along_axis(values, index, axis=-1), axis=-1)
    return ops.where(valid, chosen, float("nan"))
