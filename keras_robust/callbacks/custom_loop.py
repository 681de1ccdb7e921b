"""Recording from training loops that are not `fit`."""

from keras import ops

from keras_robust.callbacks.host_rows import HostRows
from keras_robust.training import sources


class CustomLoop:
    """Collects the rows of batches until the epoch ends.

    Args:
        recorder: The `Recorder` that measures them.
        tracked: What is known of the samples.
    """

    def __init__(self, recorder, tracked):
        self._recorder = recorder
        self._count = len(tracked.given_label)
        self._positions = sources.ByKey(tracked.ids)
        self._batches = []

    def update(self, ids, y_true, y_pred):
        """Takes a batch; see `LossTrajectory.update`."""
        y_true, y_pred = map(ops.convert_to_tensor, (y_true, y_pred))
        size = y_pred.shape[0]
        if y_true.shape[:1] != (size,):
            raise ValueError(
                "`update` takes a label and a prediction a sample. Received: "
                f"y_true.shape={tuple(y_true.shape)}, "
                f"y_pred.shape={tuple(y_pred.shape)}"
            )
        position = self._positions.find(None, ids, size)
        # On the device until the epoch ends: the loop need not wait.
        self._batches.append((position, self._recorder.measure(y_true, y_pred)))

    @property
    def num_batches(self):
        """How many batches the epoch has so far."""
        return len(self._batches)

    @property
    def num_classes(self):
        """The number of classes, once a batch was seen."""
        return self._recorder.num_classes

    def end_epoch(self):
        """Returns `(signals (M, N), counts (N,))`, and begins the next."""
        rows = HostRows(self._recorder, self._count)
        batches, self._batches = self._batches, []
        for position, made in batches:
            rows.add(position, made)
        return rows.finish()
