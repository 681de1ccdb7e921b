import numpy as np
import pytest

from keras_robust.training import labels


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
    given = labels.given_labels(y, num_classes=3)
    assert given.dtype == "int64"
    assert given.tolist() == [2, 0, 1]


def test_booleans_are_two_classes():
    assert labels.given_labels(np.array([True, False])).tolist() == [1, 0]


NAN = float("nan")
_SHAPES = (
    "Labels must be integers of shape (N,) or (N, 1), or one-hot of shape "
    "(N, K). Received: "
)
_ROWS = (
    "Labels of shape (N, K) must be one-hot or soft, every row with the sum "
    "1; several labels a sample (multi-label, dense outputs) cannot be "
    "recorded. Received: "
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
        (np.zeros((2, 3, 1)), _SHAPES + "y.shape=(2, 3, 1)"),
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
        labels.given_labels(y, num_classes=3)
    assert str(error.value) == message
