"""Arrays on TensorFlow: batches gathered inside tf.data.

Python is asked for the order once a pass, and for nothing at the batches. A
`keras.utils.PyDataset` would stand behind a Python generator there.
"""

import keras

from keras_robust.training import ids


def gathered(x, y, sample_weight, batch_size, order):
    """Returns a `tf.data.Dataset` of batches with positions.

    Args:
        x, y, sample_weight: Arrays, nested ones; weights may be `None`.
        batch_size: Samples a batch.
        order: Their `Order`.
    """
    import tensorflow as tf

    full = order.count // batch_size * batch_size
    arrays = keras.utils.pack_x_y_sample_weight(x, y, sample_weight)

    def draw(_):
        drawn = tf.numpy_function(order.draw, [], order.dtype)
        drawn.set_shape([order.count])
        return drawn

    def in_batches(drawn):
        # Rows of a matrix are cut faster than slices of a vector.
        rows = tf.reshape(drawn[:full], [-1, batch_size])
        batches = tf.data.Dataset.from_tensor_slices(rows)
        if full == order.count:
            return batches
        return batches.concatenate(tf.data.Dataset.from_tensors(drawn[full:]))

    def gather(index, arrays):
        def rows(array):
            return None if array is None else tf.gather(array, index)

        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(
            keras.tree.map_structure(rows, arrays)
        )
        y = ids.join(y, index)
        return keras.utils.pack_x_y_sample_weight(x, y, sample_weight)

    indices = tf.data.Dataset.range(1).map(draw).flat_map(in_batches)
    everything = tf.data.Dataset.from_tensors(arrays).repeat()
    dataset = tf.data.Dataset.zip((indices, everything)).map(
        gather, num_parallel_calls=tf.data.AUTOTUNE
    )
    batches = -(-order.count // batch_size)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(batches))
    options = tf.data.Options()
    # They would write the arrays into a graph and read them back.
    options.experimental_optimization.apply_default_optimizations = False
    return dataset.with_options(options).prefetch(tf.data.AUTOTUNE)
