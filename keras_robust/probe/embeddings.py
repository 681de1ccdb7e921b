"""embeddings: what the layers before the classifier make of each sample."""

import keras
import numpy as np

from keras_robust.losses import arguments
from keras_robust.probe import graph
from keras_robust.probe.inputs import as_arrays
from keras_robust.probe.inputs import rows
from keras_robust.training.sources.options import checked_count

# Samples at a time, a multiple of the batch size near it.
_BLOCK = 2**14


def embeddings(model, x, layer=None, batch_size=32, *, pool="mean", verbose=0):
    """What the layer before the classifier gives for each sample.

    Formula: `h(x)` where the model is `softmax(W h(x) + b)`: the input of the
    last layer with a kernel (`Dense`, `EinsumDense`, a convolution).

    Samples of one class are near each other there, so a wrong label stands
    among labels of another class; the detectors of `detect` that take
    `embeddings` look for that. A network that was trained on other data
    serves as well: `embeddings(pretrained, x, layer=-1)`, or its `predict`.
    Dropout and batch normalisation are as in `predict`.

    Args:
        model: A Functional or Sequential `keras.Model` with weights. It stays
            as it is.
        x: Samples, an array or a nested dict, list or tuple of arrays.
        layer: The layer whose output is meant, by its name or its place in
            `model.layers`, also counted from the end. Defaults to `None`: the
            input of the last layer with a kernel.
        batch_size: Samples at a time. Defaults to `32`.
        pool: Where a sample has several positions (a feature map, a
            sequence): `"mean"` over the positions, those that a mask leaves
            out aside, or `None` for all of them. Defaults to `"mean"`.
        verbose: 1 for a progress bar. Defaults to `0`.

    Returns:
        float32 `(N, D)`; `(N, ..., D)` of several positions with `pool=None`.

    Raises:
        ValueError: For a subclassed model, which does not tell its layers'
            inputs, one that is not built, a layer that is not there or that
            is used several times; if no single tensor is the classifier's
            input; for NaN in what it gives, and bad arguments.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> model = keras.Sequential(
    ...     [
    ...         keras.Input((4,)),
    ...         keras.layers.Dense(8, activation="relu", name="hidden"),
    ...         keras.layers.Dense(3, activation="softmax"),
    ...     ]
    ... )
    >>> h = kr.probe.embeddings(model, np.eye(4))
    >>> h.shape
    (4, 8)
    >>> bool((h == kr.probe.embeddings(model, np.eye(4), "hidden")).all())
    True

    Reference: Zhu, Dong, Liu, "Detecting Corrupted Labels Without Training a
    Model to Predict", ICML 2022, section 3.
    """
    x, count = as_arrays(x, "embeddings")
    size = checked_count("batch_size", batch_size)
    arguments.choice("pool", pool, (None, "mean"))
    arguments.choice("verbose", verbose, (0, 1))
    if layer is None:
        tensor, channels_first = graph.classifier_input(model)
    else:
        tensor, channels_first = graph.output_of(model, layer)
    if pool == "mean":
        tensor = _pooled(tensor, channels_first)
    before = keras.Model(model.inputs, tensor, name="keras_robust_embeddings")
    bar = keras.utils.Progbar(count, unit_name="sample") if verbose else None
    found, step = None, max(_BLOCK // size, 1) * size
    for start in range(0, count, step):
        index = slice(start, min(start + step, count))
        part = before.predict(rows(x, index), batch_size=size, verbose=0)
        if found is None:
            found = np.empty((count, *part.shape[1:]), np.float32)
        found[index] = part
        _check_numbers(found[index], start)
        if bar is not None:
            bar.update(index.stop)
    return found


def _pooled(tensor, channels_first):
    rank = len(tensor.shape)
    if rank <= 2:
        return tensor
    if rank == 3:
        # The one that leaves out what is masked.
        data_format = "channels_first" if channels_first else "channels_last"
        layer = keras.layers.GlobalAveragePooling1D
        return layer(data_format, name="keras_robust_pooled")(tensor)
    axes = range(2, rank) if channels_first else range(1, rank - 1)
    return keras.ops.mean(tensor, axis=tuple(axes))


def _check_numbers(block, start):
    bad = ~np.isfinite(block.reshape(len(block), -1)).all(axis=1)
    if bad.any():
        raise ValueError(
            "The model gives NaN or infinity: it has diverged, or there is "
            "NaN in the data. Received: embedding of sample "
            f"{start + int(np.argmax(bad))}"
        )
