"""Recording signals of every sample into rows of the carrier."""

import keras
import numpy as np

from keras_robust.training import native
from keras_robust.training import signals
from keras_robust.training.attachment import Participant


class Recorder(Participant):
    """Writes one row a sample and step; gives them out once an epoch.

    A row keeps the label the step saw too, so that data which changes its order
    under our feet is caught on the host, and a counter says how often each
    sample was seen.

    Args:
        names: Names of `signals.SIGNALS`.
        given_label: The labels `(N,)` the data was tracked with.
        from_logits: Whether the outputs are logits.
        axis: The class axis of the outputs.
        feed: The data with the sample positions.
    """

    def __init__(self, names, given_label, from_logits, axis, feed):
        self.feed = feed
        self.names = list(names)
        self.num_classes = None
        self._given = given_label
        self._from_logits = from_logits
        self._axis = axis
        self._rows = None
        self._counts = None

    def allocate(self, carrier):
        """Takes its variables from the carrier."""
        count = len(self._given)
        shape = (count, len(signals.COLUMNS))
        self._rows = carrier.add("rows", shape, "float32")
        self._counts = carrier.add("counts", (count,), "int32")

    def check(self, others):
        if any(isinstance(other, Recorder) for other in others):
            raise ValueError(
                "One `fit` takes one tracker: its positions name the samples "
                "of the data it tracked, and of no other. Let one tracker "
                "record all signals. Received: a second tracker (or the same "
                "one twice) in callbacks"
            )

    def after_loss(self, index, y, y_pred):
        if isinstance(y_pred, (dict, list, tuple)):
            raise ValueError(
                "Only models with one output can be recorded. Received: "
                f"outputs of type {type(y_pred).__name__}"
            )
        self._check_classes(y_pred)
        rows = signals.rows(y, y_pred, self._from_logits, self._axis)
        native.set_rows(self._rows, index, rows)
        ones = keras.ops.ones_like(index)
        native.add_at(self._counts, index, ones)

    def _check_classes(self, y_pred):
        outputs = y_pred.shape[self._axis]
        self.num_classes = max(outputs, 2)
        largest = int(self._given.max())
        if largest >= self.num_classes:
            first = int(np.argmax(self._given == largest))
            raise ValueError(
                "Labels must be below the number of classes. The model has "
                f"{outputs} outputs. Received: y[{first}]={largest}"
            )

    def clear(self):
        """Forgets the counts, at the start of an epoch."""
        self._counts.assign(keras.ops.zeros((len(self._given),), dtype="int32"))

    def read(self):
        """Returns `(signals (M, N), counts (N,))` of the epoch that ended.

        Raises:
            ValueError: If a step saw another label than the tracked one.
        """
        rows = np.array(keras.ops.convert_to_numpy(self._rows.value)).T
        counts = np.array(keras.ops.convert_to_numpy(self._counts.value))
        seen = counts > 0
        label = rows[signals.COLUMNS.index("label")]
        wrong = seen & (label != self._given)
        if wrong.any():
            first = int(np.argmax(wrong))
            raise ValueError(
                f"{np.count_nonzero(wrong)} samples came with another label "
                "than when they were tracked, so positions no longer name the "
                "same samples. A dataset that is shuffled before `track` gives "
                "another order every time: take its shuffle out and let "
                "`track(dataset, batch_size=...)` shuffle. Received: "
                f"sample {first} with label {int(label[first])}, tracked "
                f"with {int(self._given[first])}"
            )
        values = signals.derive(self.names, rows)
        values[:, ~seen] = np.nan
        return values, counts
