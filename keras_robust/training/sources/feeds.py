"""Data for `fit` whose batches say which samples they hold, when armed."""

import keras

from keras_robust.training import ids
from keras_robust.training import native
from keras_robust.training.sources.layout import nested_numpy


class Armed(keras.utils.PyDataset):
    """Data that yields plain labels but in epochs a callback armed it for.

    JAX and PyTorch build the model from the first batch before a callback has
    prepared it for sample positions; TensorFlow fixes the structure of the
    batches before that, and builds later. Armed epoch by epoch, the data is
    plain again after a `fit` that was interrupted, whatever reads it next; but
    on TensorFlow, where it has positions always and only a `fit` with its
    callback can read it.
    """

    def __init__(self):
        super().__init__()
        self._always = not native.reads_before_callbacks()
        self._armed = self._always
        self._arm_next = False
        self._plain = False

    def arm(self):
        """Makes the next epoch yield sample positions."""
        self._arm_next = True

    def disarm(self):
        """Takes that back."""
        self._arm_next = False

    @property
    def is_waiting(self):
        """Whether the epoch it was armed for has not begun."""
        return self._arm_next

    def rewind(self):
        """Begins anew; for data that remembers how far it was read."""

    def quicker(self):
        """Returns what is read faster, itself if nothing is."""
        return self

    def on_epoch_begin(self):
        self._armed = self._always or self._arm_next
        self._armed &= not self._plain
        self._arm_next = False

    def in_order(self):
        """Yields `(x, y, positions)` of every batch, each sample once."""
        raise NotImplementedError

    def make_plain(self):
        """Makes every epoch yield plain labels, armed or not."""
        self._plain, self._armed = True, False

    def _joined(self, label, index):
        return ids.join(label, index) if self._armed else label


class TrackedStream(Armed):
    """Batches with positions, read in their order.

    It reads on where an epoch of `steps_per_epoch` steps ended, as Keras does
    with a dataset, and starts again when all batches were read.

    Args:
        batches: What yields `(x, {label, index})` or with sample weights,
            anew whenever it is iterated.
        num_batches: Their number.
    """

    def __init__(self, batches, num_batches):
        super().__init__()
        self._source = batches
        self._batches = iter(())
        self._read = num_batches
        self._num_batches = num_batches

    @property
    def num_batches(self):
        return self._num_batches

    def rewind(self):
        self._batches = iter(())
        self._read = self._num_batches

    def on_epoch_begin(self):
        super().on_epoch_begin()
        if not self._armed:
            self.rewind()

    def in_order(self):
        for batch in self._source:
            yield _opened(batch)

    def __getitem__(self, position):
        # Keras may ask for the positions of a PyDataset in any order; the
        # batches come in theirs.
        batch = self._next()
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(
            nested_numpy(batch)
        )
        y = self._joined(y[ids.LABEL], y[ids.INDEX])
        return keras.utils.pack_x_y_sample_weight(x, y, sample_weight)

    def _next(self):
        batch = next(self._batches, None)
        if batch is None and self._read >= self._num_batches:
            self._batches, self._read = iter(self._source), 0
            batch = next(self._batches, None)
        if batch is None:
            raise ValueError(
                "The data ended early: it must yield as many batches every "
                f"time as when it was tracked, {self._num_batches}. Received: "
                f"{self._read} batches"
            )
        self._read += 1
        return batch


def arm(data):
    """Makes the next epoch yield positions; a `tf.data.Dataset` always does."""
    if isinstance(data, Armed):
        data.arm()


def disarm(data):
    """Takes back the arming of an epoch that did not begin."""
    if isinstance(data, Armed):
        data.disarm()


def is_waiting(data):
    """Whether data was armed for an epoch and nothing reads it."""
    return isinstance(data, Armed) and data.is_waiting


def quicker(data):
    """Returns what holds the same as a feed and is read faster, if any.

    Keras warns when `fit` is to shuffle it.
    """
    return data.quicker() if isinstance(data, Armed) else data


def in_order(data):
    """Yields `(x, y, positions)` of a pass over all samples.

    It does not disturb what a training reads.

    Args:
        data: The `feed` of a `Tracked`.
    """
    if isinstance(data, Armed):
        return data.in_order()
    return map(_opened, data)


def num_batches(data):
    """The number of batches of a feed."""
    if isinstance(data, Armed):
        return data.num_batches
    return int(data.cardinality())


def plain(data):
    """Returns a feed whose batches never have positions."""
    if isinstance(data, Armed):
        data.make_plain()
        return data
    return data.map(lambda x, y, *weight: (x, y[ids.LABEL], *weight))


def _opened(batch):
    x, y, *_ = nested_numpy(batch)
    return x, y[ids.LABEL], y[ids.INDEX]


def rewind(data):
    """Begins anew, where a training starts."""
    if isinstance(data, Armed):
        data.rewind()
