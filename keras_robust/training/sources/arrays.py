"""Arrays: all samples in memory, batched and shuffled here."""

import keras
import numpy as np

from keras_robust.training import native
from keras_robust.training.sources.batches import weigh
from keras_robust.training.sources.feeds import Armed
from keras_robust.training.sources.gathered import gathered
from keras_robust.training.sources.given import GivenLabels
from keras_robust.training.sources.layout import Layout
from keras_robust.training.sources.layout import as_numpy
from keras_robust.training.sources.options import checked_count
from keras_robust.training.sources.options import checked_seed
from keras_robust.training.sources.order import Order
from keras_robust.training.sources.tracked import checked_ids
from keras_robust.training.sources.tracked import tracked


class TrackedArrays(Armed):
    """Arrays in batches.

    Args:
        x: Array, or nested dict, list or tuple of arrays, of N samples.
        y: Labels of N samples, or nested ones of several outputs.
        sample_weight: Weights `(N,)`, nested ones, or `None`.
        batch_size: Samples a step.
        order: The `Order` of the samples.
        on_disk: Whether arrays are mapped from disk.
    """

    def __init__(self, x, y, sample_weight, batch_size, order, on_disk=False):
        super().__init__()
        self.x, self.y, self.sample_weight = x, y, sample_weight
        self.batch_size = batch_size
        self._order, self._on_disk = order, on_disk
        self.rewind()

    @property
    def num_batches(self):
        return -(-self._order.count // self.batch_size)

    def quicker(self):
        if self._on_disk or not native.gathers_in_tf_data():
            return self
        arrays = self.x, self.y, self.sample_weight
        return gathered(*arrays, self.batch_size, self._order)

    def rewind(self):
        self._drawn, self._numbers = None, {}

    def on_epoch_begin(self):
        super().on_epoch_begin()
        if not self._armed:
            self.rewind()

    def in_order(self):
        count = self._order.count
        for start in range(0, count, self.batch_size):
            index = np.arange(start, min(start + self.batch_size, count))
            yield _rows(self.x, index), _rows(self.y, index), index

    def __getitem__(self, position):
        # Keras shuffles the batches too, by another seed: the positions that
        # it asks for get the batches in their order. An epoch of fewer steps
        # goes on where the one before ended.
        if self._drawn is None or len(self._numbers) == self.num_batches:
            self._drawn, self._numbers = self._order.draw(), {}
        number = self._numbers.setdefault(position, len(self._numbers))
        start = number * self.batch_size
        index = self._drawn[start : start + self.batch_size]
        y = self._joined(_rows(self.y, index), index)
        if self.sample_weight is None:
            return _rows(self.x, index), y
        return _rows(self.x, index), y, _rows(self.sample_weight, index)


def declared(y, ids=None, num_classes=None):
    """Returns the `Tracked` of labels alone, without data for `fit`.

    Args:
        y: Labels, one or several a sample.
        ids: Names of the samples. Defaults to their positions.
        num_classes: The number of classes, where known.
    """
    labels = GivenLabels(num_classes)
    labels.add(as_numpy(y))
    given = labels.finish()
    return tracked(None, given, checked_ids(ids, len(given.label)))


def track_arrays(
    x,
    y,
    batch_size,
    sample_weight,
    class_weight,
    shuffle,
    seed,
    ids,
    num_classes,
    output,
):
    """Tracks arrays; see `track`."""
    if y is None:
        raise ValueError(
            "Arrays need labels, track(x, y); data that brings its labels "
            "must be a `tf.data.Dataset`, a `PyDataset`, a PyTorch "
            "`DataLoader`, or yield (x, y) batches when iterated. Received: "
            f"x of type {type(x).__name__}, y=None"
        )
    on_disk = any(isinstance(a, np.memmap) for a in keras.tree.flatten(x))
    x = _as_arrays(x)
    layout = Layout(output)
    y = _as_labels(y, output)
    lengths = {f"x.shape={a.shape}": len(a) for a in keras.tree.flatten(x)}
    for a in keras.tree.flatten(y):
        lengths[f"y.shape={a.shape}"] = len(a)
    if sample_weight is not None:
        sample_weight = _as_weights(sample_weight, y)
        for a in keras.tree.flatten(sample_weight):
            if a is not None:
                lengths[f"sample_weight.shape={a.shape}"] = len(a)
    if len(set(lengths.values())) > 1 or 0 in lengths.values():
        raise ValueError(
            "Samples, labels and weights must be as many, and at least one. "
            f"Received: {', '.join(lengths)}"
        )
    size = 32 if batch_size is None else checked_count("batch_size", batch_size)
    labels = GivenLabels(num_classes)
    labels.add(layout.label(y))
    given = labels.finish()
    weights = weigh(class_weight, given, layout)
    if weights is not None:
        sample_weight = _as_floats(weights(y, sample_weight))
    order = Order(len(given.label), shuffle, checked_seed(seed))
    feed = TrackedArrays(x, y, sample_weight, size, order, on_disk)
    return tracked(feed, given, checked_ids(ids, order.count), order)


def _rows(nested, index):
    return keras.tree.map_structure(
        lambda array: None if array is None else array[index], nested
    )


def _as_arrays(nested):
    # As Keras does with arrays: tf.data knows no lists.
    return keras.tree.lists_to_tuples(
        keras.tree.map_structure(_as_array, nested)
    )


def _as_labels(y, output):
    # Half precision cannot hold labels above 256 or 2048.
    floats = "float64" if keras.config.floatx() == "float64" else "float32"
    nested = isinstance(y, dict) or (
        output is not None and isinstance(y, (list, tuple))
    )
    if not nested:
        return _as_array(y, floats)
    items = y.items() if isinstance(y, dict) else enumerate(y)
    arrays = {key: _as_array(part, floats) for key, part in items}
    return arrays if isinstance(y, dict) else tuple(arrays.values())


def _as_weights(sample_weight, y):
    several = isinstance(y, (dict, tuple))
    if several and isinstance(sample_weight, (dict, list, tuple)):
        return keras.tree.lists_to_tuples(
            keras.tree.map_structure(
                lambda part: None if part is None else _as_array(part),
                sample_weight,
            )
        )
    return _as_array(sample_weight)


def _as_floats(weights):
    return keras.tree.map_structure(_as_array, weights)


def _as_array(value, dtype=None):
    # Keras's own array adapter makes the same choice for floats.
    array = as_numpy(value)
    if array.ndim == 0:
        raise ValueError(
            "Samples and labels must be arrays with one entry a sample. "
            f"Received: {value!r}"
        )
    if array.dtype.kind == "f":
        array = array.astype(dtype or keras.config.floatx(), copy=False)
    return array
