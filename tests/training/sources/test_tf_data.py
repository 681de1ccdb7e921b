"""`tf.data.Dataset`s: batched or not, weighted, with ids of their own."""

import numpy as np
import pytest

from keras_robust.training import ids
from keras_robust.training import sources
from keras_robust.training.sources.tf_data import is_dataset
from tests.backend import crossed
from tests.training import frozen
from tests.training.sources import helpers
from tests.training.sources.helpers import INTEGERS
from tests.training.sources.helpers import LABELS
from tests.training.sources.helpers import STRINGS
from tests.training.sources.helpers import X
from tests.training.sources.helpers import track


def slices(*parts):
    tensorflow = pytest.importorskip("tensorflow")
    return tensorflow.data.Dataset.from_tensor_slices(parts or (X, LABELS))


def test_datasets_are_told_from_arrays():
    assert is_dataset(slices())
    assert is_dataset(slices().batch(3).map(lambda x, y: (x, y)))
    for other in (X, [X], {"a": X}, None, iter([])):
        assert not is_dataset(other)


def test_labels_of_a_dataset():
    for source, size in ((slices(), 5), (slices().batch(5), None)):
        tracked = track(source, batch_size=size)
        np.testing.assert_array_equal(tracked.given_label, LABELS)
        np.testing.assert_array_equal(tracked.ids, np.arange(frozen.N))
    rows = slices(X, np.eye(4)[LABELS])
    assert track(rows, batch_size=5).num_classes == 4
    columns = slices(X, LABELS[:, None]).batch(5)
    np.testing.assert_array_equal(track(columns).given_label, LABELS)


@pytest.mark.parametrize(
    ("make", "size", "message"),
    [
        (
            lambda: slices().take(0),
            4,
            "The dataset is empty. Received: <_TakeDataset",
        ),
        (
            lambda: slices().repeat(),
            4,
            "The dataset never ends, so its samples cannot be counted: leave "
            "out its `repeat`. Received: <_RepeatDataset",
        ),
        (
            slices,
            None,
            "The dataset holds single samples, not batches: call "
            "track(dataset, batch_size=...), which shuffles and batches it. "
            "Received: <_TensorSliceDataset",
        ),
        (
            lambda: slices().batch(7),
            4,
            "The dataset's labels differ in shape, as those of batches do: "
            "leave `batch_size` out to read its batches in their order, or "
            "call track(dataset.unbatch(), batch_size=...). Received: "
            "<_BatchDataset",
        ),
        (
            lambda: slices().batch(30),
            4,
            "The dataset's labels differ in shape, as those of batches do: "
            "leave `batch_size` out to read its batches in their order, or "
            "call track(dataset.unbatch(), batch_size=...). Received: "
            "<_BatchDataset",
        ),
        (
            lambda: slices(X).batch(4),
            None,
            "The dataset must yield (x, y) or (x, y, sample_weight). "
            "Received: 1 parts",
        ),
        (
            lambda: slices(X, {"a": LABELS, "b": LABELS}).batch(4),
            None,
            "There must be one label tensor, or `output` must say which of "
            "several is to be tracked. Received: labels ['a', 'b']",
        ),
        (
            lambda: slices(X, LABELS - 1).batch(4),
            None,
            "Labels must not be negative. Received: y[",
        ),
    ],
)
def test_datasets_that_do_not_fit(make, size, message):
    with pytest.raises(ValueError) as error:
        track(make(), batch_size=size)
    assert message in str(error.value)


@pytest.mark.parametrize("size", [0, 2.5, True])
def test_batch_sizes(size):
    with pytest.raises(ValueError) as error:
        track(slices(), batch_size=size)
    assert str(error.value) == (
        "`batch_size` must be a positive integer. Received: "
        f"batch_size={size!r}"
    )


@pytest.mark.parametrize("option", ["y", "sample_weight"])
def test_a_dataset_brings_everything(option):
    with pytest.raises(ValueError) as error:
        track(slices(), **{option: LABELS})
    assert str(error.value).startswith(
        "A dataset carries its labels and weights itself: leave `y` and "
        "`sample_weight` out. Received: y="
    )


@crossed(
    "names, inside, batched", [INTEGERS, STRINGS], ["x", "y"], [True, False]
)
def test_its_own_ids(names, inside, batched):
    """The order may change between epochs."""
    x, y = {"features": X}, {"label": LABELS}
    (x if inside == "x" else y)["id"] = names
    source = slices(x, y if inside == "y" else LABELS).shuffle(frozen.N)
    source = source.map(lambda x, y: (flat(x), y))
    source = source.batch(frozen.BATCH) if batched else source
    size = None if batched else frozen.BATCH
    tracked = track(source, id_key="id", batch_size=size)
    assert sorted(tracked.ids) == sorted(names)
    assert tracked.ids.tolist() != names.tolist()
    order = np.argsort(names)[np.searchsorted(np.sort(names), tracked.ids)]
    np.testing.assert_array_equal(tracked.given_label, LABELS[order])
    for x, y, *_ in helpers.epoch(tracked.feed):
        index = y[ids.INDEX]
        x = x["features"] if isinstance(x, dict) else x
        np.testing.assert_array_equal(x, X[order][index])
        np.testing.assert_array_equal(y[ids.LABEL], LABELS[order][index])
    if inside == "y":
        helpers.check(tracked, LABELS[order], X[order])


