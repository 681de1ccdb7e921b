"""What a user may hand to `track`, and what is an error at once."""

import keras
import numpy as np
import pytest

from keras_robust.training import track
from tests.training import frozen


def arrays(x, y, **options):
    chosen = {
        "batch_size": None,
        "sample_weight": None,
        "shuffle": True,
        "seed": 0,
        "names": None,
        "num_classes": None,
        **options,
    }
    return track.arrays(x, y, **chosen)


def test_arrays_are_known_by_their_positions():
    x, labels = frozen.samples()
    tracked = arrays(x, labels)
    np.testing.assert_array_equal(tracked.given_label, labels)
    np.testing.assert_array_equal(tracked.ids, np.arange(frozen.N))
    assert tracked.num_classes is None
    assert tracked.feed.batch_size == 32
    assert arrays(x, np.eye(5)[labels]).num_classes == 5
    assert arrays(x, labels, num_classes=7).num_classes == 7


def test_lists_of_plain_numbers():
    tracked = arrays(np.zeros((3, 2)), [0, 1, 1], batch_size=np.int64(2))
    assert tracked.given_label.tolist() == [0, 1, 1]
    assert tracked.feed.batch_size == 2


def test_floats_are_as_wide_as_keras_wants_them():
    x, labels = frozen.samples()
    weights = np.ones(frozen.N)
    tracked = arrays({"a": x.astype("float64")}, labels, sample_weight=weights)
    assert tracked.feed.x["a"].dtype == "float32"
    assert tracked.feed.sample_weight.dtype == "float32"
    images = np.zeros((frozen.N, 2, 2), dtype="uint8")
    assert arrays(images, labels).feed.x.dtype == "uint8"


@pytest.mark.parametrize("floatx", ["float16", "bfloat16", "float64"])
def test_labels_are_never_rounded(floatx, monkeypatch):
    monkeypatch.setattr(keras.config, "floatx", lambda: floatx)
    many = np.arange(3000, dtype="float64")
    x = np.zeros((3000, 1), dtype="uint8")
    tracked = arrays(x, many)
    np.testing.assert_array_equal(tracked.given_label, many)
    np.testing.assert_array_equal(tracked.feed.y, many)


@pytest.mark.parametrize(
    ("names", "dtype"),
    [
        (np.arange(frozen.N) * 10 - 50, "int64"),
        (np.arange(frozen.N, dtype="uint8"), "int64"),
        ([f"image_{i}" for i in range(frozen.N)], "<U8"),
    ],
)
def test_names_of_the_samples(names, dtype):
    tracked = arrays(*frozen.samples(), names=names)
    assert tracked.ids.dtype == dtype
    assert tracked.ids.tolist() == list(names)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([0] * frozen.N, "`ids` must be unique, one for each sample"),
        (["a"] * frozen.N, "`ids` must be unique, one for each sample"),
        (np.linspace(0, 1, frozen.N), "`ids` must be integers or strings"),
        (np.zeros((frozen.N, 1), dtype=int), "`ids` must have shape (N,)"),
        (
            np.arange(3),
            "`ids` must name every sample, 30 of them. Received: "
            "ids.shape=(3,)",
        ),
        (
            np.arange(frozen.N, dtype="uint64") + 2**63,
            "`ids` must fit into int64",
        ),
    ],
)
def test_names_that_name_nothing(names, message):
    with pytest.raises(ValueError) as error:
        arrays(*frozen.samples(), names=names)
    assert str(error.value).startswith(message)
    assert "Received: " in str(error.value)


X, LABELS = frozen.samples()
_LENGTHS = (
    "Samples, labels and weights must be as many, and at least one. Received: "
)
_ARRAYS = (
    "Samples and labels must be arrays with one entry a sample. Received: "
)


@pytest.mark.parametrize(
    ("x", "y", "options", "message"),
    [
        (
            X,
            None,
            {},
            "Arrays need labels, track(x, y); beside arrays only a "
            "`tf.data.Dataset` can be tracked. Received: x of type ndarray, "
            "y=None",
        ),
        (
            (part for part in X),
            None,
            {},
            "Arrays need labels, track(x, y); beside arrays only a "
            "`tf.data.Dataset` can be tracked. Received: x of type generator, "
            "y=None",
        ),
        (
            X,
            LABELS[:-1],
            {},
            _LENGTHS + "x.shape=(30, 4), y.shape=(29,)",
        ),
        (
            [X, X[:5]],
            LABELS,
            {},
            _LENGTHS + "x.shape=(30, 4), x.shape=(5, 4), y.shape=(30,)",
        ),
        (
            X,
            LABELS,
            {"sample_weight": np.ones(3)},
            _LENGTHS
            + "x.shape=(30, 4), y.shape=(30,), sample_weight.shape=(3,)",
        ),
        (
            X[:0],
            LABELS[:0],
            {},
            _LENGTHS + "x.shape=(0, 4), y.shape=(0,)",
        ),
        (X, 3, {}, _ARRAYS + "3"),
        ([1.0, 2.0], [0, 1], {}, _ARRAYS + "1.0"),
        (
            X,
            LABELS,
            {"num_classes": 2},
            "Labels must be below the number of classes, 2. Received: "
            f"y[{int(np.argmax(LABELS == 2))}]=2",
        ),
        (
            X,
            LABELS + 0.5,
            {},
            "Labels must be whole numbers. Received: y[0]=",
        ),
        (X, LABELS.astype(str), {}, "Labels must be class indices; turn names"),
    ],
)
def test_arrays_that_do_not_fit(x, y, options, message):
    with pytest.raises(ValueError) as error:
        arrays(x, y, **options)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize("size", [0, -1, 2.5, 4.0, "8", True])
def test_batch_sizes(size):
    for call in (
        lambda: arrays(X, LABELS, batch_size=size),
        lambda: dataset(slices(), batch_size=size),
    ):
        with pytest.raises(ValueError) as error:
            call()
        assert str(error.value) == (
            "`batch_size` must be a positive integer. Received: "
            f"batch_size={size!r}"
        )


def slices(*parts):
    tensorflow = pytest.importorskip("tensorflow")
    return tensorflow.data.Dataset.from_tensor_slices(parts or (X, LABELS))


def dataset(source, **options):
    chosen = {
        "batch_size": None,
        "shuffle": True,
        "seed": 0,
        "names": None,
        "num_classes": None,
        **options,
    }
    return track.dataset(source, **chosen)


def test_datasets_are_told_from_arrays():
    assert track.is_dataset(slices())
    assert track.is_dataset(slices().batch(3).map(lambda x, y: (x, y)))
    for other in (X, [X], {"a": X}, None, iter([])):
        assert not track.is_dataset(other)


def test_labels_of_a_dataset():
    for source, size in ((slices(), 5), (slices().batch(5), None)):
        tracked = dataset(source, batch_size=size)
        np.testing.assert_array_equal(tracked.given_label, LABELS)
        np.testing.assert_array_equal(tracked.ids, np.arange(frozen.N))
    rows = slices(X, np.eye(4)[LABELS])
    assert dataset(rows, batch_size=5).num_classes == 4
    columns = slices(X, LABELS[:, None]).batch(5)
    np.testing.assert_array_equal(dataset(columns).given_label, LABELS)


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
            "Labels of shape (N, K) must be one-hot or soft, every row with "
            "the sum 1",
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
            "The dataset must yield one label tensor a batch. Received: "
            "labels={'a': ",
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
        dataset(make(), batch_size=size)
    assert message in str(error.value)
