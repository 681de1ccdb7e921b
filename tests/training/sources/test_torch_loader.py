"""PyTorch `DataLoader`s: any sampler, workers, collating, iterable ones."""

import numpy as np
import pytest

from keras_robust.training import sources
from keras_robust.training.sources.torch_loader import is_loader
from tests.training import frozen
from tests.training.sources import helpers
from tests.training.sources.helpers import LABELS
from tests.training.sources.helpers import STRINGS
from tests.training.sources.helpers import X
from tests.training.sources.helpers import track

torch = pytest.importorskip("torch")
data = torch.utils.data


class Samples(data.Dataset):
    """Samples of a dataset; a class of a module, so that workers find it."""

    def __init__(self, y=LABELS):
        self.y = y

    def __len__(self):
        return frozen.N

    def __getitem__(self, index):
        return X[index], self.y[index]


class Fetched(Samples):
    """Samples fetched many at a time."""

    def __getitem__(self, index):
        raise AssertionError("one sample at a time")

    def __getitems__(self, indices):
        return [(X[index], self.y[index]) for index in indices]


class Named(Samples):
    def __getitem__(self, index):
        return X[index], {"y": self.y[index], "id": STRINGS[index]}


class Stream(data.IterableDataset):
    def __init__(self, order=None):
        self.order = np.arange(frozen.N) if order is None else order

    def __iter__(self):
        for index in self.order:
            yield X[index], LABELS[index]


class NamedStream(Stream):
    def __iter__(self):
        for index in self.order:
            yield X[index], {"y": LABELS[index], "id": STRINGS[index]}


def tensors():
    return data.TensorDataset(torch.tensor(X), torch.tensor(LABELS))


def loader(dataset=None, **options):
    dataset = Samples() if dataset is None else dataset
    return data.DataLoader(dataset, **{"batch_size": frozen.BATCH, **options})


def stacked(samples):
    x, y = zip(*samples, strict=True)
    return {"x": np.stack(x)}["x"], np.array(y)


def by_length():
    """Batches of several sizes, in another order every epoch."""

    class Buckets:
        def __init__(self):
            self.rng = np.random.default_rng(0)

        def __len__(self):
            return 3

        def __iter__(self):
            order = self.rng.permutation(frozen.N).tolist()
            yield from (order[:4], order[4:20], order[20:])

    return {"batch_sampler": Buckets(), "batch_size": 1}


def lists():
    order = np.random.default_rng(1).permutation(frozen.N).tolist()
    return {
        "batch_size": None,
        "sampler": [order[:13], order[13:]],
        "dataset": tensors(),
    }


def generator(seed=5):
    return torch.Generator().manual_seed(seed)


LOADERS = [
    lambda: {"shuffle": True},
    lambda: {"dataset": tensors(), "shuffle": True},
    lambda: {"num_workers": 2, "shuffle": True},
    by_length,
    lambda: {"dataset": Stream()},
    lambda: {"dataset": NamedStream()},
]
# What PyTorch alone sees of a loader.
LOADERS += [
    pytest.param(make, marks=pytest.mark.once)
    for make in (
        dict,
        lambda: {"shuffle": True, "generator": generator()},
        lambda: {"dataset": Fetched(), "shuffle": True},
        lambda: {"sampler": list(range(frozen.N))[::-1]},
        lambda: {"collate_fn": stacked, "shuffle": True},
        lambda: {"dataset": data.Subset(tensors(), range(frozen.N))},
        lambda: {"num_workers": 1, "persistent_workers": True},
        lists,
    )
]


@pytest.mark.parametrize("make", LOADERS)
def test_positions_are_those_of_the_dataset(make):
    options = make()
    named = isinstance(options.get("dataset"), NamedStream)
    tracked = track(loader(**options), id_key="id" if named else None)
    assert tracked.ids.tolist() == (
        STRINGS.tolist() if named else list(range(frozen.N))
    )
    helpers.check(tracked)


@pytest.mark.slow
def test_spawned_workers():
    source = loader(
        num_workers=1, multiprocessing_context="spawn", shuffle=True
    )
    helpers.check(track(source))


def test_its_own_ids():
    tracked = track(loader(Named(), shuffle=True), id_key="id")
    np.testing.assert_array_equal(tracked.ids, STRINGS)
    helpers.check(tracked)


def test_tracking_draws_nothing_from_the_generators():
    drawn = generator()
    source = loader(shuffle=True, generator=drawn)
    state, everywhere = drawn.get_state(), torch.get_rng_state()
    tracked = track(source)
    assert torch.equal(drawn.get_state(), state)
    assert torch.equal(torch.get_rng_state(), everywhere)
    found = helpers.positions(helpers.epoch(tracked.feed))
    drawn.set_state(state)
    expected = [y.tolist() for _, y in source]
    np.testing.assert_array_equal(LABELS[found], sum(expected, []))


def test_what_it_leaves_out_is_known_but_not_read():
    source = loader(drop_last=True, shuffle=True)
    tracked = track(source)
    np.testing.assert_array_equal(tracked.given_label, LABELS)
    assert tracked.feed.num_batches == 3
    found = helpers.positions(helpers.epoch(tracked.feed))
    assert len(set(found)) == 3 * frozen.BATCH
    weighted = data.WeightedRandomSampler(np.arange(frozen.N) == 7, 16)
    tracked = track(loader(sampler=weighted))
    found = helpers.positions(helpers.epoch(tracked.feed))
    assert found.tolist() == [7] * 16


def test_options_are_kept():
    source = loader(
        num_workers=2,
        prefetch_factor=3,
        persistent_workers=True,
        timeout=9,
        drop_last=True,
        generator=generator(),
    )
    rebuilt = track(source).feed._source._loader
    for name in (
        "num_workers",
        "prefetch_factor",
        "persistent_workers",
        "timeout",
        "drop_last",
        "generator",
        "batch_sampler",
        "worker_init_fn",
        "pin_memory",
    ):
        value = getattr(rebuilt, name)
        # That of a rebuilt loader lies in its batch sampler.
        if name == "drop_last":
            value = rebuilt.batch_sampler.drop_last
        assert value == getattr(source, name), name


def test_class_weights():
    tracked = track(loader(shuffle=True), class_weight={2: 5.0})
    expected = np.array([1.0, 1.0, 5.0])[LABELS]
    np.testing.assert_array_equal(helpers.weights(tracked), expected)


@pytest.mark.parametrize("dataset", [Samples(), Stream()])
def test_a_pass_in_order_has_every_sample(dataset):
    tracked = track(loader(dataset))
    seen = []
    for x, y, index in sources.in_order(tracked.feed):
        np.testing.assert_array_equal(x, X[index])
        np.testing.assert_array_equal(y, LABELS[index])
        seen.extend(index.tolist())
    assert seen == list(range(frozen.N))


class OfPairs(data.DataLoader):
    """A loader that does more than one of PyTorch's."""

    def __iter__(self):
        for x, y in super().__iter__():
            yield 2 * x, y


def test_a_loader_of_its_own_kind_is_read_as_it_is():
    source = OfPairs(Samples(), batch_size=frozen.BATCH)
    found = helpers.epoch(track(source).feed)
    np.testing.assert_array_equal(found[0][0], 2 * X[: frozen.BATCH])
    helpers.check(track(source), x=2 * X)


def test_loaders_are_told_without_importing_pytorch():
    assert is_loader(loader())
    assert is_loader(OfPairs(Samples()))
    for other in (X, Samples(), [X], None):
        assert not is_loader(other)
