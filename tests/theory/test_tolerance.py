import numpy as np
import pytest

from keras_robust import losses
from keras_robust.theory import asymmetry_ratio
from keras_robust.theory import max_noise_rate

SYMMETRIC = losses.GeneralizedCrossEntropy(q=1.0)


@pytest.mark.parametrize("num_classes", [2, 3, 10, 100])
def test_symmetric_losses_reach_the_dominance_limit(num_classes):
    limit = (num_classes - 1) / num_classes
    assert max_noise_rate(SYMMETRIC, num_classes=num_classes) == limit
    assert max_noise_rate(SYMMETRIC, "pair", num_classes) == 0.5


def test_cross_entropy_tolerates_nothing():
    assert max_noise_rate(losses.CrossEntropy()) == 0.0
    assert max_noise_rate(losses.CrossEntropy(), "pair") == 0.0


def test_published_limit():
    # The asymmetric part of the published sum for CIFAR-100.
    loss = losses.AsymmetricExponential(a=1.5)
    assert max_noise_rate(loss, "pair") == pytest.approx(0.339, abs=5e-4)


@pytest.mark.parametrize("kind", ["symmetric", "pair"])
def test_condition_holds_with_equality(kind):
    loss = losses.AsymmetricUnhinged(a=5.5, q=3)
    eta = max_noise_rate(loss, kind, 10)
    rho = (1 - eta) / eta * (9 if kind == "symmetric" else 1)
    assert rho * asymmetry_ratio(loss) == pytest.approx(1.0)


@pytest.mark.parametrize("kind, wrong", [("symmetric", 3), ("pair", 1)])
def test_limit_is_where_the_clean_class_stops_winning(kind, wrong):
    """Brute force: the noisy risk on the edges of the simplex."""
    loss = losses.AsymmetricExponential(a=1.5)
    eta = max_noise_rate(loss, kind, num_classes=4)
    mass = np.linspace(0.0, 1.0, 2001)
    to_clean, to_wrong = np.exp(-mass / 1.5), np.exp(-(1 - mass) / 1.5)

    def clean_wins(rate):
        risk = (1 - rate) * to_clean + rate / wrong * to_wrong
        return risk.argmin() == mass.size - 1

    assert clean_wins(0.99 * eta)
    assert not clean_wins(1.01 * eta)


@pytest.mark.parametrize("kind", ["symetric", "asymmetric", None])
def test_unknown_kind_is_refused(kind):
    with pytest.raises(ValueError, match="Did you mean .symmetric|pair"):
        max_noise_rate(SYMMETRIC, kind)
