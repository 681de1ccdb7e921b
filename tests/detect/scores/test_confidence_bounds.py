import numpy as np
import pytest

from keras_robust.detect import hard_lower_bound
from keras_robust.detect import soft_lower_bound
from keras_robust.detect.scores import confidence_bounds

NAN = np.nan


def test_the_soft_bound_by_hand():
    losses = np.array([[0.5, 2.0, NAN], [1.5, 2.0, NAN], [NAN, 2.0, NAN]])
    v, s = 0.01, 5.0
    mean = [
        (np.log(1 + 0.5 + 0.125) + np.log(1 + 1.5 + 1.125)) / 2,
        np.log(1 + 2 + 2),
    ]
    width = v * (s + v * np.log(10.0) / 25.0)
    expected = [mean[0] - width / (2 - v), mean[1] - width / (4 - v), NAN]
    found = soft_lower_bound(losses, np.array([1, 3, 1]), epoch=4, variance=v)
    np.testing.assert_allclose(found, expected)


def test_the_hard_bound_by_hand():
    losses = np.array([[1.0, 1.2, 0.9, 1.1, 1.3, 1.0, 7.0]] * 2).T
    v, s, o, n = 0.01, 9.0, 1.0, np.array([1.0, 4.0])
    mean = losses[:6, 0].mean()
    width = 2 * np.sqrt(2 * v) * 1.5 * (s + np.sqrt(2) * o)
    width = width * np.sqrt(np.log(4 * s) / n) / ((s - o) * np.sqrt(s))
    expected = np.maximum(mean - width, 0.0)
    found = hard_lower_bound(losses, n, epoch=8, variance=v, bound=1.5)
    np.testing.assert_allclose(found, expected)
    # Below 5 losses none is an outlier.
    found = hard_lower_bound(losses[3:], n, epoch=8, variance=0.0)
    np.testing.assert_allclose(found, losses[3:, 0].mean())


def test_who_was_seldom_selected_has_the_lower_bound():
    losses, n = np.full((3, 4), 1.0), np.array([1, 2, 3, 4])
    for bound in (soft_lower_bound, hard_lower_bound):
        low = bound(losses, n, epoch=20)
        assert (np.diff(low) > 0).all()
        assert (low < bound(losses, n, epoch=20, variance=0.0)).all()


@pytest.mark.parametrize("width", [5, 6, 7])
def test_outliers_are_those_of_scikit_learn(width):
    neighbors = pytest.importorskip("sklearn.neighbors")
    rows = np.random.default_rng(0).gamma(1.0, size=(200, width))
    expected = [
        neighbors.LocalOutlierFactor(2, contamination=0.1).fit_predict(
            row[:, None]
        )
        < 0
        for row in rows
    ]
    found = confidence_bounds._outlying(rows.T)
    # Two equal factors, of which rounding makes one the larger.
    assert (found.T != expected).sum() <= 1


def test_blocks_change_nothing(monkeypatch):
    losses = np.random.default_rng(0).gamma(1.0, size=(7, 50))
    losses[2, 4] = NAN
    losses[3, 5] = np.inf
    expected = hard_lower_bound(losses, np.ones(50), epoch=9)
    monkeypatch.setattr(confidence_bounds, "_BLOCK", 7)
    found = hard_lower_bound(losses, np.ones(50), epoch=9)
    np.testing.assert_array_equal(found, expected)
    assert found[5] == np.inf and np.isfinite(found[4])
