import numpy as np
import pytest
from keras import ops

from keras_robust import losses
from keras_robust.theory import asymmetry_ratio
from keras_robust.theory import max_noise_rate
from keras_robust.theory import noise_tolerance
from keras_robust.theory.weights import KINDS
from keras_robust.theory.weights import label_weights
from keras_robust.theory.weights import lead_of
from tests.theory.asked import Ask

SYMMETRIC = losses.GeneralizedCrossEntropy(q=1.0)
# Looked at when the whole simplex is, and not when the ratio is searched.
DIP = 16 / 17


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


@pytest.mark.parametrize(
    "kind, meant",
    [("symetric", "symmetric"), ("asymmetric", "pair"), ("pairs", "pair")],
)
def test_unknown_kind_is_refused(kind, meant):
    with pytest.raises(ValueError, match=f"Did you mean '{meant}'"):
        max_noise_rate(SYMMETRIC, kind)
    with pytest.raises(ValueError, match="Received: kind=None"):
        max_noise_rate(SYMMETRIC, None)


@pytest.mark.parametrize("kind", KINDS)
def test_matrix_and_limit_of_a_kind_agree(kind):
    """For every kind there is: just inside the limit its own label leads."""
    for num_classes in (2, 3, 10):
        limit = max_noise_rate(SYMMETRIC, kind, num_classes)
        for factor, leads in ((0.999, True), (1.001, False)):
            matrix = label_weights(kind, limit * factor, num_classes)
            np.testing.assert_allclose(matrix.sum(axis=1), 1)
            assert (lead_of(matrix)[0] > 1) == leads


def weighted(loss, *weights):
    """A loss that takes some classes more seriously."""

    def of_class(y_true, y_pred):
        y_true = ops.cast(y_true, y_pred.dtype)
        each = ops.convert_to_tensor(np.array(weights))
        weight = ops.sum(y_true * ops.cast(each, y_pred.dtype), axis=-1)
        return weight * loss(y_true, y_pred)

    return of_class


def test_a_class_weight_of_any_class_is_seen():
    """Class 0 with 30 % labels of 1 costs 1.5 where it is right, 0.7 as 1."""

    def linear(y_true, y_pred):
        return 1 - ops.sum(y_true * y_pred, axis=-1)

    loss = weighted(linear, 1.0, 5.0, 1.0)
    with pytest.raises(ValueError, match="changes with the label"):
        asymmetry_ratio(loss, 3)
    found = noise_tolerance(loss, "pair", 0.3, 3)
    assert [one.verdict for one in found.classes] == [
        "not tolerated",
        "tolerated",
        "tolerated",
    ]


def test_the_class_that_tolerates_least_counts():
    # Pairs of class 1, and only they, have labels of the heavy class 2.
    loss = weighted(losses.AsymmetricMSE(a=5.0).call, 1.0, 1.0, 3.0)
    found = max_noise_rate(loss, "pair", 3)
    # (1 - eta) (a - 1) = 3 eta (a + 1)
    assert found == pytest.approx(4 / 22, abs=1e-3)
    assert not noise_tolerance(loss, "pair", found * 1.02, 3)
    assert noise_tolerance(loss, "pair", found * 0.98, 3)


def test_a_ratio_that_was_searched_is_no_theorem():
    loss = losses.AsymmetricGCE(a=0.6, q=0.6)
    said = noise_tolerance(loss, "pair", 0.3, 3).classes[0]
    found = noise_tolerance(Ask(loss), "pair", 0.3, 3).classes[0]
    assert said.verdict == found.verdict == "tolerated"
    assert "numeric evidence" not in said.why
    assert found.why == (
        f"numeric evidence: {said.why} by a search for the ratio"
    )


def test_what_is_shown_comes_before_a_ratio_that_was_searched():
    def loss(y_true, y_pred):
        """Linear, but for a dip between all points of the search."""
        p = ops.sum(ops.cast(y_true, y_pred.dtype) * y_pred, axis=-1)
        in_dip = ops.cast(ops.abs(p - DIP) < 1e-5, p.dtype)
        return 1 - p - 0.9 * in_dip

    assert asymmetry_ratio(loss, 2) > 0.99
    found = noise_tolerance(loss, "pair", 0.4, 2)
    assert found.classes[0].verdict == "not tolerated"
    assert found.classes[0].best[0] == pytest.approx(DIP, abs=1e-5)
