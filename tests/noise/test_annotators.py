"""Several labels a sample: votes, their majority, Dawid and Skene's EM."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from keras_robust.noise import dawid_skene
from keras_robust.noise import from_long
from keras_robust.noise import majority_vote
from keras_robust.noise.votes import as_votes

BOTH = pytest.mark.parametrize("method", [majority_vote, dawid_skene])


def made(num_items=800, num_classes=3, missing=0.4, seed=0):
    """Truth, votes `(N, 6)` and how often each of the annotators is right.

    The last one takes every class for the next.
    """
    rng = np.random.default_rng(seed)
    right = np.array([0.9, 0.85, 0.8, 0.55, 0.5, 0.0])
    true = rng.choice(num_classes, num_items, p=[0.5, 0.3, 0.2])
    votes = np.empty((num_items, right.size), np.int64)
    for a, rate in enumerate(right):
        other = rng.integers(1, num_classes, num_items)
        away = np.where(rng.random(num_items) < rate, 0, other)
        votes[:, a] = (true + away) % num_classes
    votes[:, -1] = (true + 1) % num_classes
    votes[rng.random(votes.shape) < missing] = -1
    votes[0] = [*votes[0, :-1].clip(0), -1]
    return true, votes, right


@BOTH
def test_what_is_masked_is_no_vote(method):
    _, votes, _ = made(num_items=50)
    hidden = np.ma.masked_array(np.maximum(votes, 0), mask=votes < 0)
    found = method(hidden)
    np.testing.assert_array_equal(found.labels, method(votes).labels)
    np.testing.assert_array_equal(found.labels, method(list(votes)).labels)


def by_hand(votes, num_classes, iterations):
    """Dawid and Skene's iterations, entry by entry."""
    num_items, num_annotators = votes.shape
    q = np.zeros((num_items, num_classes))
    for i, a in np.argwhere(votes >= 0):
        q[i, votes[i, a]] += 1
    q /= q.sum(axis=1, keepdims=True)
    for _ in range(iterations):
        counts = np.zeros((num_annotators, num_classes, num_classes))
        for i, a in np.argwhere(votes >= 0):
            counts[a, :, votes[i, a]] += q[i]
        confusion = counts / counts.sum(axis=2, keepdims=True)
        q, priors = np.tile(q.mean(axis=0), (num_items, 1)), q.mean(axis=0)
        for i, a in np.argwhere(votes >= 0):
            q[i] *= confusion[a, :, votes[i, a]]
        q /= q.sum(axis=1, keepdims=True)
    return q, priors


def test_dawid_skene_by_hand():
    _, votes, _ = made(60)
    votes[(votes < 0).all(axis=1), 0] = 0
    with pytest.warns(UserWarning, match="not converged in 3 iterations"):
        found = dawid_skene(votes, max_iterations=3)
    q, _ = by_hand(votes, 3, 3)
    np.testing.assert_allclose(found.probabilities, q, atol=1e-12)
    np.testing.assert_allclose(found.class_priors, q.mean(axis=0))
    assert not found.converged
    assert found.num_iterations == 3


def test_dawid_skene_knows_who_is_right():
    true, votes, right = made()
    found, majority = dawid_skene(votes), majority_vote(votes)
    voted = (votes >= 0).any(axis=1)
    accuracy = (found.labels == true)[voted].mean()
    assert accuracy > 0.95
    assert accuracy > (majority.labels == true)[voted].mean() + 0.1
    np.testing.assert_allclose(found.quality, right, atol=0.06)
    np.testing.assert_allclose(found.class_priors, [0.5, 0.3, 0.2], atol=0.05)
    assert found.converged
    # Who takes every class for the next is of use once that is known.
    np.testing.assert_allclose(
        found.confusion[-1], np.roll(np.eye(3), 1, axis=1), atol=0.05
    )
    np.testing.assert_allclose(found.confusion.sum(axis=2), 1)


def test_soft_labels_are_calibrated():
    true, votes, _ = made(4000)
    found = dawid_skene(votes)
    right = found.labels == true
    sure = found.probabilities.max(axis=1)
    assert abs(sure.mean() - right.mean()) < 0.02
    unsure = sure < 0.9
    assert abs(sure[unsure].mean() - right[unsure].mean()) < 0.06


