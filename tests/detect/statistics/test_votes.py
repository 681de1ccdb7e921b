import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from keras_robust.detect.statistics import votes
from keras_robust.detect.statistics.votes import majority_vote

NAN = np.nan


@pytest.mark.parametrize(
    ("predicted", "expected"),
    [
        ([1, 2, 2], 2),
        ([2, 2, 1], 2),
        ([1, 2], 2),
        ([2, 1], 1),
        ([1, 2, 2, 1], 1),
        ([2, 1, 1, 2], 2),
        ([0, 3, 1, 2], 2),
        ([NAN, 4, NAN], 4),
        ([NAN, NAN], -1),
        ([NAN, NAN, NAN, 5, 6, 5], 5),
        ([0], 0),
    ],
)
def test_the_most_frequent_and_the_later_among_equals(predicted, expected):
    column = np.array(predicted, np.float32)[:, None]
    assert majority_vote(column).tolist() == [expected]


def slow_vote(column):
    counts = {}
    for epoch, label in enumerate(column):
        if not np.isnan(label):
            count, _ = counts.get(int(label), (0, 0))
            counts[int(label)] = count + 1, epoch
    return max(counts, key=counts.get) if counts else -1


@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=9),
        elements=st.sampled_from([0.0, 1.0, 2.0, 999.0, np.nan]),
    )
)
def test_equals_a_plain_count(predicted):
    expected = [slow_vote(column) for column in predicted.T]
    assert majority_vote(predicted).tolist() == expected


def test_blocks_change_nothing(monkeypatch):
    predicted = np.random.default_rng(0).integers(3, size=(5, 50)) * 1.0
    expected = majority_vote(predicted)
    monkeypatch.setattr(votes, "_BLOCK", 7)
    np.testing.assert_array_equal(majority_vote(predicted), expected)


def test_no_samples():
    assert majority_vote(np.zeros((3, 0))).shape == (0,)
