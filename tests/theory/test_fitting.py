import numpy as np
import pytest
from keras import ops

from keras_robust import losses
from keras_robust.theory import fitting_profile
from keras_robust.theory.gradients import logit_gradients


def test_the_pull_of_cross_entropy():
    found = fitting_profile(losses.CrossEntropy())
    np.testing.assert_allclose(found.weight, 1 - found.p, atol=1e-6)
    assert found.at_start == pytest.approx(0.9, abs=0.01)
    assert found.starts_cold


@pytest.mark.parametrize("a, q", [(1.0, 2.0), (0.6, 0.6)])
def test_the_pull_of_agce(a, q):
    found = fitting_profile(losses.AsymmetricGCE(a=a, q=q))
    p = found.p
    expected = p * (1 - p) * (a + p) ** (q - 1)
    np.testing.assert_allclose(found.weight, expected, rtol=1e-5)


def test_what_is_stopped_does_not_count():
    stopped = fitting_profile(losses.Blurry(gamma=0.5))
    gce = fitting_profile(losses.GeneralizedCrossEntropy(q=0.5))
    np.testing.assert_allclose(stopped.weight, gce.weight, rtol=1e-5)
    whole = fitting_profile(losses.Blurry(gamma=0.5, stop_gradient=False))
    assert whole.turns_below == pytest.approx(np.exp(-2), abs=0.01)
    assert whole.at_start < 0 and not whole.starts_cold
    assert "drives predictions away" in whole.verdict


def test_logits_scaled_to_one_size():
    """Along a line of logits such a loss does not pull at all."""
    ce = losses.CrossEntropy(from_logits=True)
    found = fitting_profile(losses.SparseRegularized(ce))
    assert 0 < found.at_start <= 1


def test_where_nothing_pulls():
    found = fitting_profile(losses.PiecewiseZero(cutoff=0.05))
    assert found.vanishes_below == pytest.approx(0.05, abs=0.005)


@pytest.mark.once
def test_more_classes_are_harder():
    shares = [
        fitting_profile(losses.AsymmetricGCE(), k).at_start
        for k in (2, 10, 100)
    ]
    assert shares[0] > shares[1] > shares[2]
    words = fitting_profile(losses.AsymmetricGCE(), 100).verdict
    assert "MarginShift" in words and "CrossEntropyWarmUp" in words


def test_gradients_of_integers_and_of_logits():
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(5, 3)), np.array([0, 1, 2, 0, 1])

    def integers_only(y_true, y_pred):
        if len(y_true.shape) != 1:
            raise ValueError("integers please")
        picked = ops.take_along_axis(y_pred, y_true[:, None], axis=-1)
        return -ops.log(picked[:, 0])

    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    expected = p - np.eye(3)[labels]
    for loss in (integers_only, losses.CrossEntropy(from_logits=True)):
        found = logit_gradients(loss, labels, logits)
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_losses_without_a_use():
    with pytest.raises(ValueError, match="no gradient anywhere"):
        fitting_profile(lambda y, p: ops.sum(p, axis=-1) * 0.0)
    with pytest.raises(ValueError, match="one-hot labels: TypeError: no"):

        def failing(y_true, y_pred):
            raise TypeError("no")

        fitting_profile(failing)
    with pytest.raises(ValueError, match="`logits_scale` must be"):
        fitting_profile(losses.CrossEntropy(), logits_scale=0)
