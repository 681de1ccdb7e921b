"""Recording from training loops that are not `fit`."""

import numpy as np
from keras import ops

from keras_robust.callbacks.host_rows import HostRows
from keras_robust.training import sources
from keras_robust.training.sources.layout import as_numpy


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
        if not ops.is_tensor(y_true):
            y_true = np.asarray(y_true)
            if y_true.dtype.kind not in "biuf":
                raise ValueError(
                    "`y_true` must hold class numbers or class weights, as "
                    f"declared by `samples`. Received: dtype {y_true.dtype}"
                )
        y_true, y_pred = map(ops.convert_to_tensor, (y_true, y_pred))
        size = y_pred.shape[0]
        if y_true.shape[:1] != (size,):
            raise ValueError(
                "`update` takes a label and a prediction a sample. Received: "
                f"y_true.shape={tuple(y_true.shape)}, "
                f"y_pred.shape={tuple(y_pred.shape)}"
            )
        position = self._positions.find(None, ids, size)
        try:
            rows = self._recorder.measure(y_true, y_pred)
        except Exception as error:
            # Backends count a class that is not there in words of their own.
            # Not looked for before: the loop would wait for the device.
            _check_classes(y_true, y_pred, error)
            raise
        # On the device until the epoch ends, likewise.
        self._batches.append((position, rows))

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


def _check_classes(y_true, y_pred, error):
    if len(y_true.shape) == len(y_pred.shape) and y_true.shape[-1] != 1:
        return
    labels, classes = as_numpy(y_true).ravel(), max(y_pred.shape[-1], 2)
    wrong = (labels < 0) | (labels >= classes)
    if wrong.any():
        raise ValueError(
            f"Labels must lie between 0 and {classes - 1}, as the predictions "
            f"have {classes} classes. Received: label {labels[wrong][0]}"
        ) from error
