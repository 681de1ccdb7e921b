"""TensorBoard's event files, written without TensorFlow or PyTorch."""

import io
import os
import socket
import time
import uuid

import numpy as np


class EventFile:
    """A new event file in a folder that TensorBoard looks into.

    Only the package `tensorboard` is needed: its `EventFileWriter` would load
    TensorFlow where that is installed, so its records go to a file of our
    own. Each call of `flush` brings what was written so far to disk.

    Args:
        folder: The folder, which is made if it is not there. Files that are
            there already stay as they are.

    Raises:
        ImportError: If tensorboard is missing; says what to install.
        OSError: If the folder or the file cannot be written.
    """

    def __init__(self, folder):
        try:
            from tensorboard.compat.proto import event_pb2
            from tensorboard.compat.proto import summary_pb2
            from tensorboard.plugins.histogram.summary_v2 import histogram_pb
            from tensorboard.plugins.scalar.summary_v2 import scalar_pb
            from tensorboard.summary.writer.record_writer import RecordWriter
        except ImportError as error:
            raise ImportError(
                "Event files need tensorboard. Install it with: "
                "pip install 'keras-robust[tensorboard]'"
            ) from error
        self._event, self._summary = event_pb2.Event, summary_pb2.Summary
        self._scalar_pb, self._histogram_pb = scalar_pb, histogram_pb
        os.makedirs(folder, exist_ok=True)
        # TensorBoard reads them in the order of their names.
        name = (
            f"events.out.tfevents.{int(time.time()):010d}."
            f"{socket.gethostname()}.{os.getpid()}.{uuid.uuid4().hex[:8]}"
        )
        self.path = os.path.join(folder, name)
        self._records = RecordWriter(open(self.path, "xb"))
        self._add(file_version="brain.Event:2")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def scalar(self, tag, value, step):
        """Writes a number; none that is not finite."""
        if np.isfinite(value):
            self._add(step=step, summary=self._scalar_pb(tag, float(value)))

    def histogram(self, tag, values, step):
        """Writes a histogram of the finite ones among numbers `(N,)`."""
        values = np.asarray(values, np.float64)
        values = values[np.isfinite(values)]
        if values.size:
            summary = self._histogram_pb(tag, values)
            self._add(step=step, summary=summary)

    def picture(self, tag, figure, step, dpi=100):
        """Writes a matplotlib figure, or axes of one."""
        figure = getattr(figure, "figure", figure)
        png = io.BytesIO()
        figure.savefig(png, format="png", dpi=dpi)
        width, height = (figure.get_size_inches() * dpi).astype(int)
        image = self._summary.Image(
            width=int(width),
            height=int(height),
            # Red, green, blue and alpha.
            colorspace=4,
            encoded_image_string=png.getvalue(),
        )
        value = self._summary.Value(tag=tag, image=image)
        self._add(step=step, summary=self._summary(value=[value]))

    def flush(self):
        """Brings everything to disk."""
        self._records.flush()

    def close(self):
        """Ends the file."""
        self._records.close()

    def _add(self, **fields):
        event = self._event(wall_time=time.time(), **fields)
        self._records.write(event.SerializeToString())
