"""From logits to log-probabilities: where the backends part in this room
(and, for functions of a single number, in `elementwise`).

Robust losses are functions of the given class's log-probability and of sums
over all classes. Where nothing is compiled, automatic differentiation walks
the `(B, K)` array several times more often than is needed, so PyTorch
(`torch_kernels`) and TensorFlow get a gradient written for them; on JAX XLA
fuses the plain formula.

A label outside `[0, num_classes)` must never give another class's value:
PyTorch raises, so does TensorFlow on a CPU, and elsewhere the value is NaN.
"""

import importlib

import keras
from keras import ops

from keras_robust.losses.probability import Probability
from keras_robust.losses.probability import at_label


def whole_numbers(labels):
    """Returns labels as integers; what is no whole number becomes -1."""
    return _KERNELS.whole_numbers(labels)


def log_probs(logits):
    """Returns `log softmax(logits)` along the last axis."""
    return ops.log_softmax(logits, axis=-1)


def given_and_totals(labels, logits, totals=()):
    """Log-probability of a label, and sums over all classes.

    Args:
        labels: Integer tensor, shape `(...)`.
        logits: Float tensor, shape `(..., num_classes)`.
        totals: Tuple of `Total`s.

    Returns:
        A sequence of tensors of shape `(...)`: `log softmax(logits)[label]`
        (natural logarithm), then the totals.
    """
    return _KERNELS.given_and_totals(labels, logits, totals)


def of_given(labels, logits, value, slope):
    """A function of the given class's `Probability`.

    Args:
        labels, logits: As of `given_and_totals`.
        value: From a `Probability` to a tensor of its shape.
        slope: Its derivative with respect to `log p`. Used on PyTorch, where a
            graph of many small operations costs as much as the softmax over
            1000 classes.

    Returns:
        Tensor of shape `(...)`.
    """
    return _KERNELS.of_given(labels, logits, value, slope)


def bi_tempered(labels, logits, t1, t2, num_iters, plain):
    """The bi-tempered loss of integer labels, `t2 > 1`.

    Args:
        labels, logits: As of `given_and_totals`.
        t1, t2, num_iters: As of `BiTemperedLogistic`.
        plain: The same as a function of labels and logits.

    Returns:
        Tensor of shape `(...)`.
    """
    return _KERNELS.bi_tempered(labels, logits, t1, t2, num_iters, plain)


class _Compiled:
    """The plain formula, for a compiler to fuse."""

    @classmethod
    def whole_numbers(cls, labels):
        if not keras.backend.is_float_dtype(labels.dtype):
            return labels
        whole = ops.cast(labels, "int32")
        return ops.where(ops.equal(whole, labels), whole, -1)

    @classmethod
    def given_and_totals(cls, labels, logits, totals):
        shifted = logits - ops.stop_gradient(
            ops.max(logits, axis=-1, keepdims=True)
        )
        log_sum = ops.log(ops.sum(ops.exp(shifted), axis=-1))
        # A gather; Keras's own cross-entropy multiplies by a one-hot matrix.
        found = [at_label(labels, shifted) - log_sum]
        if totals:
            p = Probability(log_p=shifted - ops.expand_dims(log_sum, -1))
            found += [ops.sum(total.value(p), axis=-1) for total in totals]
        return found

    @classmethod
    def of_given(cls, labels, logits, value, slope):
        log_p = cls.given_and_totals(labels, logits, ())[0]
        return value(Probability(log_p=log_p))

    @classmethod
    def bi_tempered(cls, labels, logits, t1, t2, num_iters, plain):
        return plain(labels, logits)


class _TensorFlow(_Compiled):
    @classmethod
    def given_and_totals(cls, labels, logits, totals):
        if not totals:
            fused = ops.sparse_categorical_crossentropy
            return [-fused(labels, logits, from_logits=True)]
        import tensorflow as tf

        @tf.custom_gradient
        def kernel(logits):
            log_p = tf.nn.log_softmax(logits)
            p = Probability(log_p=log_p)
            found = [at_label(labels, log_p)]
            found += [tf.reduce_sum(total.value(p), -1) for total in totals]

            def backward(*upstream):
                return _slopes(log_p, labels, totals, upstream)

            return found, backward

        return kernel(logits)


def _slopes(log_p, labels, totals, upstream):
    """The gradient with respect to the logits.

    With `h = dS/d(log p)` of what is summed up, `dS/dz = h - p sum(h)`.
    """
    p = Probability(log_p=log_p)
    of_given, constant = upstream[0], None
    dense, weight = None, of_given
    for total, g in zip(totals, upstream[1:], strict=True):
        h = total.slope(p)
        if isinstance(h, (int, float)):
            g = g * h
            weight = weight + g * log_p.shape[-1]
            constant = g if constant is None else constant + g
        else:
            h = h * ops.expand_dims(g, -1)
            weight = weight + ops.sum(h, axis=-1)
            dense = h if dense is None else dense + h
    slopes = p.p * ops.expand_dims(-weight, -1)
    if constant is not None:
        slopes = slopes + ops.expand_dims(constant, -1)
    if dense is not None:
        slopes = slopes + dense
    return _add_at_label(slopes, labels, of_given)


def _add_at_label(values, labels, given):
    """Adds to one class of every row, without a one-hot array."""
    import tensorflow as tf

    shape, classes = tf.shape(values), values.shape[-1]
    rows = tf.reshape(values, (-1, classes))
    labels = tf.reshape(labels, (-1,))
    count = tf.size(labels, out_type=labels.dtype)
    index = tf.stack([tf.range(count), labels], axis=-1)
    given = tf.reshape(given, (-1,))
    return tf.reshape(tf.tensor_scatter_nd_add(rows, index, given), shape)


def _kernels():
    if keras.backend.backend() == "torch":
        return importlib.import_module("keras_robust.losses.torch_kernels")
    return {"jax": _Compiled, "tensorflow": _TensorFlow}[
        keras.backend.backend()
    ]


_KERNELS = _kernels()
