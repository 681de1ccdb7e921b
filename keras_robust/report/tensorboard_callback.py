"""Trajectories in TensorBoard while `fit` runs."""

import keras

from keras_robust.callbacks.tracker import checked
from keras_robust.detect import find_label_issues
from keras_robust.detect import get_split
from keras_robust.detect import signals_of
from keras_robust.report import tensorboard_events
from keras_robust.report.event_file import EventFile


class TrajectoryTensorBoard(keras.callbacks.Callback):
    """Shows what a tracker records in TensorBoard, epoch by epoch.

    After each epoch a histogram of every signal over the samples, and its
    mean; when training ends, what `find_label_issues` finds, in numbers and
    pictures, as `write_tensorboard` has them. Keras's own `TensorBoard` shows
    the logs, those of the tracker too. It needs the package `tensorboard`,
    and neither TensorFlow nor PyTorch beside the backend.

    Args:
        tracker: The `LossTrajectory` that tracks the data, which stands
            before it in `callbacks`.
        log_dir: The folder that TensorBoard looks into; every `fit` writes a
            new file there, and none is changed.
        images: The images of the tracked samples, as of `plot_gallery`.
            Defaults to `None`.
        class_names: Names of the classes, in order. Defaults to their
            numbers.
        k: How many images, 1 to 200. Defaults to `20`.
        score: As of `find_label_issues`. Defaults to `"auto"`.
        split: As of `find_label_issues`. Defaults to `"auto"`.

    Attributes:
        path: The file of the last `fit`, `None` before.

    Raises:
        ImportError: If tensorboard or matplotlib is missing; when training
            starts.
        ValueError: For bad arguments; when training starts, for images that
            are not those of the tracked samples.

    Example:

    >>> import os
    >>> import tempfile
    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(3, activation="softmax")]
    ... )
    >>> model.compile("adam", loss="sparse_categorical_crossentropy")
    >>> tracker = kr.callbacks.LossTrajectory()
    >>> board = kr.report.TrajectoryTensorBoard(
    ...     tracker, tempfile.mkdtemp(), score="aum", split="gmm"
    ... )
    >>> x, y = np.eye(4)[:3], np.arange(3)
    >>> history = model.fit(
    ...     tracker.track(x, y), verbose=0, callbacks=[tracker, board]
    ... )
    >>> "tfevents" in os.path.basename(board.path)
    True
    """

    def __init__(
        self,
        tracker,
        log_dir,
        images=None,
        class_names=None,
        k=20,
        score="auto",
        split="auto",
    ):
        super().__init__()
        self.tracker = checked(tracker)
        self.log_dir = log_dir
        self.images, self.class_names, self.k = images, class_names, k
        self.score, self.split = score, split
        self.path = None
        tensorboard_events.check(None, images, class_names, k)
        missing = {*signals_of(score)} - {*self.tracker.signals, "predicted"}
        if missing:
            raise ValueError(
                f'The score "{score}" reads what the tracker does not record: '
                f"{', '.join(sorted(missing))}. Received: "
                f"tracker.signals={self.tracker.signals}"
            )
        if split != "auto":
            get_split(split)
        self._file = self._recorded = None

    def on_train_begin(self, logs=None):
        # An interrupted training leaves its own behind.
        self._close()
        tracked = self.tracker._tracked
        if tracked is not None:
            tensorboard_events.check(
                len(tracked.given_label),
                self.images,
                self.class_names,
                self.k,
                tracked.num_classes,
            )
        self._recorded = self.tracker.next_epoch
        self._file = EventFile(self.log_dir)
        self.path = self._file.path

    def on_epoch_end(self, epoch, logs=None):
        if self.tracker.next_epoch <= self._recorded:
            raise ValueError(
                "TrajectoryTensorBoard reads what its tracker recorded of the "
                "epoch, so the tracker must stand before it: callbacks="
                "[tracker, TrajectoryTensorBoard(tracker, ...)]. Received: a "
                "tracker that has not recorded this epoch"
            )
        self._recorded = self.tracker.next_epoch
        tensorboard_events.write_epoch(
            self._file, self._recorded - 1, self.tracker.last_epoch
        )
        self._file.flush()

    def on_train_end(self, logs=None):
        if self._file is None:
            return
        try:
            if self.tracker.num_epochs:
                tensorboard_events.write_found(
                    self._file,
                    self.tracker.next_epoch - 1,
                    find_label_issues(
                        self.tracker.trajectories, self.score, self.split
                    ),
                    self.images,
                    self.class_names,
                    self.k,
                )
        finally:
            self._close()

    def _close(self):
        if self._file is not None:
            self._file.close()
            self._file = None
