import numpy as np
import pytest

from keras_robust.noise import from_votes


def test_one_answer_each_in_its_share():
    # Sample 0: two answers of 0 and one of 2; sample 1: only one was asked.
    votes = np.tile([[0, -1, 2, 0], [-1, -1, 1, -1]], (20_000, 1))
    labels = np.tile([0, 1], 20_000)
    noisy = from_votes(labels, votes, seed=0)
    first, second = noisy.labels[::2], noisy.labels[1::2]
    assert set(first.tolist()) == {0, 2}
    sigma = np.sqrt(2 / 9 / 20_000)
    assert 0 < abs((first == 2).mean() - 1 / 3) < 5 * sigma
    assert (second == 1).all()
    np.testing.assert_array_equal(noisy.is_wrong, noisy.labels != labels)
    assert noisy.num_classes == 3


def test_counts_and_shares_in_their_proportion():
    counts = np.tile([[3, 0, 1], [0, 0, 9]], (20_000, 1))
    labels = np.tile([0, 2], 20_000).astype(np.uint8).reshape(-1, 1)
    noisy = from_votes(labels, counts, counts=True, seed=0)
    assert noisy.labels.shape == labels.shape
    assert noisy.labels.dtype == np.uint8
    first, second = noisy.labels[::2], noisy.labels[1::2]
    sigma = np.sqrt(3 / 16 / 20_000)
    assert 0 < abs((first == 2).mean() - 0.25) < 5 * sigma
    assert not (first == 1).any()
    assert (second == 2).all()
    shares = counts / counts.sum(axis=1, keepdims=True)
    same = from_votes(labels, shares, counts=True, seed=0)
    np.testing.assert_array_equal(noisy.labels, same.labels)


def test_seeds():
    rng = np.random.default_rng(0)
    votes = rng.integers(0, 4, (300, 5))
    labels = votes[:, 0]
    first, again, other = (
        from_votes(labels, votes, seed=s).labels for s in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"votes": [[0], [1]]}, r"one row for each label.*3 labels"),
        ({"votes": [0, 1, 2]}, r"shape \(N, A\).*votes.shape=\(3,\)"),
        ({"votes": [[0], [-1], [2]]}, r"none in votes\[1\]"),
        ({"votes": [[0, 1], [1, 1], [2, -2]]}, r"\[2, -2\] in votes\[2\]"),
        ({"votes": [[0, 5], [1, 1], [2, 2]], "num_classes": 3}, r"votes\[0\]"),
        ({"votes": [[10**12], [1], [2]]}, r"\[10{12}\] in votes\[0\]"),
        ({"votes": [[0.0], [np.nan], [1]]}, r"nan_to_num.*dtype=float64"),
        ({"votes": [["a"], ["b"], ["c"]]}, r"`votes` must be .* numbers"),
        ({"votes": [[0], [1, 2], [2]]}, r"`votes` must be .* type list"),
        ({"votes": np.ones((3, 2), bool)}, r"dtype=bool"),
        ({"votes": None}, r"`votes` must be"),
        ({"counts": True}, r"one column|labels\[2\]=2"),
        ({"counts": 1}, r"`counts` must be True or False"),
        ({"counts": True, "num_classes": 3}, r"one column for each class"),
        ({"votes": -np.eye(3), "counts": True}, r"in votes\[0\]"),
        ({"votes": np.diag([1, 0, 1]), "counts": True}, r"in votes\[1\]"),
        ({"votes": np.diag([1, 1, np.nan]), "counts": True}, r"votes\[2\]"),
        ({"labels": [0, 1, 0.5]}, r"`labels` must have an integer dtype"),
        ({"seed": -1}, r"`seed` must be"),
    ],
)
def test_errors(change, message):
    arguments = {"labels": [0, 1, 2], "votes": [[0, 1], [1, -1], [2, 0]]}
    with pytest.raises(ValueError, match=message):
        from_votes(**{**arguments, **change})
