"""Probabilities from log-odds, without overflow."""

import numpy as np

from keras_robust.detect.statistics.odds import logistic


def test_logistic_at_all_sizes():
    odds = np.array([-1e308, -800.0, -1.0, 0.0, 1.0, 800.0, 1e308])
    found = logistic(odds)
    small = 1 / (1 + np.e)
    expected = [0, 0, small, 0.5, 1 - small, 1, 1]
    np.testing.assert_allclose(found, expected, atol=1e-300)
    # Next to 0 not even the last digits are lost.
    np.testing.assert_allclose(logistic(np.array([-700.0])), np.exp(-700.0))
    assert np.isnan(logistic(np.array([np.nan]))).all()


def test_in_place_it_says_the_same():
    odds = np.linspace(-40, 40, 101)
    expected = logistic(odds)
    np.testing.assert_array_equal(odds, np.linspace(-40, 40, 101))
    np.testing.assert_array_equal(logistic(odds, out=odds), expected)
