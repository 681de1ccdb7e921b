"""Labels as they are read: class numbers, one-hot rows, dense ones."""

import numpy as np
import pytest

from keras_robust.training.sources.given import GivenLabels


def read(*batches, num_classes=None):
    given = GivenLabels(num_classes)
    for batch in batches:
        given.add(batch)
    return given.finish()


@pytest.mark.parametrize(
    "y",
    [
        [2, 0, 1],
        np.array([[2], [0], [1]]),
        np.array([2.0, 0.0, 1.0], dtype="float32"),
        np.array([2, 0, 1], dtype="uint8"),
        np.eye(3)[[2, 0, 1]],
        np.eye(3, dtype=bool)[[2, 0, 1]],
        np.array([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2], [0.0, 0.6, 0.4]]),
    ],
)
def test_class_indices_of_every_shape(y):
    given = read(y, num_classes=3)
    assert given.label.dtype == "int64"
    assert given.label.tolist() == [2, 0, 1]
    assert given.fingerprint.dtype == "float32"
    assert given.fingerprint.tolist() == [2.0, 0.0, 1.0]
    assert given.num_classes == 3
    assert not given.dense


def test_booleans_are_two_classes():
    assert read(np.array([True, False])).label.tolist() == [1, 0]


NAN = float("nan")
_SHAPES = (
    "Labels must be integers of shape (N,), (N, 1) or (N, ...), or one-hot of "
    "shape (N, ..., K). Received: "
)
_ROWS = (
    "Labels of shape (N, K) must be one-hot or soft, every row with the sum "
    "1, or class numbers of K positions (if there are two classes, say "
    "num_classes=2); several labels at once (multi-label) cannot be recorded. "
    "Received: "
)
_NAMES = (
    "Labels must be class indices; turn names into integers first, e.g. with "
    "sklearn.preprocessing.LabelEncoder. Received: "
)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (
            [0, -1, -2],
            "Labels must not be negative. Received: y[1]=-1 (2 such labels)",
        ),
        (
            [0, 3, 1],
            "Labels must be below the number of classes, 3. Received: y[1]=3 "
            "(1 such labels)",
        ),
        (
            [0.0, 0.5, 1.0],
            "Labels must be whole numbers. Received: y[1]=0.5 (1 such labels)",
        ),
        (
            [0.0, NAN, np.inf],
            "Labels must be finite. Received: y[1]=nan (2 such labels)",
        ),
        (
            [[1.0, 0.0, 0.0], [NAN, 0.0, 1.0]],
            "Labels must be finite. Received: y[1]=[nan  0.  1.] (1 such "
            "labels)",
        ),
        (["cat", "dog"], _NAMES + "y.dtype=<U3"),
        ([["cat", "dog"]], _NAMES + "y.dtype=<U3"),
        (np.array([0, None]), _NAMES + "y.dtype=object"),
        (
            np.full((2, 3, 2), 0.3),
            "Labels must be whole numbers, or one-hot or soft rows. Received: ",
        ),
        (
            np.eye(4)[[[0, 1], [2, 3]]],
            "One-hot labels must have one column a class. Received: "
            "y.shape=(2, ..., 4), num_classes=3",
        ),
        (np.array(3), _SHAPES + "y.shape=()"),
        (
            np.eye(4),
            "One-hot labels must have one column a class. Received: "
            "y.shape=(4, 4), num_classes=3",
        ),
        ([[1, 0, 1], [0, 1, 0]], _ROWS + "y[0]=[1 0 1] (1 such labels)"),
        ([[1, 0, 0], [0, 0, 0]], _ROWS + "y[1]=[0 0 0] (1 such labels)"),
    ],
)
def test_what_is_no_class_index(y, message):
    with pytest.raises(ValueError) as error:
        read(y, num_classes=3)
    assert str(error.value).startswith(message)


def test_a_bad_label_is_named_by_its_sample_not_its_place_in_the_batch():
    with pytest.raises(ValueError, match=r"Received: y\[4\]=-1"):
        read([0, 1, 2], [0, -1])
    with pytest.raises(ValueError, match=r"Received: y\[3\]=\[1 0 1\]"):
        read(np.eye(3, dtype=int), np.array([[1, 0, 1]]))