def test_majority_by_hand():
    found = majority_vote([[0, 0, 1], [1, -1, 1], [2, 1, 0], [-1, -1, -1]])
    assert found.labels.tolist() == [0, 1, 0, -1]
    np.testing.assert_allclose(
        found.probabilities[:3],
        [[2 / 3, 1 / 3, 0], [0, 1, 0], [1 / 3, 1 / 3, 1 / 3]],
    )
    priors = np.array([1, 5 / 3 - 1 / 3 + 1 / 3, 1 / 3]) / 3
    np.testing.assert_allclose(found.class_priors, priors)
    np.testing.assert_allclose(found.probabilities[3], priors)
    np.testing.assert_allclose(found.agreement[:3], [2 / 3, 1, 1 / 3])
    assert np.isnan(found.agreement[3])
    quality = [2 / 3 + 1 + 1 / 3, 2 / 3 + 1 / 3, 1 / 3 + 1 + 1 / 3]
    np.testing.assert_allclose(found.quality, np.array(quality) / [3, 2, 3])
    # The first says 0 of what is 0 two thirds, and 2 of a third.
    np.testing.assert_allclose(found.confusion[0, 0], [2 / 3, 0, 1 / 3])
    # The second says 0 or 1 only.
    np.testing.assert_allclose(found.confusion[1, 2], [0, 1, 0])


def test_ties():
    votes = np.tile([0, 2, 2, 0], (300, 1))
    votes[:, 3] = np.arange(300) % 2 * 2
    tied = np.arange(300) % 2 == 0
    assert set(majority_vote(votes).labels[tied]) == {0}
    found = majority_vote(votes, ties="random", seed=0).labels
    assert (found[~tied] == 2).all()
    assert 40 < (found[tied] == 0).sum() < 110
    assert 1 not in found
    again = majority_vote(votes, ties="random", seed=0).labels
    np.testing.assert_array_equal(found, again)


@BOTH
def test_long_form_is_the_same(method):
    _, votes, _ = made(200)
    item, worker = np.nonzero(votes >= 0)
    label = votes[item, worker]
    order = np.random.default_rng(0).permutation(label.size)
    names = np.array(["a", "b", "c", "d", "e", "f"])
    long = from_long(item[order], names[worker][order], label[order])
    one, other = method(votes[np.unique(item)]), method(long)
    assert other.annotators.tolist() == names.tolist()
    np.testing.assert_array_equal(other.items, np.unique(item))
    np.testing.assert_array_equal(one.labels, other.labels)
    np.testing.assert_allclose(
        one.probabilities, other.probabilities, atol=1e-9
    )
    np.testing.assert_allclose(one.confusion, other.confusion, atol=1e-9)
    assert repr(other) == (
        f"Consensus({one.labels.size} items, 6 annotators, "
        f"method='{method.__name__}')"
    )


@BOTH
def test_nan_is_no_vote_and_the_order_of_the_items(method):
    _, votes, _ = made(100)
    one = method(votes)
    floats = np.where(votes < 0, np.nan, votes).astype("float32")
    order = np.random.default_rng(0).permutation(100)
    other = method(floats[order])
    np.testing.assert_array_equal(other.labels, one.labels[order])
    np.testing.assert_allclose(other.quality, one.quality, atol=1e-9)


@BOTH
def test_who_has_not_voted_and_classes_without_votes(method):
    votes = np.array([[0, -1, 0], [1, -1, 1], [-1, -1, -1]])
    found = method(votes, num_classes=4)
    assert found.labels.tolist() == [0, 1, -1]
    assert np.isnan(found.quality[1])
    assert np.isnan(found.confusion[1]).all()
    assert np.isnan(found.confusion[0, 3]).all()
    assert found.quality[[0, 2]].tolist() == [1, 1]
    np.testing.assert_allclose(found.class_priors, [0.5, 0.5, 0, 0])
    np.testing.assert_allclose(found.probabilities[2], [0.5, 0.5, 0, 0])


