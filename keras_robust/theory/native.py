"""What Keras has no way for: float64 where JAX hides it, whole programs on JAX,
and gradients.

The only file here that knows the backends.
"""

import contextlib
import contextvars

import keras
import numpy as np

# Rows of one program on JAX, fewer for many classes: about that many numbers.
_ROWS, _NUMBERS = 2**10, 2**19
# What is run a few times only is not worth making fast: a third of the time.
# Other releases of JAX may not know these, and do without.
_QUICKLY = {
    "xla_backend_optimization_level": 0,
    "xla_cpu_use_fusion_emitters": False,
}
# Losses and shapes -> programs, while a question is being answered.
_programs = contextvars.ContextVar("programs", default=None)


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


@contextlib.contextmanager
def one_question():
    """Within it JAX compiles a loss once, as one program, not op by op.

    Also a decorator. Not for longer, as a function may be another one the next
    time: what it reads from outside is part of its program.
    """
    if _programs.get() is not None:
        yield
        return
    token = _programs.set({})
    try:
        yield
    finally:
        _programs.reset(token)


def values_of(function, y_true, y_pred, loss, at_once=False):
    """What a function of labels and predictions returns, as NumPy.

    Args:
        function: Takes two tensors of the backend.
        y_true: NumPy, `(N,)` or `(N, K)`.
        y_pred: NumPy, `(N, K)`.
        loss: What the function is of: its programs are kept under that.
        at_once: Whether the rows must not be parted or filled up, as they
            must not where a value might depend on the other rows.

    Returns:
        NumPy; of shape `(N,)` if it is a loss of one sample.
    """
    if keras.config.backend() == "jax" and _programs.get() is not None:
        values = _by_programs(function, y_true, y_pred, loss, at_once)
        if values is not None:
            return values
    return keras.ops.convert_to_numpy(
        function(
            keras.ops.convert_to_tensor(y_true),
            keras.ops.convert_to_tensor(y_pred),
        )
    )


def _by_programs(function, y_true, y_pred, loss, at_once):
    """The values by programs of one shape, or `None` if there are none."""
    size, num_classes = y_pred.shape
    rows = max(min(_ROWS, _NUMBERS // num_classes), 1)
    if at_once:
        rows = size
    missing = -size % rows
    given = [
        np.concatenate([y, y[-1:].repeat(missing, 0)]) for y in (y_true, y_pred)
    ]
    # The loss is kept too: the number of one that is gone is given again.
    key = (id(loss), y_true.shape[1:], rows, num_classes)
    kept = _programs.get()
    if key not in kept:

        def of_each(*given):
            values = function(*given)
            if values.shape != (rows,):
                raise ValueError("It is no loss of one sample.")
            return values

        program = _program(of_each, *(y[:rows] for y in given))
        kept[key] = program, loss
    program, _ = kept[key]
    if program is None:
        return None
    parts = [
        np.asarray(program(*(y[start : start + rows] for y in given)))
        for start in range(0, size, rows)
    ]
    return np.concatenate(parts)[:size]


def _program(function, *given):
    """A function compiled for the shapes of what it is given.

    `None` where JAX cannot: the function leaves JAX, looks at values, or
    changes a variable, as what draws numbers does. What fails for other
    reasons fails again as it is, and says why.
    """
    import jax

    def pure(*given):
        with keras.StatelessScope() as scope:
            values = function(*given)
        if scope.state_mapping:
            raise ValueError("It has a state.")
        return values

    try:
        lowered = jax.jit(pure).lower(*given)
    except Exception:  # a loss may fail in any way it likes
        return None
    try:
        return lowered.compile(_QUICKLY)
    except Exception:
        return lowered.compile()


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

    slope = jax.grad(total)
    slope = _program(slope, logits) or slope
    return np.asarray(slope(jax.numpy.asarray(logits)), np.float64)


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
