"""`tf.data.Dataset`: positions put into the pipeline itself."""

import numpy as np

from keras_robust.training import ids as travelling
from keras_robust.training import native
from keras_robust.training.sources.batches import Survey
from keras_robust.training.sources.batches import weigh
from keras_robust.training.sources.feeds import TrackedStream
from keras_robust.training.sources.layout import Layout
from keras_robust.training.sources.options import checked_count
from keras_robust.training.sources.positions import ByKey
from keras_robust.training.sources.tracked import position_dtype
from keras_robust.training.sources.tracked import tracked

# tf.data.INFINITE_CARDINALITY, known without importing TensorFlow.
_INFINITE = -1


def is_dataset(x):
    """Whether `x` is a `tf.data.Dataset`, without importing TensorFlow."""
    return any(
        base.__name__ == "DatasetV2"
        and base.__module__.startswith("tensorflow.")
        for base in type(x).__mro__
    )


def track_dataset(
    source,
    batch_size,
    class_weight,
    shuffle,
    seed,
    ids,
    id_key,
    num_classes,
    output,
):
    """Tracks a `tf.data.Dataset`; see `track`."""
    if batch_size is not None:
        batch_size = checked_count("batch_size", batch_size)
    if int(source.cardinality()) == _INFINITE:
        raise ValueError(
            "The dataset never ends, so its samples cannot be counted: leave "
            f"out its `repeat`. Received: {source!r}"
        )
    layout = Layout(output, id_key)
    survey = _read(source, batch_size, layout, num_classes)
    given, names = survey.finish(ids, source)
    weights = weigh(class_weight, given, layout)
    count = len(names)
    find = None if id_key is None else ByKey(names)
    indexed = _number(source, batch_size is None, layout, find, count)
    if batch_size:
        if shuffle:
            # As much as Keras users set themselves for images in memory.
            indexed = indexed.shuffle(min(count, 10_000), seed=seed)
        indexed = indexed.batch(batch_size)
    if weights is not None:
        indexed = _weighted(indexed, weights, layout)
    steps = -(-count // batch_size) if batch_size else len(survey.sizes)
    return tracked(_feed(indexed, steps), given, names)


def _read(source, batch_size, layout, num_classes):
    def labels_only(*batch):
        _, y, _, names = layout.parts(batch)
        label = layout.label(y)
        return (label,) if names is None else (label, names)

    survey = Survey(layout, num_classes)
    shape = None
    for label, *names in source.map(labels_only):
        label = np.asarray(label)
        names = np.asarray(names[0]) if names else None
        if batch_size is None and label.ndim == 0:
            raise ValueError(
                "The dataset holds single samples, not batches: call "
                "track(dataset, batch_size=...), which shuffles and batches "
                f"it. Received: {source!r}"
            )
        shape = label.shape if shape is None else shape
        if batch_size and (label.shape != shape or _batched(source)):
            raise ValueError(
                "The dataset's labels differ in shape, as those of batches "
                "do: leave `batch_size` out to read its batches in their "
                "order, or call track(dataset.unbatch(), batch_size=...). "
                f"Received: {source!r}"
            )
        if batch_size:
            label = label[None]
            names = None if names is None else names.reshape(1)
        survey.see_labels(label, names)
    return survey


def _batched(source):
    """Whether it ends in `batch`, whose samples look like one of theirs."""
    return type(source).__name__ in ("_BatchDataset", "_ParallelBatchDataset")


def _number(source, batched, layout, find, count):
    import tensorflow as tf

    dtype = tf.as_dtype(position_dtype(count))

    def by_key(*batch):
        x, y, weight, names = layout.parts(batch)
        size = tf.shape(layout.label(y))[0] if batched else 1

        def look_up(names, size):
            index = find.find(None, names, int(size))
            return index.astype(dtype.as_numpy_dtype)

        names = tf.reshape(names, [-1])
        index = tf.numpy_function(look_up, [names, size], dtype)
        index = tf.reshape(index, [size] if batched else [])
        return _packed(x, travelling.join(y, index), weight)

    def in_order(start, batch):
        x, y, weight, _ = layout.parts(batch)
        size = tf.shape(layout.label(y), dtype)[0] if batched else 1
        more = tf.debugging.assert_less_equal(
            start + size,
            tf.constant(count, dtype),
            "The dataset yields more samples than when it was tracked.",
        )
        with tf.control_dependencies([more]):
            end = start + size
        index = start + tf.range(size, dtype=dtype) if batched else start
        return end, _packed(x, travelling.join(y, index), weight)

    if find is not None:
        return source.map(by_key)
    return source.scan(tf.constant(0, dtype), in_order)


def _weighted(dataset, weights, layout):
    import keras
    import tensorflow as tf

    def multiply(label, weight):
        given = [] if weight is None else [weight]
        found = tf.numpy_function(weights.multiply, [label, *given], tf.float32)
        rank = weights.rank(label.shape.rank)
        if weight is not None and weight.shape.rank is not None:
            rank = max(rank, weight.shape.rank)
        found.set_shape([None] * rank)
        return tf.cast(found, keras.config.floatx())

    def ones(label):
        return tf.ones(tf.shape(label)[:1], keras.config.floatx())

    def add(*batch):
        x, y, *weight = batch
        weight = weights(
            y[travelling.LABEL], weight[0] if weight else None, ones, multiply
        )
        return x, y, weight

    return dataset.map(add)


def _packed(x, y, weight):
    return (x, y) if weight is None else (x, y, weight)


def _feed(dataset, num_batches):
    import tensorflow as tf

    if not native.reads_before_callbacks():
        # Known to Keras, and an error where an epoch has more or fewer.
        know = tf.data.experimental.assert_cardinality(num_batches)
        dataset = dataset.apply(know)
    dataset = dataset.prefetch(tf.data.AUTOTUNE)
    if native.reads_before_callbacks():
        return TrackedStream(dataset, num_batches)
    return dataset
