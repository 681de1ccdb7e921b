"""Iterables, functions, generators; grain's datasets and loaders."""

import itertools

import numpy as np
import pytest

from keras_robust.training import sources
from tests.training import frozen
from tests.training.sources import helpers
from tests.training.sources.helpers import INTEGERS
from tests.training.sources.helpers import LABELS
from tests.training.sources.helpers import STRINGS
from tests.training.sources.helpers import X
from tests.training.sources.helpers import batches
from tests.training.sources.helpers import track


class Iterable:
    def __init__(self, found):
        self.found = found

    def __iter__(self):
        return iter(self.found)


class Source:
    """What a grain loader reads; a class of a module, as it is pickled."""

    def __len__(self):
        return frozen.N

    def __getitem__(self, index):
        return X[index], LABELS[index]


def grain_map(shuffle=False):
    grain = pytest.importorskip("grain")
    found = grain.MapDataset.source(Source()).seed(0)
    found = found.shuffle() if shuffle else found
    return found.batch(frozen.BATCH)


def grain_iter():
    return grain_map().to_iter_dataset()


def grain_loader():
    grain = pytest.importorskip("grain")
    return grain.DataLoader(
        data_source=Source(),
        sampler=grain.samplers.IndexSampler(
            frozen.N, num_epochs=1, shuffle=False, seed=0
        ),
        operations=[grain.transforms.Batch(frozen.BATCH, False)],
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda: Iterable(batches()),
        lambda: lambda: iter(batches()),
        lambda: lambda: batches(),
        lambda: Iterable([(x, y, np.ones(len(y))) for x, y in batches()]),
        grain_map,
        grain_iter,
        grain_loader,
    ],
)
def test_every_sample_at_its_place(make):
    helpers.check(track(make()))


def test_a_shuffled_grain_dataset_has_one_order():
    tracked = track(grain_map(shuffle=True))
    assert tracked.given_label.tolist() != LABELS.tolist()
    assert sorted(tracked.given_label) == sorted(LABELS)
    _, tracker = helpers.fit(tracked)
    np.testing.assert_array_equal(tracker.trajectories.counts, 1)


@pytest.mark.parametrize("names", [INTEGERS, STRINGS])
def test_its_own_ids(names):
    rng = np.random.default_rng(0)
    named = {"label": LABELS, "id": names}

    def fresh():
        return batches(y=named, order=rng.permutation(frozen.N), size=11)

    tracked = track(fresh, id_key="id")
    order = [names.tolist().index(name) for name in tracked.ids.tolist()]
    assert order != sorted(order)
    helpers.check(tracked, LABELS[order], X[order], epochs=3)


def test_steps_of_an_endless_iterable():
    def endless():
        return itertools.cycle(batches())

    tracked = track(endless, steps_per_epoch=4)
    helpers.check(tracked)


def test_a_generator():
    helpers.check(track(itertools.cycle(batches()), steps_per_epoch=4))


def test_a_generator_is_read_no_further_than_it_must_be():
    """The batches for building the model come again, whatever reads them."""
    read = []

    def generate():
        for number, batch in enumerate(batches() * 3):
            read.append(number)
            yield batch

    tracked = track(generate(), steps_per_epoch=4)
    assert read == list(range(4))
    model, tracker = helpers.fit(tracked, epochs=2)
    frozen.check(tracker, model, X, LABELS, 2)
    assert read == list(range(8))
    # The kept ones are let go.
    assert not tracked.feed._kept
    model.fit(tracked.feed, verbose=0, callbacks=[tracker])
    np.testing.assert_array_equal(tracker.trajectories.counts, 1)
    with pytest.raises(Exception) as error:
        model.fit(tracked.feed, verbose=0, callbacks=[tracker])
    assert (
        "The generator ended: it must yield `steps_per_epoch` batches every "
        "epoch, 4. Received: 12 batches in all" in str(error.value)
    )


def test_a_generator_with_ids_of_its_own():
    named = {"label": LABELS, "id": STRINGS}
    rng = np.random.default_rng(0)

    def generate():
        while True:
            yield from batches(y=named, order=rng.permutation(frozen.N))

    tracked = track(generate(), steps_per_epoch=4, id_key="id")
    order = [STRINGS.tolist().index(name) for name in tracked.ids]
    helpers.check(tracked, LABELS[order], X[order], epochs=3)


def test_a_generator_in_another_order_is_caught():
    orders = [np.arange(frozen.N), np.arange(frozen.N)[::-1]]
    found = [batch for order in orders for batch in batches(order=order)]
    tracked = track(iter(found), steps_per_epoch=4)
    with pytest.raises(ValueError, match="came with another label than when"):
        helpers.fit(tracked)


