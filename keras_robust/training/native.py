"""What differs between backends inside a training step, in one file.

`keras.ops.scatter_update` followed by `assign` copies the whole buffer at
every step; each backend can write rows in place instead. JAX and PyTorch also
build a model from the first batch before any callback runs, TensorFlow does
not, hence `reads_before_callbacks`.

PyTorch runs uncompiled: between two layers of a network, with cold caches,
every operation costs it some 10 to 20 us, and `keras.ops` are several each.
"""

import contextlib

import keras
from keras import ops

# Numbers in the outputs of a batch below which an operation on them costs
# PyTorch little more than the call.
_FEW = 2**15


def positions(index):
    """Sample positions of any integer dtype, as the functions here take."""
    return _native().positions(index)


def set_rows(variable, index, rows):
    """`variable[index] = rows`, in place where the backend can."""
    _native().set_rows(variable, index, rows)


def count(variable, index):
    """`variable[index] += 1`; repeated indices add up."""
    _native().count(variable, index)


def increment(variable):
    """`variable += 1`."""
    _native().increment(variable)


def rows(variable, index):
    """Returns `variable[index]`."""
    return _native().rows(variable, index)


def pick(values, column):
    """Returns `values[..., column[...]]`, shape `(..., 1)`."""
    return _native().pick(values, column)


def join_columns(columns):
    """Returns numbers of shape `(B, ...)` side by side, as float32."""
    return _native().join_columns(columns)


def may_wait(y_pred):
    """Whether recording of a batch may wait for those after it.

    Where nothing is compiled, some batches at once cost what one costs.
    """
    return _native().may_wait(y_pred)


def reads_before_callbacks():
    """Whether `fit` reads a batch before it hands the model to callbacks.

    Then data must look plain until a callback has prepared the model for ids.
    """
    return keras.backend.backend() != "tensorflow"


def reads_before_callbacks_under_strategy(model):
    """Whether `fit` does so because of a `tf.distribute` strategy."""
    strategy = getattr(model, "_distribute_strategy", None)
    return not reads_before_callbacks() and strategy is not None


def gathers_in_tf_data():
    """Whether arrays are quicker read by tf.data than by Python."""
    return keras.backend.backend() == "tensorflow"


def threads_listed_metrics():
    """Whether only metrics in `model.metrics` are live inside the step."""
    return keras.backend.backend() == "jax"


def sync(model):
    """Lets callbacks read and write variables between two steps."""
    _native().sync(model)


@contextlib.contextmanager
def own_random_numbers(seed=None):
    """Whatever a block draws, the backend draws afterwards as if it had not.

    PyTorch's generator is one for all, and gives dropout without a seed of its
    own its numbers; what the others have is in each layer.

    Args:
        seed: What the generator starts from in the block; `None` to go on.
    """
    with _native().own_random_numbers(seed):
        yield


class _Compiled:
    @staticmethod
    def sync(model):
        pass

    @staticmethod
    def own_random_numbers(seed):
        return contextlib.nullcontext()

    @staticmethod
    def may_wait(y_pred):
        return False

    @staticmethod
    def positions(index):
        return ops.cast(index, "int32")

    @staticmethod
    def pick(values, column):
        index = ops.expand_dims(column, axis=-1)
        return ops.take_along_axis(values, index, axis=-1)

    @staticmethod
    def increment(variable):
        variable.assign(variable.value + 1)

    @staticmethod
    def rows(variable, index):
        return ops.take(variable.value, index, axis=0)

    @staticmethod
    def join_columns(columns):
        columns = [ops.cast(column, "float32") for column in columns]
        return ops.concatenate(columns, axis=-1)


class _Jax(_Compiled):
    @staticmethod
    def sync(model):
        # Between the steps of an epoch the trainer alone has their values.
        model.jax_state_sync()

    @staticmethod
    def set_rows(variable, index, rows):
        variable.assign(variable.value.at[index].set(rows))

    @staticmethod
    def count(variable, index):
        variable.assign(variable.value.at[index].add(1))


class _TensorFlow(_Compiled):
    @staticmethod
    def set_rows(variable, index, rows):
        variable.value.scatter_nd_update(index[:, None], rows)

    @staticmethod
    def count(variable, index):
        ones = ops.ones_like(index, dtype=variable.dtype)
        variable.value.scatter_nd_add(index[:, None], ones)


class _Torch:
    @staticmethod
    def sync(model):
        pass

    @staticmethod
    @contextlib.contextmanager
    def own_random_numbers(seed):
        import torch

        with torch.random.fork_rng():
            if seed is not None:
                torch.manual_seed(seed)
            yield

    @staticmethod
    def may_wait(y_pred):
        import torch

        # Large outputs are worth their own operations, and not kept.
        small = y_pred.numel() < _FEW
        return small and not torch.compiler.is_compiling()

    @staticmethod
    def positions(index):
        return index.long()

    @staticmethod
    def set_rows(variable, index, rows):
        import torch

        with torch.no_grad():
            variable.value.index_copy_(0, index, rows)

    @staticmethod
    def count(variable, index):
        import torch

        value = variable.value
        with torch.no_grad():
            value.index_add_(0, index, value.new_ones(()).expand(len(index)))

    @staticmethod
    def increment(variable):
        variable.value.data.add_(1)

    @staticmethod
    def rows(variable, index):
        return variable.value.detach().index_select(0, index)

    @staticmethod
    def pick(values, column):
        return values.gather(-1, column.long().unsqueeze(-1))

    @staticmethod
    def join_columns(columns):
        import torch

        return torch.cat(columns, 1).float()


_NATIVE = {"jax": _Jax, "tensorflow": _TensorFlow, "torch": _Torch}


def _native():
    return _NATIVE[keras.backend.backend()]
