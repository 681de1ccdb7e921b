import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_robust.noise import by_matrix

MATRIX = np.array([[0.6, 0.4, 0.0], [0.0, 1.0, 0.0], [0.25, 0.5, 0.25]])


def test_exact_shares_of_each_class():
    labels = np.repeat([2, 0, 1], [40, 10, 5])
    noisy = by_matrix(labels, MATRIX, seed=0)
    np.testing.assert_array_equal(noisy.transition_matrix, MATRIX)
    # In shuffled places, not the first of each class.
    assert np.diff(noisy.positions).max() > 1
    assert np.diff(noisy.positions).min() == 1


@given(
    labels=st.lists(st.integers(0, 3), min_size=1, max_size=60),
    rows=st.lists(
        st.lists(st.integers(0, 9), min_size=4, max_size=4).filter(any),
        min_size=4,
        max_size=4,
    ),
    seed=st.integers(0, 2**32),
    exact=st.booleans(),
)
def test_counts_and_seeds(labels, rows, seed, exact):
    labels = np.array(labels)
    matrix = np.array(rows) / np.sum(rows, axis=1, keepdims=True)
    noisy = by_matrix(labels, matrix, seed=seed, exact=exact)
    counts = np.zeros((4, 4))
    np.add.at(counts, (labels, noisy.labels), 1)
    assert (counts[matrix == 0] == 0).all()
    sizes = np.bincount(labels, minlength=4)[:, np.newaxis]
    if exact:
        assert (np.abs(counts - sizes * matrix) < 1 + 1e-5).all()
    expected = np.where(sizes > 0, counts / np.maximum(sizes, 1), np.eye(4))
    np.testing.assert_allclose(noisy.transition_matrix, expected)
    np.testing.assert_array_equal(noisy.is_wrong, noisy.labels != labels)
    again = by_matrix(labels, matrix, seed=seed, exact=exact)
    np.testing.assert_array_equal(noisy.labels, again.labels)


def test_bernoulli_within_five_sigma():
    labels = np.repeat([0, 1, 2], 30_000)
    noisy = by_matrix(labels, MATRIX, seed=0, exact=False)
    sigma = np.sqrt(MATRIX * (1 - MATRIX) / 30_000)
    found = noisy.transition_matrix
    assert (np.abs(found - MATRIX) <= 5 * sigma).all()
    assert (found != MATRIX).any()


def test_rows_of_float32_are_taken_as_summing_to_one():
    matrix = np.random.default_rng(0).random((200, 200)).astype("float32")
    matrix /= matrix.sum(axis=1, keepdims=True)
    labels = np.arange(200, dtype=np.uint8).repeat(5).reshape(-1, 1)
    noisy = by_matrix(labels, matrix, seed=0)
    assert noisy.labels.dtype == np.uint8
    assert noisy.labels.shape == (1000, 1)


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[0.5, 0.5]], r"must be square.*shape=\(1, 2\)"),
        ([[1.0]], r"K >= 2 classes. Received: shape=\(1, 1\)"),
        ([0.5, 0.5], r"shape=\(2,\)"),
        (None, r"array of numbers. Received: dtype=object"),
        (1.0, r"Received: shape=\(\)"),
        ([["a", "b"], [0, 1]], r"array of numbers. Received: dtype=<U21"),
        ([[0.5, 0.5], [1]], r"array of numbers.*type list"),
        ([[1, 0], [0.5, 0.6]], r"sum to 1: .*matrix\[1\].sum\(\)=1.1$"),
        ([[0.5, 0.2], [0.5, 0.8]], r"transposed. Received: .*matrix\[0\]"),
        ([[1, 0], [1.5, -0.5]], r"matrix\[1, 1\]=-0.5"),
        ([[1, 0], [np.nan, 1]], r"matrix\[1, 0\]=nan"),
    ],
)
def test_errors(matrix, message):
    with pytest.raises(ValueError, match=message):
        by_matrix([0, 1], matrix)


def test_errors_of_the_others():
    with pytest.raises(ValueError, match=r"labels\[1\]=2, num_classes=2"):
        by_matrix([0, 2], np.eye(2))
    with pytest.raises(ValueError, match="`exact` must be True or False"):
        by_matrix([0, 1], np.eye(2), exact="yes")
    with pytest.raises(ValueError, match="`seed` must be"):
        by_matrix([0, 1], np.eye(2), seed=-1)
