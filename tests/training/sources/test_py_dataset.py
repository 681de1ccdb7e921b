"""`keras.utils.PyDataset`s: in place, in threads, in processes."""

import keras
import numpy as np
import pytest

from keras_robust.training import ids
from keras_robust.training import sources
from tests.backend import crossed
from tests.training import frozen
from tests.training.sources import helpers
from tests.training.sources.helpers import INTEGERS
from tests.training.sources.helpers import LABELS
from tests.training.sources.helpers import STRINGS
from tests.training.sources.helpers import X
from tests.training.sources.helpers import track


class Batches(keras.utils.PyDataset):
    """Batches of given sizes, which may change their order."""

    def __init__(self, x=X, y=LABELS, sizes=(8, 3, 12, 7), **options):
        super().__init__(**options)
        self.x, self.y = x, y
        self.order = np.arange(frozen.N)
        self.ends = np.cumsum(sizes)
        self.begun = self.ended = 0
        self.reshuffles = False

    def __len__(self):
        return len(self.ends)

    def on_epoch_begin(self):
        self.begun += 1

    def on_epoch_end(self):
        self.ended += 1
        if self.reshuffles:
            np.random.default_rng(self.ended).shuffle(self.order)

    def __getitem__(self, number):
        start = self.ends[number - 1] if number else 0
        index = self.order[start : self.ends[number]]
        return keras.tree.map_structure(lambda a: a[index], (self.x, self.y))


WORKERS = [
    {},
    {"workers": 1},
    {"workers": 3, "max_queue_size": 2},
    {"workers": 2, "use_multiprocessing": True},
]


@pytest.mark.parametrize("options", WORKERS)
def test_every_sample_at_its_place(options):
    source = Batches(**options)
    helpers.check(track(source))
    # Once for the labels; building the model may begin another.
    assert source.begun >= 1 + helpers.EPOCHS
    assert source.ended >= helpers.EPOCHS


@crossed("options, names", WORKERS, [INTEGERS, STRINGS])
def test_its_own_ids(options, names):
    source = Batches(y={"label": LABELS, "id": names}, **options)
    source.reshuffles = True
    tracked = track(source, id_key="id")
    np.testing.assert_array_equal(tracked.ids, names)
    helpers.check(tracked, epochs=3)


def test_ids_beside_the_features():
    source = Batches(x={"features": X, "id": STRINGS})
    tracked = track(source, id_key="id")
    for x, y in helpers.epoch(tracked.feed):
        assert list(x) == ["features"]
        np.testing.assert_array_equal(x["features"], X[y[ids.INDEX]])


@pytest.mark.parametrize("workers", [1, 3])
def test_another_order_without_ids_is_caught(workers):
    source = Batches(workers=workers)
    source.reshuffles = True
    tracked = track(source)
    with pytest.raises(ValueError, match="came with another label than when"):
        helpers.fit(tracked, epochs=3)


@pytest.mark.parametrize("options", WORKERS)
def test_shuffled_batches_keep_their_positions(options):
    tracked = track(Batches(**options), shuffle=True)
    orders = []
    for _ in range(3):
        found = helpers.epoch(tracked.feed)
        for x, y in found:
            np.testing.assert_array_equal(x, X[y[ids.INDEX]])
        orders.append(tuple(helpers.positions(found)))
        assert sorted(orders[-1]) == list(range(frozen.N))
    parallel = options.get("workers", 1) > 1
    assert len(set(orders)) == (3 if parallel else 1)


def test_workers_do_not_shuffle_unless_they_may():
    tracked = track(Batches(workers=3), shuffle=False)
    found = helpers.positions(helpers.epoch(tracked.feed))
    np.testing.assert_array_equal(found, np.arange(frozen.N))


@pytest.mark.parametrize("workers", [1, 3])
def test_an_error_in_a_batch_arrives(workers):
    source = Batches(workers=workers)
    tracked = track(source)
    source.x = None
    with pytest.raises(TypeError):
        helpers.epoch(tracked.feed)


def test_class_weights():
    tracked = track(Batches(), class_weight={1: 0.25})
    expected = np.array([1.0, 0.25, 1.0])[LABELS]
    np.testing.assert_array_equal(helpers.weights(tracked), expected)


@pytest.mark.parametrize("workers", [1, 3])
def test_a_pass_in_order(workers):
    tracked = track(Batches(workers=workers))
    seen = []
    for x, y, index in sources.in_order(tracked.feed):
        np.testing.assert_array_equal(x, X[index])
        np.testing.assert_array_equal(y, LABELS[index])
        seen.extend(index.tolist())
    assert sorted(seen) == list(range(frozen.N))


@pytest.mark.parametrize("workers", [1, 3])
def test_another_number_of_batches(workers):
    source = Batches(workers=workers)
    tracked = track(source)
    source.ends = source.ends[:-1]
    with pytest.raises(ValueError) as error:
        helpers.epoch(tracked.feed)
    assert str(error.value) == (
        "The PyDataset has another number of batches than when it was "
        "tracked, 4. Received: 3 batches"
    )


def test_batches_of_other_sizes():
    source = Batches()
    tracked = track(source)
    source.ends = np.array([8, 12, 20, 30])
    with pytest.raises(ValueError) as error:
        helpers.epoch(tracked.feed)
    assert str(error.value) == (
        "The data yields a batch of another size than when it was tracked, so "
        "positions no longer name the same samples: give the same batches "
        "every time, or say which sample is which with `id_key`. Received: "
        "batch 1 of 4 samples, tracked with 3"
    )


class Endless(Batches):
    @property
    def num_batches(self):
        return None


class Single(Batches):
    def __getitem__(self, number):
        return X[number], LABELS[number]


@pytest.mark.parametrize(
    ("make", "options", "message"),
    [
        (
            Endless,
            {},
            "The PyDataset never ends, so its samples cannot be counted: let "
            "its `num_batches` be a number. Received: <",
        ),
        (
            Single,
            {},
            "The data must yield batches, whose inputs and labels hold as many "
            "samples. Received: x.shape=(4,), y.shape=()",
        ),
        (
            lambda: Batches(sizes=()),
            {},
            "The dataset is empty. Received: <",
        ),
        (
            Batches,
            {"batch_size": 8},
            "The data comes in batches already: leave `batch_size` out. "
            "Received: batch_size=8",
        ),
        (
            Batches,
            {"ids": [1, 2]},
            "`ids` must name every sample, 30 of them. Received: "
            "ids.shape=(2,)",
        ),
        (
            Batches,
            {"id_key": "id"},
            "`id_key` must be a key of the inputs or of the labels, one of "
            "which is a dict then. Received: id_key='id', inputs ndarray, "
            "labels ndarray",
        ),
    ],
)
def test_what_cannot_be_tracked(make, options, message):
    with pytest.raises(ValueError) as error:
        track(make(), **options)
    assert str(error.value).startswith(message)


def test_ids_it_did_not_have():
    source = Batches(y={"label": LABELS, "id": STRINGS})
    tracked = track(source, id_key="id")
    source.y["id"] = np.array([f"other {i}" for i in range(frozen.N)])
    with pytest.raises(ValueError) as error:
        helpers.epoch(tracked.feed)
    assert str(error.value) == (
        "These samples are not among those that were tracked or declared. "
        "Received: id 'other 0' (8 such samples)"
    )
    source.y["id"] = INTEGERS
    with pytest.raises(ValueError, match=f"Received: id {INTEGERS[0]} "):
        helpers.epoch(tracked.feed)
