"""What tests need of each backend: gradients, compiling, and float64."""

import contextlib
import itertools

import keras
import numpy as np
import pytest


def crossed(names, *values):
    """Parametrizes by every combination of the lists of values.

    All of them on one backend; on others every value of the longest list once,
    the shorter ones taking turns.
    """
    longest = range(max(map(len, values)))
    turns = {tuple(i % len(given) for given in values) for i in longest}
    each = []
    for places in itertools.product(*(range(len(given)) for given in values)):
        given = [v[i] for v, i in zip(values, places, strict=True)]
        marks = () if places in turns else pytest.mark.once
        each.append(pytest.param(*given, marks=marks))
    return pytest.mark.parametrize(names, each)


def gradient(function, z):
    """Value and gradient of a scalar function of one tensor, as NumPy."""
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        value, slope = jax.value_and_grad(function)(z)
    elif backend == "tensorflow":
        import tensorflow as tf

        z = tf.convert_to_tensor(z)
        with tf.GradientTape() as tape:
            tape.watch(z)
            value = function(z)
        slope = tape.gradient(value, z)
    else:
        import torch

        z = torch.tensor(z, requires_grad=True)
        value = function(z)
        value.backward()
        slope = z.grad
    return np.asarray(to_numpy(value)), np.asarray(to_numpy(slope))


def values_and_slopes(per_sample, z):
    """Values per sample, and the gradient of their sum, as NumPy."""
    if keras.backend.backend() == "jax":
        import jax

        def total(z):
            values = per_sample(z)
            return keras.ops.sum(values), values

        (_, values), slopes = jax.value_and_grad(total, has_aux=True)(z)
        return np.asarray(values), np.asarray(slopes)
    seen = []

    def total(z):
        seen.append(per_sample(z))
        return keras.ops.sum(seen[-1])

    _, slopes = gradient(total, z)
    return to_numpy(seen[-1]), slopes


def to_numpy(tensor):
    return keras.ops.convert_to_numpy(keras.ops.stop_gradient(tensor))


def jitted(function, shapes=None):
    """The function compiled as `fit` compiles it on this backend.

    `shapes`, where given, are those of its float32 arguments; TensorFlow then
    knows no more of them (`None` is a size it only learns when running).
    """
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        return jax.jit(function)
    if backend == "tensorflow":
        import tensorflow as tf

        signature = shapes and [tf.TensorSpec(s, "float32") for s in shapes]
        return tf.function(function, input_signature=signature)
    return function


@contextlib.contextmanager
def float64():
    """A block in which float64 stays float64 (JAX needs to be told)."""
    if keras.backend.backend() != "jax":
        yield
        return
    import jax

    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        yield
    finally:
        jax.config.update("jax_enable_x64", before)
