"""From what a user hands to `track` to data whose samples are known."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from keras_robust.training import data
from keras_robust.training import ids
from keras_robust.training import labels
from keras_robust.trajectories.checks import as_ids

# tf.data.INFINITE_CARDINALITY, known without importing TensorFlow.
_INFINITE = -1


@dataclass
class Tracked:
    """What `track` knows: data for `fit`, and its samples' labels and ids."""

    feed: Any
    given_label: np.ndarray
    ids: np.ndarray
    num_classes: int | None


def arrays(x, y, batch_size, sample_weight, shuffle, seed, names, num_classes):
    """Tracks arrays; see `LossTrajectory.track`."""
    if y is None:
        raise ValueError(
            "Arrays need labels, track(x, y); beside arrays only a "
            "`tf.data.Dataset` can be tracked. Received: "
            f"x of type {type(x).__name__}, y=None"
        )
    # As Keras does with arrays: tf.data knows no lists.
    x = keras.tree.lists_to_tuples(keras.tree.map_structure(_as_array, x))
    y = _as_array(y, _label_dtype())
    lengths = {f"x.shape={a.shape}": len(a) for a in keras.tree.flatten(x)}
    lengths[f"y.shape={y.shape}"] = len(y)
    if sample_weight is not None:
        sample_weight = _as_array(sample_weight)
        lengths[f"sample_weight.shape={sample_weight.shape}"] = len(
            sample_weight
        )
    if len(set(lengths.values())) > 1 or len(y) == 0:
        raise ValueError(
            "Samples, labels and weights must be as many, and at least one. "
            f"Received: {', '.join(lengths)}"
        )
    size = 32 if batch_size is None else _checked_batch_size(batch_size)
    given, num_classes = _given(y, num_classes)
    feed = data.TrackedArrays(x, y, sample_weight, size, shuffle, seed)
    return Tracked(feed, given, _checked_ids(names, len(y)), num_classes)


def dataset(source, batch_size, shuffle, seed, names, num_classes):
    """Tracks a `tf.data.Dataset`; see `LossTrajectory.track`."""
    if batch_size is not None:
        batch_size = _checked_batch_size(batch_size)
    if int(source.cardinality()) == _INFINITE:
        raise ValueError(
            "The dataset never ends, so its samples cannot be counted: leave "
            f"out its `repeat`. Received: {source!r}"
        )
    parts = [np.asarray(y) for y in source.map(_labels_only)]
    if not parts:
        raise ValueError(f"The dataset is empty. Received: {source!r}")
    if batch_size and len({part.shape for part in parts}) > 1:
        raise ValueError(
            "The dataset's labels differ in shape, as those of batches do: "
            "leave `batch_size` out to read its batches in their order, or "
            "call track(dataset.unbatch(), batch_size=...). Received: "
            f"{source!r}"
        )
    if batch_size is None and parts[0].ndim == 0:
        raise ValueError(
            "The dataset holds single samples, not batches: call "
            "track(dataset, batch_size=...), which shuffles and batches it. "
            f"Received: {source!r}"
        )
    y = np.stack(parts) if batch_size else np.concatenate(parts)
    given, num_classes = _given(y, num_classes)
    steps = -(-len(y) // batch_size) if batch_size else len(parts)
    indexed = _indexed(source, batch_size, len(y), shuffle, seed)
    feed = data.from_dataset(indexed, steps)
    return Tracked(feed, given, _checked_ids(names, len(y)), num_classes)


def is_dataset(x):
    """Whether `x` is a `tf.data.Dataset`, without importing TensorFlow."""
    return any(
        base.__name__ == "DatasetV2"
        and base.__module__.startswith("tensorflow.")
        for base in type(x).__mro__
    )


def _labels_only(*batch):
    if len(batch) not in (2, 3):
        raise ValueError(
            "The dataset must yield (x, y) or (x, y, sample_weight). "
            f"Received: {len(batch)} parts"
        )
    if keras.tree.is_nested(batch[1]):
        raise ValueError(
            "The dataset must yield one label tensor a batch. Received: "
            f"labels={batch[1]!r}"
        )
    return batch[1]


def _given(y, num_classes):
    given = labels.given_labels(y, num_classes)
    one_hot = y.ndim == 2 and y.shape[1] > 1
    return given, y.shape[1] if one_hot else num_classes


def _label_dtype():
    # Half precision cannot hold labels above 256 or 2048.
    return "float64" if keras.config.floatx() == "float64" else "float32"


def _as_array(value, dtype=None):
    # Keras's own array adapter makes the same choice for floats.
    array = np.asarray(value)
    if array.ndim == 0:
        raise ValueError(
            "Samples and labels must be arrays with one entry a sample. "
            f"Received: {value!r}"
        )
    if array.dtype.kind == "f":
        array = array.astype(dtype or keras.config.floatx(), copy=False)
    return array


def _checked_batch_size(batch_size):
    whole = isinstance(batch_size, (int, np.integer))
    if not whole or isinstance(batch_size, bool) or batch_size < 1:
        raise ValueError(
            "`batch_size` must be a positive integer. "
            f"Received: batch_size={batch_size!r}"
        )
    return int(batch_size)


def _checked_ids(names, count):
    if names is None:
        return np.arange(count)
    names = as_ids(names)
    if len(names) != count:
        raise ValueError(
            f"`ids` must name every sample, {count} of them. Received: "
            f"ids.shape={names.shape}"
        )
    return names


def _indexed(source, batch_size, count, shuffle, seed):
    import tensorflow as tf

    def number(start, batch):
        x, y, *weight = batch
        size = 1 if batch_size else tf.shape(y)[0]
        index = start if batch_size else start + tf.range(size)
        return start + size, (x, ids.join(y, index), *weight)

    numbered = source.scan(tf.constant(0), number)
    if batch_size:
        if shuffle:
            # As much as Keras users set themselves for images in memory.
            numbered = numbered.shuffle(min(count, 10_000), seed=seed)
        numbered = numbered.batch(batch_size)
    return numbered.prefetch(tf.data.AUTOTUNE)