def test_class_weights():
    source = Iterable([(x, y, 2.0 * np.ones(len(y))) for x, y in batches()])
    tracked = track(source, class_weight={0: 3.0})
    expected = np.array([6.0, 2.0, 2.0])[LABELS]
    np.testing.assert_array_equal(helpers.weights(tracked), expected)


def test_a_pass_in_order():
    tracked = track(Iterable(batches()))
    index = [index for _, _, index in sources.in_order(tracked.feed)]
    np.testing.assert_array_equal(np.concatenate(index), np.arange(frozen.N))
    tracked = track(iter(batches()), steps_per_epoch=4)
    with pytest.raises(ValueError) as error:
        list(sources.in_order(tracked.feed))
    assert str(error.value) == (
        "A generator can be read only once, and training reads it: record "
        'with mode="train", or hand over the function that makes it. '
        "Received: data of a generator"
    )


def test_other_batches_than_those_tracked():
    source = Iterable(batches())
    tracked = track(source)
    source.found = batches(size=10)
    with pytest.raises(ValueError, match="batch 0 of 10 samples, tracked with"):
        helpers.epoch(tracked.feed)
    source.found = batches()[:2]
    sources.rewind(tracked.feed)
    with pytest.raises(ValueError, match="ended early: .* Received: 2 batches"):
        helpers.epoch(tracked.feed)
    source.found = [*batches(), *batches()]
    sources.rewind(tracked.feed)
    helpers.epoch(tracked.feed)
    with pytest.raises(ValueError) as error:
        helpers.epoch(tracked.feed)
    assert str(error.value) == (
        "The data yields more batches than when it was tracked, 4. Received: "
        "batch 4"
    )


@pytest.mark.parametrize(
    ("make", "options", "message"),
    [
        (
            lambda: iter(batches()),
            {},
            "A generator can be read only once: say how many batches an epoch "
            "has with track(generator, steps_per_epoch=...), or hand over the "
            "function that makes it, which starts anew every epoch. Received: "
            "x of type list_iterator, steps_per_epoch=None",
        ),
        (
            lambda: iter(batches()),
            {"steps_per_epoch": 5},
            "The data has fewer batches than `steps_per_epoch`. Received: "
            "steps_per_epoch=5, 4 batches",
        ),
        (
            lambda: Iterable(batches()),
            {"steps_per_epoch": 5},
            "The data has fewer batches than `steps_per_epoch`. Received: "
            "steps_per_epoch=5, 4 batches",
        ),
        (
            lambda: Iterable(batches()),
            {"steps_per_epoch": 0},
            "`steps_per_epoch` must be a positive integer. Received: "
            "steps_per_epoch=0",
        ),
        (
            lambda: Iterable(batches()),
            {"batch_size": 4},
            "The data comes in batches already: leave `batch_size` out. "
            "Received: batch_size=4",
        ),
        (
            lambda: lambda: 3,
            {},
            "A function given to `track` must return an iterator of (x, y) "
            "batches. Received: 3",
        ),
        (
            lambda: Iterable([]),
            {},
            "The dataset is empty. Received: <",
        ),
        (
            lambda: Iterable([X]),
            {},
            "The dataset must yield (x, y) or (x, y, sample_weight). Received: "
            "1 parts",
        ),
        (
            lambda: Iterable(list(zip(X, LABELS, strict=True))),
            {},
            "The data must yield batches, whose inputs and labels hold as many "
            "samples. Received: x.shape=(4,), y.shape=()",
        ),
        (
            lambda: Iterable(zip(X, np.eye(3)[LABELS], strict=True)),
            {},
            "The data must yield batches, whose inputs and labels hold as many "
            "samples. Received: x.shape=(4,), y.shape=(3,)",
        ),
        (
            lambda: grain_map().repeat(),
            {},
            "The dataset never ends, so its samples cannot be counted: leave "
            "out its `repeat`, or say how many batches an epoch has with "
            "`steps_per_epoch`. Received: ",
        ),
        (
            lambda: Iterable([(X, {"y": LABELS, "id": LABELS[:3]})]),
            {"id_key": "id"},
            "There must be one id a sample. Received: ids.shape=(3,), 30 "
            "samples",
        ),
    ],
)
def test_what_cannot_be_tracked(make, options, message):
    with pytest.raises(ValueError) as error:
        track(make(), **options)
    assert str(error.value).startswith(message)


def test_a_list_of_batches():
    batches = [(X[:20], LABELS[:20]), (X[20:], LABELS[20:])]
    tracked = sources.track(batches, seed=0)
    np.testing.assert_array_equal(tracked.given_label, LABELS)
