"""Samples in memory: arrays, or nested ones of several inputs."""

import keras
import numpy as np

from keras_robust.training.sources.iterables import is_iterable
from keras_robust.training.sources.layout import as_numpy
from keras_robust.training.sources.tf_data import is_dataset
from keras_robust.training.sources.torch_loader import is_loader


def as_arrays(x, owner):
    """Returns nested arrays of NumPy, and how many samples they are of.

    Args:
        x: An array with one entry a sample, or a nested dict, list or tuple
            of such arrays, one for every input.
        owner: Whose argument `x` is, for messages.

    Raises:
        ValueError: For data that come in batches, for what is no array, or
            arrays of different lengths.
    """
    in_batches = is_dataset(x) or isinstance(x, keras.utils.PyDataset)
    if in_batches or is_loader(x) or is_iterable(x):
        raise ValueError(
            f"{owner} asks for samples by their number, so it takes arrays: "
            "read the data into one, or into one on disk (np.memmap). "
            f"Received: x of type {type(x).__name__}"
        )
    arrays = keras.tree.map_structure(_as_array, x)
    lengths = [len(array) for array in keras.tree.flatten(arrays)]
    if len(set(lengths)) != 1 or lengths[0] == 0:
        raise ValueError(
            "`x` must hold at least one sample, and as many in every input. "
            f"Received: {lengths} samples"
        )
    return arrays, lengths[0]


def _as_array(value):
    array = as_numpy(value)
    if array.ndim == 0:
        raise ValueError(
            "`x` must be an array with one entry a sample, or a dict, list or "
            "tuple of such arrays. A list stands for several inputs: make one "
            f"array of numbers by np.asarray(x). Received: {value!r} in `x`"
        )
    return array


def rows(arrays, index):
    """The samples at `index`, of every input."""
    return keras.tree.map_structure(lambda array: array[index], arrays)


def row_values(name, values, count):
    """Checks that there is one number for every sample.

    Args:
        name: What they are called, for messages.
        values: Numbers `(N,)` or `(N, 1)`, finite and at least 0.
        count: N.

    Returns:
        float32 `(N,)`.
    """
    array = as_numpy(values)
    if array.dtype.kind not in "biuf" or array.shape not in (
        (count,),
        (count, 1),
    ):
        raise ValueError(
            f"`{name}` must be numbers of shape ({count},), one a sample. "
            f"Received: dtype={array.dtype}, shape={array.shape}"
        )
    array = array.reshape(-1).astype("float32")
    bad = ~np.isfinite(array) | (array < 0)
    if bad.any():
        first = int(np.argmax(bad))
        raise ValueError(
            f"`{name}` must be finite and at least 0. "
            f"Received: {name}[{first}]={array[first]}"
        )
    return array
