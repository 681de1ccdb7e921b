"""What tests need of each backend: gradients, and float64."""

import contextlib

import keras
import numpy as np


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


def to_numpy(tensor):
    return keras.ops.convert_to_numpy(keras.ops.stop_gradient(tensor))


def jitted(function):
    """The function compiled as `fit` compiles it on this backend."""
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        return jax.jit(function)
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.function(function)
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
