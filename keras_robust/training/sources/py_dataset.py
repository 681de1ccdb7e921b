"""`keras.utils.PyDataset`: every batch with the positions of its samples."""

import numpy as np

from keras_robust.training import ids as travelling
from keras_robust.training.sources.batches import Survey
from keras_robust.training.sources.batches import check_in_batches
from keras_robust.training.sources.feeds import Armed
from keras_robust.training.sources.feeds import TrackedStream
from keras_robust.training.sources.layout import Layout
from keras_robust.training.sources.tracked import tracked
from keras_robust.training.sources.workers import read_ahead


class TrackedPyDataset(Armed):
    """A PyDataset read by position.

    Args:
        source: The PyDataset.
        numbering: The `Numbering` of its batches.
        num_batches: How many batches it had when it was tracked.
    """

    def __init__(self, source, numbering, num_batches):
        super().__init__()
        self._source, self._numbering = source, numbering
        self._num_batches = num_batches

    @property
    def num_batches(self):
        return _checked_length(self._source, self._num_batches)

    def on_epoch_begin(self):
        super().on_epoch_begin()
        self._source.on_epoch_begin()

    def on_epoch_end(self):
        self._source.on_epoch_end()

    def in_order(self):
        for number in range(self.num_batches):
            x, y, *_ = self._numbering(self._source[number], number)
            yield x, y[travelling.LABEL], y[travelling.INDEX]

    def __getitem__(self, position):
        x, y, *weight = self._numbering(self._source[position], position)
        y = self._joined(y[travelling.LABEL], y[travelling.INDEX])
        return (x, y, *weight)


class _ReadAhead:
    """Batches with positions of a PyDataset, as its workers read them.

    Args:
        source: The PyDataset.
        numbering: The `Numbering` of its batches.
        num_batches: How many batches it had when it was tracked.
        shuffle: Whether to shuffle the batches anew every time.
        seed: Seed of that.
    """

    def __init__(self, source, numbering, num_batches, shuffle, seed):
        self._source, self._numbering = source, numbering
        self._num_batches = num_batches
        self._rng = np.random.default_rng(seed) if shuffle else None

    def __iter__(self):
        order = np.arange(_checked_length(self._source, self._num_batches))
        if self._rng is not None:
            self._rng.shuffle(order)
        for number, batch in read_ahead(self._source, order.tolist()):
            yield self._numbering(batch, number)


class TrackedPooledPyDataset(TrackedStream):
    """A PyDataset read ahead by its own number of workers.

    Not by those of Keras: they begin to read before an epoch has begun, when
    batches have no positions yet, and drop and repeat batches where a model
    is built from the first one.

    Args:
        source: The PyDataset.
        batches: What reads it, `_ReadAhead`.
        num_batches: How many batches it had when it was tracked.
    """

    def __init__(self, source, batches, num_batches):
        super().__init__(batches, num_batches)
        self._dataset = source

    def on_epoch_begin(self):
        super().on_epoch_begin()
        self._dataset.on_epoch_begin()

    def on_epoch_end(self):
        self._dataset.on_epoch_end()


def track_py_dataset(
    source,
    batch_size,
    class_weight,
    shuffle,
    seed,
    ids,
    id_key,
    num_classes,
    output,
):
    """Tracks a `keras.utils.PyDataset`; see `track`."""
    check_in_batches(batch_size)
    count = source.num_batches
    if count is None:
        raise ValueError(
            "The PyDataset never ends, so its samples cannot be counted: let "
            f"its `num_batches` be a number. Received: {source!r}"
        )
    survey = Survey(Layout(output, id_key), num_classes)
    source.on_epoch_begin()
    for number in range(count):
        survey.see(source[number])
    given, names = survey.finish(ids, source)
    numbering = survey.numbering(given, names, class_weight)
    parallel = source.workers > 1 or (
        source.workers > 0 and source.use_multiprocessing
    )
    if not parallel:
        feed = TrackedPyDataset(source, numbering, count)
    else:
        batches = _ReadAhead(source, numbering, count, shuffle, seed)
        feed = TrackedPooledPyDataset(source, batches, count)
    return tracked(feed, given, names)


def _checked_length(source, count):
    if source.num_batches != count:
        raise ValueError(
            "The PyDataset has another number of batches than when it was "
            f"tracked, {count}. Received: {source.num_batches} batches"
        )
    return count
