"""The samples of the smallest loss, and how many they are."""

from fractions import Fraction

import numpy as np
import pytest
from keras import ops

from keras_robust.models.selection import smallest
from tests.backend import to_numpy


def test_by_hand():
    losses = np.array([0.3, 2.0, 0.1, 5.0, 0.2], "float32")
    for share, expected in [
        (1.0, [1, 1, 1, 1, 1]),
        (0.8, [1, 1, 1, 0, 1]),
        (0.79, [1, 0, 1, 0, 1]),
        (0.4, [0, 0, 1, 0, 1]),
        (0.1, [0, 0, 1, 0, 0]),
    ]:
        found, count = smallest(ops.convert_to_tensor(losses), share)
        np.testing.assert_array_equal(to_numpy(found), expected)
        assert float(count) == sum(expected)


def test_of_ties_no_more_than_asked_for():
    found, count = smallest(ops.zeros((8,)), 0.5)
    assert to_numpy(found).sum() == float(count) == 4


def test_nan_is_not_dropped_unseen():
    losses = ops.convert_to_tensor(np.array([1, np.nan, 2], "float32"))
    found = to_numpy(smallest(losses, 0.3)[0])
    np.testing.assert_array_equal(np.isnan(found), [False, True, False])


@pytest.mark.parametrize("size", [1, 7, 10, 32, 60, 100, 128, 250, 1000])
def test_the_count_is_rounded_down_as_written(size):
    losses = ops.convert_to_tensor(np.arange(size, dtype="float32"))
    for percent in range(0, 100, 5):
        for epoch in range(0, 11, 5):
            rate = Fraction(percent, 100) * Fraction(epoch, 10)
            share = ops.convert_to_tensor(np.float32(1.0 - float(rate)))
            expected = max(1, int((1 - rate) * size))
            assert float(smallest(losses, share)[1]) == expected
