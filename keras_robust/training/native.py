"""What differs between backends inside a training step, in one file.

`keras.ops.scatter_update` followed by `assign` copies the whole buffer at
every step; each backend can write rows in place instead. JAX and PyTorch also
build a model from the first batch before any callback runs, TensorFlow does
not, hence `reads_before_callbacks`.
"""

import keras


def set_rows(variable, index, rows):
    """`variable[index] = rows`, in place where the backend can."""
    _OPS[keras.backend.backend()][0](variable, index, rows)


def add_at(variable, index, values):
    """`variable[index] += values`; repeated indices add up."""
    _OPS[keras.backend.backend()][1](variable, index, values)


def reads_before_callbacks():
    """Whether `fit` reads a batch before it hands the model to callbacks.

    Then data must look plain until a callback has prepared the model for ids.
    """
    return keras.backend.backend() != "tensorflow"


def threads_listed_metrics():
    """Whether only metrics in `model.metrics` are live inside the step."""
    return keras.backend.backend() == "jax"


def _jax_set(variable, index, rows):
    variable.assign(variable.value.at[index].set(rows))


def _jax_add(variable, index, values):
    variable.assign(variable.value.at[index].add(values))


def _tensorflow_set(variable, index, rows):
    variable.value.scatter_nd_update(index[:, None], rows)


def _tensorflow_add(variable, index, values):
    variable.value.scatter_nd_add(index[:, None], values)


def _torch_set(variable, index, rows):
    import torch

    with torch.no_grad():
        variable.value.index_copy_(0, index.long(), rows)


def _torch_add(variable, index, values):
    import torch

    with torch.no_grad():
        variable.value.index_add_(0, index.long(), values)


_OPS = {
    "jax": (_jax_set, _jax_add),
    "tensorflow": (_tensorflow_set, _tensorflow_add),
    "torch": (_torch_set, _torch_add),
}
