"""Batches of any source: read once for their labels, then given positions."""

import keras
import numpy as np

from keras_robust.training import ids
from keras_robust.training.sources.class_weights import ClassWeights
from keras_robust.training.sources.given import GivenLabels
from keras_robust.training.sources.layout import as_names
from keras_robust.training.sources.layout import as_numpy
from keras_robust.training.sources.layout import nested_numpy
from keras_robust.training.sources.positions import ByKey
from keras_robust.training.sources.positions import InOrder
from keras_robust.training.sources.tracked import checked_ids


class Survey:
    """What one pass over batches tells.

    Args:
        layout: The `Layout` of the batches.
        num_classes: The number of classes, where known.
    """

    def __init__(self, layout, num_classes):
        self._layout = layout
        self._given = GivenLabels(num_classes)
        self._names = []
        self.sizes = []

    def see(self, batch):
        """Reads one batch."""
        x, y, _, names = self._layout.parts(batch)
        label = as_numpy(self._layout.label(y))
        _check_batched(x, label)
        self.see_labels(label, names)

    def see_labels(self, label, names):
        """Reads the labels and ids of a batch."""
        self._given.add(label)
        self.sizes.append(len(label))
        if names is not None:
            names = as_names(names)
            if names.shape != (len(label),):
                raise ValueError(
                    "There must be one id a sample. Received: "
                    f"ids.shape={names.shape}, {len(label)} samples"
                )
            self._names.append(names)

    def finish(self, names, source):
        """Returns `(given, ids)` of all samples.

        Args:
            names: The `ids` a user has given, or `None`.
            source: What was read, for messages.
        """
        if not sum(self.sizes):
            raise ValueError(f"The dataset is empty. Received: {source!r}")
        given = self._given.finish()
        if self._names:
            names = np.concatenate(self._names)
        return given, checked_ids(names, len(given.label))

    def numbering(self, given, names, class_weight):
        """Returns the `Numbering` of the same batches."""
        find = ByKey(names) if self._names else InOrder(self.sizes)
        weights = weigh(class_weight, given, self._layout)
        return Numbering(self._layout, find, weights)


class Numbering:
    """Gives batches their samples' positions.

    Args:
        layout: The `Layout` of the batches.
        find: An `InOrder` or `ByKey`; `None` where positions are handed over.
        weights: `ClassWeights`, or `None`.
    """

    def __init__(self, layout, find, weights):
        self._layout, self._find, self._weights = layout, find, weights

    def __call__(self, batch, number=None, index=None):
        """Returns `(x, {label, index}[, sample_weight])` of a batch.

        Args:
            batch: As the source yields it.
            number: Its number in the pass.
            index: The positions, where they are known.
        """
        x, y, weight, names = self._layout.parts(batch)
        x, y, weight = nested_numpy(x), nested_numpy(y), nested_numpy(weight)
        size = len(self._layout.label(y))
        if index is None:
            index = self._find.find(number, names, size)
        else:
            check_collated(size, len(index))
        if self._weights is not None:
            weight = self._weights(y, weight)
        # As Keras does with arrays: tf.data knows no lists.
        x, y, weight = keras.tree.lists_to_tuples((x, y, weight))
        return keras.utils.pack_x_y_sample_weight(x, ids.join(y, index), weight)


class Numbered:
    """Batches with positions, anew whenever it is iterated.

    Args:
        begin: Function that returns an iterator of batches.
        numbering: Their `Numbering`.
    """

    def __init__(self, begin, numbering):
        self._begin, self._numbering = begin, numbering

    def __iter__(self):
        for number, batch in enumerate(self._begin()):
            yield self._numbering(batch, number)


def weigh(class_weight, given, layout):
    """Returns the `ClassWeights`, `None` without any."""
    if class_weight is None:
        return None
    return ClassWeights(class_weight, given, layout)


def check_in_batches(batch_size):
    """Raises for a `batch_size` of data that is in batches already."""
    if batch_size is not None:
        raise ValueError(
            "The data comes in batches already: leave `batch_size` out. "
            f"Received: batch_size={batch_size!r}"
        )


def check_collated(labels, samples):
    """Raises unless a loader's batch has a label for every sample."""
    if labels != samples:
        raise ValueError(
            "The loader's `collate_fn` must keep every sample. Received: "
            f"{labels} labels of {samples} samples"
        )


def _check_batched(x, label):
    shapes = [getattr(a, "shape", None) for a in keras.tree.flatten(x)]
    rows = [
        shape[0] if len(shape) else None
        for shape in shapes
        if shape is not None
    ]
    if label.ndim == 0 or any(row != len(label) for row in rows):
        shown = [tuple(shape) for shape in shapes if shape is not None]
        raise ValueError(
            "The data must yield batches, whose inputs and labels hold as "
            "many samples. Received: "
            f"x.shape={shown[0] if len(shown) == 1 else shown}, "
            f"y.shape={label.shape}"
        )
