"""Class weights, as sample weights: Keras takes none for labels in a dict."""

import numbers

import numpy as np


class ClassWeights:
    """Weighs samples, or positions of samples, by their given label.

    Args:
        class_weight: Dict `{class: weight}`; other classes weigh 1.
        given: The `Given` labels.
        layout: The `Layout` of the batches.

    Raises:
        ValueError: For what is no such dict, or names unknown classes.
    """

    def __init__(self, class_weight, given, layout):
        _check(class_weight, given)
        self._layout = layout
        self._one_hot, self._dense = given.one_hot, given.dense
        self._classes = np.array(sorted(class_weight), dtype="int64")
        self._values = np.array(
            [class_weight[int(key)] for key in self._classes], dtype="float32"
        )

    def __call__(self, y, weight, ones=None, multiply=None):
        """Returns the sample weights of a batch, structured as Keras wants.

        Args:
            y: The labels, all of them.
            weight: The sample weights they come with, or `None`.
            ones: Function from labels to weights of 1, `(B,)`.
            multiply: Function of `(label, weight or None)` to their weights;
                `None` for that of NumPy arrays.
        """
        multiply = multiply or self.multiply
        ones = ones or (lambda label: np.ones(len(label), dtype="float32"))
        key = self._layout.key(y)
        if key is None:
            return multiply(y, weight)
        nested = isinstance(weight, (dict, list, tuple))
        keys = list(y) if isinstance(y, dict) else range(len(y))
        every = {name: weight[name] if nested else weight for name in keys}
        label = y[key]
        every = {
            name: ones(y[name]) if given is None and name != key else given
            for name, given in every.items()
        }
        every[key] = multiply(label, every[key])
        return every if isinstance(y, dict) else tuple(every.values())

    def multiply(self, label, weight=None):
        """Weights of labels `(B,)`, or `(B, ...)` of several positions."""
        label = np.asarray(label)
        if self._one_hot:
            label = np.argmax(label, axis=-1)
        elif not self._dense:
            label = label.reshape(len(label))
        label = label.astype("int64")
        at = np.searchsorted(self._classes, label)
        at = np.minimum(at, len(self._classes) - 1)
        weights = np.where(self._classes[at] == label, self._values[at], 1.0)
        weights = weights.astype("float32")
        if weight is None:
            return weights
        weight = np.asarray(weight, dtype="float32")
        if weight.ndim == 2 and weight.shape[1] == 1:
            weight = weight[:, 0]
        rank = max(weights.ndim, weight.ndim)
        return _of_rank(weights, rank) * _of_rank(weight, rank)

    def rank(self, label_rank):
        """The rank of the weights of labels of rank `label_rank`."""
        if self._dense:
            return label_rank - self._one_hot
        return 1


def _of_rank(array, rank):
    return array.reshape(*array.shape, *[1] * (rank - array.ndim))


def _check(class_weight, given):
    if not isinstance(class_weight, dict) or not class_weight:
        raise ValueError(
            "`class_weight` must be a dict {class: weight}. Received: "
            f"class_weight={class_weight!r}"
        )
    for key, value in class_weight.items():
        whole = isinstance(key, numbers.Integral) and not isinstance(key, bool)
        number = isinstance(value, numbers.Real) and 0 <= value < float("inf")
        if not whole or not number:
            raise ValueError(
                "`class_weight` must give class numbers a weight of at least "
                f"0. Received: class_weight[{key!r}]={value!r}"
            )
    classes = max(given.num_classes or 0, given.largest + 1)
    unknown = [key for key in class_weight if not 0 <= key < classes]
    if unknown:
        raise ValueError(
            "`class_weight` must name classes that there are, "
            f"0 to {classes - 1}. Received: class_weight[{unknown[0]}]="
            f"{class_weight[unknown[0]]}"
        )