MASKS = np.array(
    [
        [[2, 2, 0], [1, 2, 0]],
        [[1, 1, 255], [255, 255, 0]],
        [[-1, -1, -1], [4, 3, 3]],
        [[255, 255, 255], [255, 255, 255]],
    ]
)


def one_hot(numbers, classes):
    return np.eye(classes, dtype="float32")[numbers]


@pytest.mark.parametrize("dtype", ["int64", "int16", "float32"])
@pytest.mark.parametrize("shape", [(4, 2, 3), (4, 6), (4, 2, 3, 1)])
def test_dense_labels_are_known_by_class_and_mean(dtype, shape):
    y = MASKS.astype(dtype).reshape(shape)
    given = read(y)
    assert given.dense
    assert not given.one_hot
    assert given.label.tolist() == [2, 1, 3, 0]
    means = MASKS.reshape(4, 6).mean(axis=1).astype("float32")
    np.testing.assert_array_equal(given.fingerprint, means)
    assert given.num_classes is None


def test_what_is_no_class_is_not_the_most_frequent():
    assert read(MASKS, num_classes=3).label.tolist() == [2, 1, 0, 0]
    # Above 255 classes, 255 is one.
    tokens = np.array([[255, 255, 255, 7, 70_000]])
    assert read(tokens).label.tolist() == [255]
    assert read(tokens, num_classes=70_001).label.tolist() == [255]


def test_dense_one_hot_labels():
    numbers = np.array([[[2, 2], [1, 2]], [[0, 1], [1, 0]]])
    given = read(one_hot(numbers, 4))
    assert given.dense
    assert given.one_hot
    assert given.num_classes == 4
    assert given.label.tolist() == [2, 0]
    assert given.fingerprint.tolist() == [1.75, 0.5]


def test_only_all_batches_tell_rows_from_positions():
    rows, tags = np.eye(3, dtype=int), np.array([[2, 0, 2], [0, 0, 5]])
    assert read(rows, rows).one_hot
    for order in ([rows, tags], [tags, rows]):
        given = read(*order)
        assert given.dense
        assert sorted(given.label.tolist()) == [0, 0, 0, 0, 2]
        np.testing.assert_allclose(sorted(given.fingerprint)[:3], 1 / 3)


def test_positions_may_differ_between_batches():
    given = read(np.array([[2, 0, 2]]), np.array([[1, 1, 1, 0]]), [[3]])
    assert given.dense
    assert given.label.tolist() == [2, 1, 3]


def test_binary_positions_need_the_number_of_classes():
    tags = np.array([[0, 1, 1], [1, 1, 1]])
    given = read(tags, num_classes=2)
    assert given.dense
    assert given.label.tolist() == [1, 1]
    with pytest.raises(ValueError, match="Labels of shape"):
        read(tags)


def test_ranks_must_agree():
    with pytest.raises(ValueError) as error:
        read([0, 1], np.zeros((2, 2, 2), dtype=int))
    assert str(error.value) == (
        "The labels of all batches must have the same rank. Received: ranks "
        "[1, 3]"
    )


def mixed(share, count=200):
    rng = np.random.default_rng(0)
    rows = one_hot(rng.integers(0, 4, count), 4)
    other = one_hot(rng.integers(0, 4, count), 4)
    part = np.where(rng.random(count) < share, rng.random(count), 0.0)[:, None]
    return ((1 - part) * rows + part * other).astype("float32")


def smoothed(epsilon):
    return mixed(0.0) * (1 - epsilon) + epsilon / 4


@pytest.mark.parametrize(
    ("y", "blended"),
    [
        (mixed(1.0), True),
        (mixed(0.1), True),
        (mixed(0.0), False),
        (smoothed(0.1), False),
        (smoothed(0.5), False),
        (np.full((20, 4), 0.25), False),
    ],
)
def test_blended_labels_are_told_from_smoothed_ones(y, blended):
    assert read(y).blended is blended
    assert read(y[:7], y[7:]).blended is blended


def test_nothing_else_is_blended():
    assert not read([0, 1]).blended
    assert not read(MASKS).blended
