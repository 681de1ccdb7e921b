"""Splitting arrays into what is trained on and what is held out."""

import numpy as np
import pytest

from keras_robust.training.sources import validation_split
from tests.training import frozen
from tests.training.sources.helpers import LABELS
from tests.training.sources.helpers import STRINGS
from tests.training.sources.helpers import X


def test_the_last_samples_are_held_out():
    weights = np.arange(frozen.N, dtype="float32")
    train, held_out = validation_split(X, LABELS, weights, STRINGS, 0.2)
    for part, index in ((train, slice(0, 24)), (held_out, slice(24, 30))):
        np.testing.assert_array_equal(part[0], X[index])
        np.testing.assert_array_equal(part[1], LABELS[index])
        np.testing.assert_array_equal(part[2], weights[index])
    np.testing.assert_array_equal(train[3], STRINGS[:24])


def test_without_weights_and_ids():
    train, held_out = validation_split(X, LABELS, fraction=0.1)
    assert train[2] is None
    assert train[3].tolist() == list(range(27))
    assert len(held_out) == 2
    np.testing.assert_array_equal(held_out[0], X[27:])


def test_nested_arrays():
    x = {"left": X[:, :2], "rest": [X[:, 2:]]}
    y = {"a": LABELS, "b": LABELS + 1}
    weights = {"a": np.ones(frozen.N), "b": None}
    train, held_out = validation_split(x, y, weights, fraction=0.5)
    np.testing.assert_array_equal(train[0]["rest"][0], X[:15, 2:])
    np.testing.assert_array_equal(held_out[1]["b"], LABELS[15:] + 1)
    assert held_out[2]["b"] is None
    assert len(held_out[2]["a"]) == 15


def test_lists_of_numbers():
    train, held_out = validation_split(
        X[:4], [0, 1, 2, 0], [1.0, 2.0, 3.0, 4.0], fraction=0.5
    )
    assert train[1].tolist() == [0, 1]
    assert held_out[2].tolist() == [3.0, 4.0]


_FRACTION = (
    "`validation_split` must lie between 0 and 1. Received: validation_split="
)
_EMPTY = "Both parts of a split must hold samples. Received: 30 samples, "
_ARRAYS = (
    "`validation_split` takes arrays with one entry a sample, samples and "
    "labels as many. Received: shapes "
)


@pytest.mark.parametrize(
    ("x", "fraction", "message"),
    [
        (X, 0, _FRACTION + "0"),
        (X, 1.0, _FRACTION + "1.0"),
        (X, True, _FRACTION + "True"),
        (X, 0.99, _EMPTY + "validation_split=0.99"),
        (X[:3], 0.5, _ARRAYS + "[(3, 4), (30,)]"),
        (iter(X), 0.5, _ARRAYS + "[(), (30,)]"),
    ],
)
def test_what_cannot_be_split(x, fraction, message):
    with pytest.raises(ValueError) as error:
        validation_split(x, LABELS, fraction=fraction)
    assert str(error.value) == message


def test_ids_name_every_sample():
    with pytest.raises(ValueError, match="`ids` must name every sample, 30"):
        validation_split(X, LABELS, ids=[1, 2], fraction=0.5)


@pytest.mark.parametrize(
    ("count", "fraction"), [(10, 0.25), (7, 0.3), (9, 0.5), (3, 0.1)]
)
def test_as_many_are_held_out_as_keras_holds_out(count, fraction):
    train, held_out = validation_split(
        np.arange(count), np.arange(count), fraction=fraction
    )
    kept = int(np.floor(count * (1 - fraction)))
    assert train[1].tolist() == list(range(kept))
    assert held_out[1].tolist() == list(range(kept, count))