def flat(x):
    return x if "id" in x else x["features"]


def test_an_unknown_id():
    tensorflow = pytest.importorskip("tensorflow")
    first = tensorflow.Variable(0, dtype="int64")
    source = slices(X, {"y": LABELS, "id": np.arange(frozen.N)}).map(
        lambda x, y: (x, {"y": y["y"], "id": y["id"] + first})
    )
    tracked = track(source.batch(frozen.BATCH), id_key="id")
    first.assign(1)
    with pytest.raises(Exception) as error:
        helpers.epoch(tracked.feed)
    assert (
        "These samples are not among those that were tracked or declared. "
        "Received: id 30 (1 such samples)" in str(error.value)
    )


def test_repeated_ids():
    source = slices(X, {"y": LABELS, "id": LABELS})
    with pytest.raises(ValueError, match="`ids` must be unique, one for each"):
        track(source.batch(4), id_key="id")


def test_ids_named_twice():
    with pytest.raises(ValueError) as error:
        track(slices(), ids=INTEGERS, id_key="id")
    assert str(error.value) == (
        "Samples are named by `ids` or by what the data yields at `id_key`, "
        "not both. Received: ids of type ndarray, id_key='id'"
    )


def test_ids_that_are_not_there():
    with pytest.raises(ValueError) as error:
        track(slices({"a": X}, LABELS).batch(4), id_key="id")
    assert (
        "`id_key` must be a key of the inputs or of the labels, one of which "
        "is a dict then. Received: id_key='id', inputs ['a'], labels "
        in str(error.value)
    )


@crossed("batched, weighted", [True, False], [True, False])
def test_class_weights(batched, weighted):
    given = np.linspace(1, 2, frozen.N).astype("float32")
    source = slices(X, LABELS, given) if weighted else slices()
    source = source.batch(frozen.BATCH) if batched else source
    tracked = track(
        source,
        batch_size=None if batched else frozen.BATCH,
        class_weight={0: 3.0, 2: 0.5},
    )
    expected = np.array([3.0, 1.0, 0.5])[LABELS]
    expected = expected * given if weighted else expected
    np.testing.assert_allclose(helpers.weights(tracked), expected)
    helpers.check(tracked)


def test_dense_class_weights():
    masks = np.random.default_rng(0).integers(0, 5, (frozen.N, 3, 2))
    source = slices(X, masks).batch(frozen.BATCH)
    tracked = track(source, class_weight={4: 2.0})
    assert tracked.dense
    expected = np.where(masks == 4, 2.0, 1.0)
    np.testing.assert_array_equal(helpers.weights(tracked), expected)


def test_one_of_several_outputs():
    y = {"a": LABELS, "b": (LABELS + 1) % 3}
    source = slices(X, y).batch(frozen.BATCH)
    tracked = track(source, output="b", class_weight={0: 2.0})
    np.testing.assert_array_equal(tracked.given_label, y["b"])
    for _, label, weight in helpers.epoch(tracked.feed):
        index = label[ids.INDEX]
        for name, values in y.items():
            found = label[ids.LABEL][name]
            np.testing.assert_array_equal(found, values[index])
        expected = np.where(y["b"][index] == 0, 2.0, 1.0)
        np.testing.assert_array_equal(weight["b"], expected)
        np.testing.assert_array_equal(weight["a"], 1.0)


def test_a_dataset_that_has_shrunk():
    tensorflow = pytest.importorskip("tensorflow")
    count = tensorflow.Variable(frozen.N, dtype="int64")
    source = slices().enumerate()
    source = source.filter(lambda i, _: i < count).map(lambda _, batch: batch)
    tracked = track(source.batch(frozen.BATCH))
    assert len(helpers.epoch(tracked.feed)) == 4
    count.assign(2 * frozen.BATCH)
    with pytest.raises(Exception, match="ended early|expected to contain 4"):
        helpers.epoch(tracked.feed)


def test_a_dataset_that_has_grown():
    tensorflow = pytest.importorskip("tensorflow")
    count = tensorflow.Variable(frozen.BATCH, dtype="int64")
    source = slices().enumerate()
    source = source.filter(lambda i, _: i < count).map(lambda _, batch: batch)
    tracked = track(source.batch(frozen.N))
    count.assign(frozen.N)
    with pytest.raises(Exception, match="more samples than when it was track"):
        helpers.epoch(tracked.feed)


def test_a_plain_pass_and_one_in_order():
    tracked = track(slices(), batch_size=frozen.BATCH)
    assert sources.num_batches(tracked.feed) == 4
    seen = []
    for x, y, index in sources.in_order(tracked.feed):
        np.testing.assert_array_equal(x, X[index])
        np.testing.assert_array_equal(y, LABELS[index])
        seen.extend(index.tolist())
    assert sorted(seen) == list(range(frozen.N))
    model = frozen.classifier()
    model.fit(sources.plain(tracked.feed), verbose=0)