@BOTH
def test_one_vote_is_enough(method):
    found = method([[1]])
    assert found.labels.tolist() == [1]
    assert found.probabilities.tolist() == [[0, 1]]
    with pytest.raises(ValueError, match="num_classes=1"):
        method([[0]])
    assert method([[0]], num_classes=2).class_priors.tolist() == [1, 0]


@BOTH
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_any_votes_give_probabilities(method, data):
    width = data.draw(st.integers(1, 4))
    row = st.lists(st.integers(-1, 3), min_size=width, max_size=width)
    votes = np.array(data.draw(st.lists(row, min_size=1, max_size=8)))
    if (votes < 0).all():
        with pytest.raises(ValueError, match="one vote at least"):
            method(votes, num_classes=4)
        return
    # Where likelihoods are flat the last digits take long.
    options = {"tolerance": 1e-2} if method is dawid_skene else {}
    found = method(votes, num_classes=4, **options)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1)
    voted = (votes >= 0).any(axis=1)
    assert (found.labels[voted] >= 0).all()
    quality = found.quality[(votes >= 0).any(axis=0)]
    assert ((quality >= 0) & (quality <= 1 + 1e-12)).all()


def test_smoothing():
    votes = np.array([[0, 0], [0, 1], [1, 1]])
    sure, smooth = dawid_skene(votes), dawid_skene(votes, smoothing=1.0)
    highest = smooth.probabilities.max(axis=1)
    assert (highest < 0.99).any()
    assert (sure.probabilities.max(axis=1) >= highest - 1e-9).all()


@BOTH
@pytest.mark.parametrize(
    ("votes", "message"),
    [
        ([0, 1], r"shape \(N, A\).*`from_long`. Received: shape=\(2,\)"),
        (np.empty((0, 3)), r"shape=\(0, 3\)"),
        ([[0, 1], [2]], "as many entries in each row"),
        ([["a", "b"]], "dtype=<U1"),
        ([[True, False]], "dtype=bool"),
        ([[0, 1], [0.5, 1]], r"votes\[1, 0\]=0.5"),
        ([[0, 1], [1, -2]], r"votes\[1, 1\]=-2"),
        ([[0, np.inf]], r"votes\[0, 1\]=inf"),
        ([[-1, -1]], "one vote at least"),
        ([[np.nan]], "one vote at least"),
    ],
)
def test_errors_of_votes(method, votes, message):
    with pytest.raises(ValueError, match=message):
        method(votes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": [0, 1]}, r"`item` must be.*\(2,\).*shape=\(3,\)"),
        ({"label": [0, 1, -1]}, r"labels\[2\]=-1"),
        ({"item": [0.5, 1, 2]}, "`item` must be.*dtype=float64"),
        ({"worker": [[1, 2, 3]]}, r"`worker` must be.*shape=\(1, 3\)"),
        ({"worker": [7, 7, 8]}, "second one in row 1, item=a, worker=7"),
        ({"num_classes": 1}, "num_classes=1"),
    ],
)
def test_errors_of_the_long_form(change, message):
    arguments = {
        "item": ["a", "a", "b"],
        "worker": [7, 8, 7],
        "label": [0, 1, 1],
    }
    with pytest.raises(ValueError, match=message):
        from_long(**{**arguments, **change})


def test_number_of_classes_of_votes():
    votes = from_long([0, 1], [0, 0], [0, 1])
    assert as_votes(votes) is votes
    assert as_votes(votes, 5).num_classes == 5
    with pytest.raises(ValueError, match="at least 2"):
        as_votes(votes, 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"smoothing": -1}, "Received: smoothing=-1"),
        ({"smoothing": float("inf")}, "Received: smoothing=inf"),
        ({"tolerance": None}, "Received: tolerance=None"),
        ({"max_iterations": 0}, "Received: max_iterations=0"),
        ({"max_iterations": 2.5}, "Received: max_iterations=2.5"),
    ],
)
def test_errors_of_dawid_skene(options, message):
    with pytest.raises(ValueError, match=message):
        dawid_skene([[0, 1]], **options)


@pytest.mark.parametrize("options", [{"ties": "first"}, {"seed": -1}])
def test_errors_of_the_majority(options):
    with pytest.raises(ValueError, match="Received: (ties='first'|seed=-1)"):
        majority_vote([[0, 1]], **options)
