"""Arrays: what may be tracked, and what is an error at once."""

import copy

import keras
import numpy as np
import pytest

from keras_robust.training import ids
from keras_robust.training import sources
from tests.training import frozen
from tests.training.sources import helpers
from tests.training.sources.helpers import track


def test_arrays_are_known_by_their_positions():
    x, labels = frozen.samples()
    tracked = track(x, labels)
    np.testing.assert_array_equal(tracked.given_label, labels)
    np.testing.assert_array_equal(tracked.ids, np.arange(frozen.N))
    assert tracked.num_classes is None
    batches = helpers.epoch(tracked.feed)
    assert [len(x) for x, _ in batches] == [32] * (frozen.N // 32) + (
        [frozen.N % 32] if frozen.N % 32 else []
    )
    assert track(x, np.eye(5)[labels]).num_classes == 5
    assert track(x, labels, num_classes=7).num_classes == 7


def test_arrays_on_disk_are_read_batch_by_batch(tmp_path):
    x, labels = frozen.samples()
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    tracked = helpers.track(mapped, labels)
    assert isinstance(tracked.feed, keras.utils.PyDataset)
    helpers.check(tracked)


def test_masked_entries_are_not_trained_on():
    x, labels = frozen.samples()
    hidden = np.ma.masked_array(x, mask=np.zeros(x.shape, bool))
    hidden[3, 0] = np.ma.masked
    for data in ((hidden, labels), (x, np.ma.masked_equal(labels, labels[0]))):
        with pytest.raises(ValueError, match="masked entries: leave such"):
            track(*data)


def test_lists_of_plain_numbers():
    tracked = track(np.zeros((3, 2)), [0, 1, 1], batch_size=np.int64(2))
    assert tracked.given_label.tolist() == [0, 1, 1]
    assert [len(x) for x, _ in helpers.epoch(tracked.feed)] == [2, 1]


def test_floats_are_as_wide_as_keras_wants_them():
    x, labels = frozen.samples()
    weights = np.ones(frozen.N)
    tracked = track({"a": x.astype("float64")}, labels, sample_weight=weights)
    [(inputs, _, weight), *_] = helpers.epoch(tracked.feed)
    assert inputs["a"].dtype == weight.dtype == "float32"
    images = np.zeros((frozen.N, 2, 2), dtype="uint8")
    [(inputs, _), *_] = helpers.epoch(track(images, labels).feed)
    assert inputs.dtype == "uint8"


@pytest.mark.parametrize("floatx", ["float16", "bfloat16", "float64"])
def test_labels_are_never_rounded(floatx, monkeypatch):
    monkeypatch.setattr(keras.config, "floatx", lambda: floatx)
    many = np.arange(3000, dtype="float64")
    x = np.zeros((3000, 1), dtype="uint8")
    tracked = track(x, many, shuffle=False, batch_size=3000)
    np.testing.assert_array_equal(tracked.given_label, many)
    [(_, y)] = helpers.epoch(tracked.feed)
    np.testing.assert_array_equal(y[ids.LABEL], many)


@pytest.mark.parametrize(
    ("names", "dtype"),
    [
        (np.arange(frozen.N) * 10 - 50, "int64"),
        (np.arange(frozen.N, dtype="uint8"), "int64"),
        ([f"image_{i}" for i in range(frozen.N)], "<U8"),
    ],
)
def test_names_of_the_samples(names, dtype):
    tracked = track(*frozen.samples(), ids=names)
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
        track(*frozen.samples(), ids=names)
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
            "Arrays need labels, track(x, y); data that brings its labels must "
            "be a `tf.data.Dataset`, a `PyDataset`, a PyTorch `DataLoader`, or "
            "yield (x, y) batches when iterated. Received: x of type ndarray, "
            "y=None",
        ),
        ({"a": X}, None, {}, "Arrays need labels, track(x, y); "),
        (
            X,
            LABELS,
            {"id_key": "id"},
            "`id_key` is for data that yields ids: name the samples of arrays "
            "with `ids`. Received: id_key='id'",
        ),
        (
            X,
            {"a": LABELS, "b": LABELS},
            {},
            "There must be one label tensor, or `output` must say which of "
            "several is to be tracked. Received: labels ['a', 'b']",
        ),
        (
            X,
            {"a": LABELS, "b": LABELS},
            {"output": "c"},
            "`output` must name one of the labels: the key in a dict, the "
            "number in a list. Received: output='c', labels ['a', 'b']",
        ),
        (
            X,
            [LABELS, LABELS],
            {"output": 2},
            "`output` must name one of the labels: the key in a dict, the "
            "number in a list. Received: output=2, labels [0, 1]",
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
        track(x, y, **options)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize("size", [0, -1, 2.5, 4.0, "8", True])
def test_batch_sizes(size):
    with pytest.raises(ValueError) as error:
        track(X, LABELS, batch_size=size)
    assert str(error.value) == (
        "`batch_size` must be a positive integer. Received: "
        f"batch_size={size!r}"
    )


def jax_arrays(array):
    return pytest.importorskip("jax").numpy.asarray(array)


def torch_tensors(array):
    return pytest.importorskip("torch").tensor(array)


def torch_parameters(array):
    tensor = torch_tensors(array)
    return tensor.requires_grad_() if tensor.is_floating_point() else tensor


def pandas_with_an_index(array):
    pandas = pytest.importorskip("pandas")
    made = pandas.Series if array.ndim == 1 else pandas.DataFrame
    return made(array, index=np.arange(len(array))[::-1] * 3)


@pytest.mark.parametrize(
    "convert",
    [jax_arrays, torch_tensors, torch_parameters, pandas_with_an_index],
)
def test_arrays_of_other_packages(convert):
    weights = np.ones(frozen.N, dtype="float32")
    tracked = track(
        convert(X),
        convert(LABELS),
        batch_size=frozen.BATCH,
        sample_weight=convert(weights),
    )
    np.testing.assert_array_equal(tracked.fingerprint, LABELS)
    helpers.check(tracked)


def test_dense_labels_travel_as_they_are():
    masks = np.random.default_rng(0).integers(0, 5, (frozen.N, 3, 2))
    tracked = track(X, masks, batch_size=frozen.BATCH)
    assert tracked.dense
    for _, label, *_ in helpers.epoch(tracked.feed):
        np.testing.assert_array_equal(label[ids.LABEL], masks[label[ids.INDEX]])


def test_blended_labels_are_known():
    rows = np.eye(3)[LABELS]
    assert not track(X, rows).blended
    assert track(X, 0.7 * rows + 0.3 * rows[::-1]).blended


def test_a_copy_is_of_the_same_feed():
    """KerasTuner copies a tracker, and `fit` reads the data it was given."""
    tracked = track(X, LABELS)
    assert copy.deepcopy({"tracked": tracked})["tracked"].feed is tracked.feed


def test_declared_labels_have_no_data():
    tracked = sources.declared(LABELS, helpers.STRINGS, num_classes=4)
    assert tracked.feed is None
    assert tracked.num_classes == 4
    np.testing.assert_array_equal(tracked.given_label, LABELS)
    np.testing.assert_array_equal(tracked.ids, helpers.STRINGS)


@pytest.mark.parametrize("seed", [-1, 0.5, "a", True])
def test_a_seed_is_a_whole_number(seed):
    x, labels = frozen.samples()
    with pytest.raises(ValueError, match="`seed` must be an integer"):
        sources.track(x, labels, seed=seed)
