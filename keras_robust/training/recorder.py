"""Recording signals of every sample into rows of the carrier."""

import numpy as np
from keras import ops

from keras_robust.losses.masking import mask_of
from keras_robust.training import head
from keras_robust.training import native
from keras_robust.training.participant import Participant

# Batches that wait for each other at most.
_AT_ONCE = 16


class Recorder(Participant):
    """Writes one row a sample and step; gives them out once an epoch.

    A row keeps what the labels were that the step saw too, so that data which
    changes its order under our feet is caught on the host, and a counter says
    how often each sample was seen.

    Args:
        rows: A `PerSample` or `PerPosition`: what to write.
        output: The `output.Output` to record.
        tracked: What is known of the data: its feed, labels, fingerprints.
        loss: Whether to hand the compiled loss of every label to `rows`.
    """

    def __init__(self, rows, output, tracked, loss=False):
        self.tracked = tracked
        self.num_classes = None
        self._made = rows
        self.output = output
        self._fingerprint = tracked.fingerprint
        self._given = tracked.given_label
        self._largest = int(tracked.given_label.max())
        self._loss = loss
        self._rows = None
        self._counts = None
        self._waiting = []
        self._first = True

    def allocate(self, carrier):
        """Takes its variables from the carrier."""
        count = len(self._given)
        self._rows = carrier.add("rows", (count, self._made.width), "float32")
        self._counts = carrier.add("counts", (count,), "int32")

    def check(self, others):
        if any(isinstance(other, Recorder) for other in others):
            raise ValueError(
                "One `fit` takes one tracker: its positions name the samples "
                "of the data it tracked, and of no other. Let one tracker "
                "record all signals. Received: a second tracker (or the same "
                "one twice) in callbacks"
            )

    @property
    def width(self):
        """Numbers a row."""
        return self._made.width

    def after_loss(self, index, y, y_pred):
        y, y_pred = self.output.select(y), self.output.select(y_pred)
        # The compiled loss may change with the epoch: asked for at once.
        made_alone = self._loss or not self._made.may_wait
        if made_alone or not native.may_wait(y_pred):
            self._write_waiting()
            self._write(index, self._measure(y, y_pred))
            return
        # Now, while the step that is wrong is under way.
        self._check_classes(y_pred)
        self._waiting.append((index, y, ops.stop_gradient(y_pred)))
        if len(self._waiting) == _AT_ONCE:
            self._write_waiting()

    def _write_waiting(self):
        """Writes the batches that wait, measured as one."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        _, labels, outputs = zip(*waiting, strict=True)
        rows = self._measure(ops.concatenate(labels), ops.concatenate(outputs))
        start = 0
        # One after the other: of a sample in two of them the later one counts.
        for index, _, _ in waiting:
            self._write(index, rows[start : start + len(index)])
            start += len(index)

    def _write(self, index, rows):
        native.set_rows(self._rows, index, rows)
        native.count(self._counts, index)

    def measure(self, y, y_pred):
        """Returns the rows `(B, width)` of a batch, without gradient."""
        return self._measure(self.output.select(y), self.output.select(y_pred))

    def _measure(self, y, y_pred):
        self._check_classes(y_pred)
        mask = mask_of(y_pred)
        y_pred = ops.stop_gradient(y_pred)
        losses = self.output.losses(y, y_pred) if self._loss else None
        return self._made.rows(y, y_pred, losses, mask)

    def _check_classes(self, y_pred):
        outputs = y_pred.shape[self.output.axis]
        self.num_classes = max(outputs, 2)
        if self._largest >= self.num_classes:
            first = int(np.argmax(self._given == self._largest))
            raise ValueError(
                "Labels must be below the number of classes. The model has "
                f"{outputs} outputs. Received: y[{first}]={self._largest}"
            )

    def clear(self):
        """Forgets the counts, at the start of an epoch."""
        # Of an epoch that was broken off.
        self._waiting = []
        self._counts.assign(ops.zeros((len(self._given),), dtype="int32"))

    def read(self):
        """Returns `(signals (M, N), counts (N,))` of the epoch that ended.

        Raises:
            ValueError: If a step saw other labels than the tracked ones.
        """
        self._write_waiting()
        counts = np.array(ops.convert_to_numpy(self._counts.value))
        rows = np.array(ops.convert_to_numpy(self._rows.value))
        return self.examine(rows, counts), counts

    def examine(self, rows, counts):
        """Returns the signals `(M, N)` that rows `(N, width)` say.

        Raises:
            ValueError: As of `read`.
        """
        epoch = self._made.read(rows)
        seen = counts > 0
        same = self._made.same(epoch.fingerprint, self._fingerprint)
        wrong = seen & ~same
        if wrong.any():
            first = int(np.argmax(wrong))
            raise ValueError(
                f"{np.count_nonzero(wrong)} samples came with another label "
                "than when they were tracked, so positions no longer name the "
                "same samples. A dataset that is shuffled before `track` gives "
                "another order every time: take its shuffle out and let "
                "`track(dataset, batch_size=...)` shuffle, or let the data "
                "say which sample is which with `id_key`. Received: "
                f"sample {first} with label {epoch.fingerprint[first]:g}, "
                f"tracked with {self._fingerprint[first]:g}"
            )
        if self._first and seen.any():
            total, largest = epoch.total[seen], epoch.largest[seen]
            head.warn_of_outputs(total, largest, self.output.from_logits)
            self._first = False
        epoch.values[:, ~seen] = np.nan
        return epoch.values
