import numpy as np
import pytest
from keras import ops

from keras_robust import losses
from keras_robust.theory import classification_calibration
from keras_robust.theory import excess_risk_bound
from keras_robust.theory import is_symmetric
from keras_robust.theory import symmetry_gap
from keras_robust.theory.simplex import simplex_points

LOGITS = {"from_logits": True}


@pytest.mark.parametrize(
    "loss, constant",
    [
        (losses.CategoricalMAE(scale=2.0), 8.0),
        (losses.ReverseCrossEntropy(log_zero=-4.0), 16.0),
        (losses.NormalizedCrossEntropy(**LOGITS), 1.0),
        (losses.AsymmetricGCE(q=1), 4.0),
    ],
)
def test_symmetric_losses(loss, constant):
    found = is_symmetric(loss, 5)
    assert found
    assert found.constant == pytest.approx(constant, rel=1e-6)
    assert found.gap < 1e-9


@pytest.mark.parametrize(
    "loss",
    [
        losses.CrossEntropy(**LOGITS),
        losses.GeneralizedCrossEntropy(q=0.99),
        losses.AsymmetricGCE(q=1.01),
        losses.AsymmetricNorm(a=1.5, p=0.9),
    ],
)
def test_losses_that_are_not(loss):
    found = is_symmetric(loss, 5)
    assert not found
    assert found.constant is None
    assert found.gap > 1e-4


@pytest.mark.parametrize("constant", [0.25, 1e3])
def test_a_constant_that_is_added_changes_nothing(constant):
    def lower(y_true, y_pred):
        return constant - ops.sum(y_true * y_pred, axis=-1)

    # With 0.25 the losses of the four labels add up to 0.
    assert is_symmetric(lower, num_classes=4)


def test_float32_is_rounding():
    def rough(y_true, y_pred):
        p_given = ops.sum(ops.cast(y_true, y_pred.dtype) * y_pred, axis=-1)
        return ops.cast(1 - p_given, "float32")

    assert is_symmetric(rough, num_classes=4)


def test_the_gap_of_a_loss_that_is_known():
    # Sums are 2.25 at a corner of two classes, 0.5 between.
    def square(y_true, y_pred):
        p = ops.sum(ops.cast(y_true, y_pred.dtype) * y_pred, axis=-1)
        return (1.5 * (1 - p)) ** 2

    sums = (2.25 * (1 - simplex_points(2)) ** 2).sum(axis=1)
    expected = np.ptp(sums) / sums.mean()
    assert symmetry_gap(square, 2) == pytest.approx(expected, rel=1e-6)


def unclipped(y_true, y_pred):
    p = ops.sum(ops.cast(y_true, y_pred.dtype) * y_pred, axis=-1)
    return -ops.log(p)


def test_infinite_at_a_corner():
    assert symmetry_gap(unclipped, 3) == np.inf


@pytest.mark.parametrize(
    "loss",
    [losses.CrossEntropy(), losses.AsymmetricGCE(), losses.CategoricalMAE()],
)
def test_no_counterexample(loss):
    for num_classes in (2, 10):
        found = classification_calibration(loss, num_classes)
        assert found.verdict == "no counterexample in 64 points"
        assert found.weights is None


def test_a_counterexample_is_one():
    def of_the_first(y_true, y_pred):
        # Whoever names class 0 pays double, whatever the label.
        p = ops.sum(ops.cast(y_true, y_pred.dtype) * y_pred, axis=-1)
        return 1 - p + y_pred[..., 0]

    found = classification_calibration(of_the_first, 3)
    assert found.verdict == "counterexample"
    first = found.weights.argmax()
    assert found.best.argmax() != first
    risk = 1 - found.best @ found.weights + found.best[0]
    assert risk < 1 - found.weights[first] + (first == 0)


def test_normalised_cross_entropy_has_one():
    # Next to the face without a class, the label of that class alone costs.
    found = classification_calibration(
        losses.NormalizedCrossEntropy(**LOGITS), 3
    )
    assert found.verdict == "counterexample"


@pytest.mark.parametrize("q", [1.0, 1.5, 3.0])
def test_the_bound_holds(q):
    loss = losses.AsymmetricGCE(a=1.0, q=q)
    scale = (2.0**q - 1) / q
    assert excess_risk_bound(loss, 0.0) == 0.0
    for k in (2, 4):
        found = excess_risk_bound(loss, 0.02, k)
        assert found == pytest.approx(k * 0.02 / scale)
    rng = np.random.default_rng(0)
    u = rng.dirichlet(np.ones(4), 2000)
    w = rng.dirichlet(np.ones(4), 2000)
    values = (2.0**q - (1 + u) ** q) / q
    sure = (2.0**q - 1) / q
    gap = (w * values).sum(1) - (1 - w.max(1)) * sure
    error = w.max(1) - w[np.arange(2000), u.argmax(1)]
    assert (error <= 4 * gap / scale + 1e-12).all()
    if q == 1:
        # The constant 2 is one for two classes.
        assert (error > 2 * gap / scale).any()


@pytest.mark.parametrize(
    "loss, message",
    [
        (losses.AsymmetricGCE(q=0.5), "convex"),
        (losses.AsymmetricUnhinged(q=3), "convex"),
        (losses.AsymmetricExponential(), "convex"),
        (losses.CrossEntropy(**LOGITS), "convex"),
        (unclipped, "finite at a probability of 0"),
        (losses.Blurry(stop_gradient=False), "falls"),
        (losses.AsymmetricMSE(), "of the given label only"),
    ],
)
def test_no_bound_for_those(loss, message):
    with pytest.raises(ValueError, match=message):
        excess_risk_bound(loss, 0.1)


@pytest.mark.parametrize("gap", [-0.1, "a", None, float("nan"), True])
def test_a_gap_is_a_number(gap):
    with pytest.raises(ValueError, match="`risk_gap` must be"):
        excess_risk_bound(losses.CategoricalMAE(), gap)


@pytest.mark.parametrize(
    "loss, message",
    [
        ("agce", "take `keras_robust.losses.get"),
        (
            losses.GeneralizedCrossEntropy(
                q=losses.schedules.Linear(0.1, 0.7, end_epoch=3)
            ),
            "loss.at",
        ),
        (losses.AsymmetricGCE(multi_label=True), "multi_label=False"),
        (lambda y, p: ops.sum(p) * 0 + float("nan"), "one value per sample"),
        (lambda y, p: ops.log(-ops.sum(p, -1)), "it is nan"),
    ],
)
def test_what_theory_cannot_speak_of(loss, message):
    with pytest.raises(ValueError, match=message):
        is_symmetric(loss, 3)


@pytest.mark.parametrize("num_classes", [1, 0, 2.5, True, "ten"])
def test_number_of_classes(num_classes):
    with pytest.raises(ValueError, match="integer of at least 2"):
        is_symmetric(losses.CategoricalMAE(), num_classes)
