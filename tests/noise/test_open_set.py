import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_robust.noise import open_set
from keras_robust.noise import symmetric


@given(
    labels=st.lists(st.integers(0, 4), min_size=1, max_size=60),
    rate=st.floats(0, 1),
    seed=st.integers(0, 2**32),
)
def test_exact_numbers_of_each_class(labels, rate, seed):
    labels = np.array(labels, np.uint8)
    x = np.arange(2 * labels.size, dtype=np.float32).reshape(-1, 2)
    before = x.copy()
    outside = -1 - x
    noisy = open_set(labels, rate, x, outside, num_classes=5, seed=seed)
    total = round(rate * labels.size)
    wrong = noisy.is_wrong
    assert wrong.sum() == total
    sizes = np.bincount(labels, minlength=5)
    per_class = np.bincount(labels[wrong], minlength=5)
    assert (np.abs(per_class - total * sizes / labels.size) < 1).all()
    np.testing.assert_array_equal(noisy.labels, labels)
    np.testing.assert_array_equal(
        noisy.true_labels, np.where(wrong, -1, labels.astype(int))
    )
    np.testing.assert_array_equal(noisy.transition_matrix, np.eye(5))
    # Others' samples are as they were; each from outside is used once.
    np.testing.assert_array_equal(noisy.x[~wrong], x[~wrong])
    assert (noisy.x[wrong] < 0).all()
    assert len(np.unique(noisy.x[:, 0])) == labels.size
    np.testing.assert_array_equal(x, before)
    again = open_set(labels, rate, x, outside, num_classes=5, seed=seed)
    np.testing.assert_array_equal(noisy.x, again.x)


def test_without_samples_it_says_which():
    labels = np.arange(50).reshape(-1, 1) % 5
    noisy = open_set(labels, 0.2, seed=0)
    assert noisy.x is None
    assert noisy.positions.size == 10
    assert noisy.labels is not labels
    x = np.zeros((50, 3))
    same = open_set(labels, 0.2, x=x, outside=x + 1, seed=0)
    np.testing.assert_array_equal(same.positions, noisy.positions)


def test_bernoulli_within_five_sigma():
    noisy = open_set(np.arange(20_000) % 4, 0.3, seed=0, exact=False)
    assert 0 < abs(noisy.rate - 0.3) < 5 * np.sqrt(0.21 / 20_000)


def test_beside_other_noise():
    right = np.arange(100) % 4
    closed = symmetric(right, 0.2, seed=0)
    both = open_set(closed.labels, 0.1, seed=1)
    np.testing.assert_array_equal(both.labels, closed.labels)
    # No class is right for what was replaced; the rest is as it was.
    true = np.where(both.is_wrong, -1, right)
    wrong = closed.is_wrong | both.is_wrong
    np.testing.assert_array_equal(both.labels != true, wrong)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": None}, "go together.*Received: outside alone"),
        ({"outside": None}, "go together.*Received: x alone"),
        ({"x": np.ones((3, 2))}, r"`x` must have one row.*4 labels"),
        ({"outside": np.ones((9, 3))}, r"of its samples.*\(9, 3\)"),
        ({"outside": np.ones((9, 2), np.uint8)}, r"dtype uint8"),
        ({"outside": np.ones((1, 2))}, r"1 samples for 2"),
        ({"outside": "pictures"}, r"`outside` must be an array of numbers"),
        ({"rate": 1.1}, r"`rate` must be"),
        ({"labels": [0, 1, -1, 0]}, r"labels\[2\]=-1"),
    ],
)
def test_errors(change, message):
    arguments = {
        "labels": [0, 1, 0, 1],
        "rate": 0.5,
        "x": np.ones((4, 2)),
        "outside": np.ones((9, 2)),
    }
    with pytest.raises(ValueError, match=message):
        open_set(**{**arguments, **change})
