"""What Keras has no way for: float64 where JAX hides it, and gradients.

The only file here that knows the backends.
"""

import contextlib

import keras
import numpy as np


@contextlib.contextmanager
def double_precision():
    """float64 on the CPU: not all accelerators have it, JAX hides it."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(keras.device("cpu:0"))
        if keras.config.backend() == "jax":
            import jax

            if hasattr(jax, "enable_x64"):
                stack.enter_context(jax.enable_x64(True))
            else:
                stack.enter_context(jax.experimental.enable_x64())
        yield


def gradient(function, at):
    """The gradient of a function of one tensor, which returns a number.

    Args:
        function: Takes a tensor of the backend.
        at: Where, NumPy.

    Returns:
        NumPy, of the shape of `at`.
    """
    return _GRADIENTS[keras.config.backend()](function, at)


def _by_jax(total, logits):
    import jax

    found = jax.grad(total)(jax.numpy.asarray(logits))
    return np.asarray(found, np.float64)


def _by_tensorflow(total, logits):
    import tensorflow as tf

    z = tf.Variable(logits)
    with tf.GradientTape() as tape:
        value = total(z)
    found = tape.gradient(value, z)
    return np.zeros_like(logits) if found is None else found.numpy()


def _by_torch(total, logits):
    import torch

    z = torch.tensor(logits, requires_grad=True)
    with torch.enable_grad():
        value = total(z)
    if not value.requires_grad:
        return np.zeros_like(logits)
    value.backward()
    return z.grad.numpy()


_GRADIENTS = {
    "jax": _by_jax,
    "tensorflow": _by_tensorflow,
    "torch": _by_torch,
}
