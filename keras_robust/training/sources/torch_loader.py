"""`torch.utils.data.DataLoader`: samples that know their place in the dataset.

The loader is built again around a dataset that yields `(sample, position)`,
so whatever its sampler does, positions are those of the dataset. The wrappers
are classes of this module: workers may be spawned, and unpickle them.
"""

import numpy as np

from keras_robust.training import ids as travelling
from keras_robust.training.sources.batches import Numbered
from keras_robust.training.sources.batches import Numbering
from keras_robust.training.sources.batches import Survey
from keras_robust.training.sources.batches import check_collated
from keras_robust.training.sources.batches import check_in_batches
from keras_robust.training.sources.batches import weigh
from keras_robust.training.sources.feeds import TrackedStream
from keras_robust.training.sources.layout import Layout
from keras_robust.training.sources.options import is_from
from keras_robust.training.sources.tracked import position_dtype
from keras_robust.training.sources.tracked import tracked

# What a loader passes on to one that reads the same in another order.
_OPTIONS = (
    "num_workers",
    "timeout",
    "worker_init_fn",
    "multiprocessing_context",
    "prefetch_factor",
)
# And to one that reads the same in the same order; some depend on the version.
_MORE_OPTIONS = (
    "generator",
    "pin_memory",
    "pin_memory_device",
    "persistent_workers",
    "in_order",
)


class IndexedDataset:
    """A map-style dataset that yields `(sample, position)`.

    Args:
        dataset: The dataset.
    """

    def __init__(self, dataset):
        self.dataset = dataset

    def __len__(self):
        return len(self.dataset)

    def __getitem__(self, index):
        return self.dataset[index], index

    def __getitems__(self, indices):
        many = getattr(self.dataset, "__getitems__", None)
        if many is None:
            return [self[index] for index in indices]
        return list(zip(many(indices), indices, strict=True))


class IndexedCollate:
    """Collates samples as `collate`, and their positions.

    Args:
        collate: The loader's `collate_fn`.
        batched: Whether the loader makes batches of samples, rather than its
            dataset.
    """

    def __init__(self, collate, batched):
        self.collate = collate
        self.batched = batched

    def __call__(self, samples):
        if not self.batched:
            batch, index = samples
            return self.collate(batch), np.array(index)
        samples, index = zip(*samples, strict=True)
        return self.collate(list(samples)), np.array([int(i) for i in index])


class TrackedLoader(TrackedStream):
    """A loader, and another of every sample once, in the dataset's order.

    Args:
        batches: The `IndexedLoader` to train on.
        once: The `IndexedLoader` of every sample.
        num_batches: How many batches an epoch has.
    """

    def __init__(self, batches, once, num_batches):
        super().__init__(batches, num_batches)
        self._once = once

    def in_order(self):
        for batch in self._once:
            y = batch[1]
            yield batch[0], y[travelling.LABEL], y[travelling.INDEX]


class IndexedLoader:
    """Batches with positions of a loader of `(batch, positions)`.

    Args:
        loader: The loader.
        numbering: The `Numbering` of its batches.
        count: The number of samples.
    """

    def __init__(self, loader, numbering, count):
        self._loader, self._numbering, self._count = loader, numbering, count
        self._dtype = position_dtype(count)

    def __iter__(self):
        for batch, index in self._loader:
            index = _checked_index(index, self._count).astype(self._dtype)
            yield self._numbering(batch, index=index)


def is_loader(x):
    """Whether `x` is a PyTorch `DataLoader`, without importing PyTorch."""
    return is_from(x, "torch", "DataLoader")


def track_loader(
    source,
    batch_size,
    class_weight,
    ids,
    id_key,
    num_classes,
    output,
):
    """Tracks a PyTorch `DataLoader`; see `track`."""
    check_in_batches(batch_size)
    layout = Layout(output, id_key)
    survey = Survey(layout, num_classes)
    if not _has_positions(source):
        for batch in source:
            survey.see(batch)
        given, names = survey.finish(ids, source)
        numbering = survey.numbering(given, names, class_weight)
        feed = TrackedStream(
            Numbered(source.__iter__, numbering), len(survey.sizes)
        )
        return tracked(feed, given, names)
    count, num_batches = _lengths(source)
    for batch, index in _in_order(source, count):
        survey.see(batch)
        check_collated(survey.sizes[-1], len(index))
    given, names = survey.finish(ids, source)
    weights = weigh(class_weight, given, layout)
    numbering = Numbering(layout, None, weights)
    feed = TrackedLoader(
        IndexedLoader(_indexed(source), numbering, count),
        IndexedLoader(_in_order(source, count), numbering, count),
        num_batches,
    )
    return tracked(feed, given, names)


def _has_positions(source):
    """Whether a loader reads samples of a dataset by their positions."""
    from torch.utils.data import DataLoader

    iterable = is_from(source.dataset, "torch", "IterableDataset")
    return not iterable and type(source).__iter__ is DataLoader.__iter__


def _lengths(source):
    from torch.utils.data import RandomSampler
    from torch.utils.data import SequentialSampler

    try:
        lengths = len(source.dataset), len(source)
    except TypeError as error:
        raise ValueError(
            "The loader's dataset and sampler must have a length: define "
            f"`__len__`. Received: {error}"
        ) from error
    single = isinstance(source.sampler, (RandomSampler, SequentialSampler))
    if source.batch_sampler is None and single:
        raise ValueError(
            "The loader makes no batches: give it a `batch_size`, or a "
            "`sampler` that yields lists of positions. Received: "
            f"batch_size=None, sampler of type {type(source.sampler).__name__}"
        )
    return lengths


def _in_order(source, count):
    """A loader that reads every sample once, in the order of the dataset."""
    import torch

    size = source.batch_size
    size = size or getattr(source.batch_sampler, "batch_size", None) or 64
    numbers = range(count)
    places = [list(numbers[i : i + size]) for i in range(0, count, size)]
    # A generator of its own: the loader's, and the global one, stay as they
    # are, and with them what is drawn in training.
    return _rebuilt(
        source, _OPTIONS, places, generator=torch.Generator().manual_seed(0)
    )


def _indexed(source):
    """The loader, of `(batch, positions)`."""
    sampler = source.batch_sampler
    sampler = source.sampler if sampler is None else sampler
    return _rebuilt(source, _OPTIONS + _MORE_OPTIONS, sampler)


def _rebuilt(source, options, sampler, **more):
    from torch.utils.data import DataLoader

    for name in options:
        value = getattr(source, name, None)
        if value is not None and value != "":
            more[name] = value
    batched = source.batch_sampler is not None
    if batched:
        more["batch_sampler"] = sampler
    else:
        more.update(batch_size=None, sampler=sampler)
    return DataLoader(
        IndexedDataset(source.dataset),
        collate_fn=IndexedCollate(source.collate_fn, batched),
        **more,
    )


def _checked_index(index, count):
    whole = index.ndim == 1 and index.dtype.kind in "iu"
    if not whole or (
        index.size and not 0 <= index.min() <= index.max() < count
    ):
        raise ValueError(
            "The loader's sampler must yield lists of positions in its "
            f"dataset, 0 to {count - 1}. Received: {index!r}"
        )
    return index
