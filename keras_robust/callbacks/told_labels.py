"""The labels that the loss is told in place of the given ones."""

import numpy as np
from keras import backend
from keras import ops

from keras_robust import training
from keras_robust.callbacks import refusals
from keras_robust.losses.labelled import EXACT
from keras_robust.training import native
from keras_robust.training.output import Output


class ToldLabels(training.Participant):
    """The class that each sample is told to be inside the step, `(N,)`.

    Args:
        owner: The name of the callback, for messages.
        tracker: Its `LossTrajectory`.
        validated: Called with the `Tracked` data and what `fit` validates on.
    """

    acts = True
    relabels = True

    def __init__(self, owner, tracker, validated):
        self._owner = owner
        self._tracker = tracker
        self._validated = validated
        self._output = self._labels = None
        self.data = None

    def allocate(self, attachment, tracked):
        refusals.dense_labels(self._owner, tracked.dense)
        tracker = self._tracker
        self._output = Output(
            attachment.model, tracker.output, tracker.from_logits
        )
        self.data = tracked
        # One more than the class, so that 0 leaves the label as given.
        self._labels = attachment.carrier.add(
            "labels",
            (len(tracked.given_label),),
            "int32",
            # Every replica of a `tf.distribute` strategy has the same.
            aggregation="only_first_replica",
        )

    def validated(self, x, y):
        self._validated(self.data, x, y)

    def assign(self, labels):
        """Takes the classes `(N,)` that count from now on."""
        changed = labels != self.data.given_label
        told = np.where(changed, labels + 1, 0)
        self._labels.assign(told.astype("int32"))

    def told(self, index, y, y_pred, sample_weight):
        given = self._output.select(y)
        outputs = self._output.select(y_pred)
        told = native.rows(self._labels, index)
        if len(given.shape) == 1 or given.shape[1] == 1:
            label = _numbers(given, told, max(outputs.shape[-1], 2))
        else:
            label = _rows(given, told)
        return self._output.replace(y, label), sample_weight


def _numbers(given, told, num_classes):
    """Class numbers `(B,)` or `(B, 1)`, of the dtype they are given in."""
    dtype = backend.standardize_dtype(given.dtype)
    whole = np.iinfo(dtype).max if "int" in dtype else num_classes
    if num_classes - 1 > EXACT.get(dtype, whole):
        raise ValueError(
            f"Labels in {dtype} cannot name every class that they may be "
            "changed to: give labels in int32. Received: "
            f"y.dtype={dtype}, {num_classes} classes"
        )
    told = ops.reshape(told, ops.shape(given))
    return ops.where(told > 0, ops.cast(told - 1, dtype), given)


def _rows(given, told):
    """One-hot or soft rows `(B, K)`: two classes change places."""
    dtype = backend.standardize_dtype(given.dtype)
    scores = ops.cast(given, "int32") if dtype == "bool" else given
    before = ops.argmax(scores, axis=-1)
    before = ops.expand_dims(ops.cast(before, "int32"), axis=-1)
    told = ops.expand_dims(told, axis=-1)
    after = ops.where(told > 0, told - 1, before)
    classes = ops.arange(given.shape[-1], dtype="int32")
    share_before = ops.take_along_axis(given, before, axis=-1)
    share_after = ops.take_along_axis(given, after, axis=-1)
    rows = ops.where(ops.equal(classes, before), share_after, given)
    return ops.where(ops.equal(classes, after), share_before, rows)
