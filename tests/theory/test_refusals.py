"""What theory cannot speak of is refused, by all that takes a loss."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_robust import losses
from keras_robust import theory
from keras_robust.losses import schedules

LOGITS = {"from_logits": True}


def not_finite(y_true, y_pred):
    p = ops.sum(ops.cast(y_true, y_pred.dtype) * y_pred, axis=-1)
    return ops.sqrt(p - 0.5)


def needs_ids(y_true, y_pred):
    return ops.take(y_pred[:, 0], y_true["__index__"])


def given(y_true, y_pred):
    return ops.sum(ops.cast(y_true, y_pred.dtype) * y_pred, axis=-1)


def of_the_batch(y_true, y_pred):
    p = given(y_true, y_pred)
    return (1 - p) / ops.mean(1 - p)


def mean_of_the_batch(y_true, y_pred):
    return ops.mean(1 - given(y_true, y_pred))


def random(y_true, y_pred):
    noise = keras.random.uniform((len(y_pred),))
    return ops.cast(noise, y_pred.dtype) - given(y_true, y_pred)


BAD = {
    "not finite": (not_finite, "it is nan at a probability of"),
    "ids": (needs_ids, "With one-hot labels it fails"),
    "epochs": (
        losses.PiecewiseZero(cutoff=schedules.Delayed(0.05, start_epoch=4)),
        r"take `loss.at\(epoch=...\)`",
    ),
    "batch": (
        losses.ActiveNegative(entropy_weight=1.0),
        "a term of the whole batch",
    ),
    "the other samples": (of_the_batch, "changes with the other samples"),
    "random": (random, "or from call to call"),
    "a mean": (mean_of_the_batch, r"returns shape \(\) where one value per"),
    "a class": (losses.AsymmetricGCE, "make one, `AsymmetricGCE"),
    "several labels": (
        losses.AsymmetricGCE(multi_label=True),
        "take it with `multi_label=False`",
    ),
    "an ignored class": (
        losses.AsymmetricGCE(ignore_class=1),
        "take it with `ignore_class=None`",
    ),
    "a name": ("agce", r"take `keras_robust.losses.get\(name\)`"),
}
ASK = {
    "asymmetry_ratio": theory.asymmetry_ratio,
    "is_symmetric": theory.is_symmetric,
    "max_noise_rate": theory.max_noise_rate,
    "noise_tolerance": lambda loss: theory.noise_tolerance(
        loss, "pair", 0.2, 3
    ),
    "is_asymmetric": lambda loss: theory.is_asymmetric(loss, np.eye(3)),
    "calibration": theory.classification_calibration,
    "robustness_gap": lambda loss: theory.robustness_gap(loss, "pair", 0.2, 3),
    "excess_risk_bound": lambda loss: theory.excess_risk_bound(loss, 0.1),
}


WITHOUT_PROFILE = [kind for kind in BAD if kind not in ("not finite", "ids")]


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("name", ASK)
def test_a_loss_that_is_none_of_one_sample(name, kind):
    loss, message = BAD[kind]
    with pytest.raises(ValueError, match=message):
        ASK[name](loss)


@pytest.mark.parametrize("name", ASK)
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "complex64"])
def test_half_precision_is_too_rough(name, dtype):
    def coarse(y_true, y_pred):
        return ops.cast(1 - given(y_true, y_pred), dtype)

    with pytest.raises(ValueError, match=f"it returns {dtype}, where"):
        ASK[name](coarse)


@pytest.mark.parametrize("kind", WITHOUT_PROFILE)
def test_nor_has_it_a_profile(kind):
    loss, message = BAD[kind]
    with pytest.raises(ValueError, match=message):
        theory.fitting_profile(loss)


@pytest.mark.parametrize("reduce", [ops.mean, ops.negative])
def test_nor_has_what_is_not_one_value_a_sample(reduce):
    def other(y_true, y_pred):
        return reduce(y_true * y_pred)

    with pytest.raises(ValueError, match="where one value per sample"):
        theory.fitting_profile(other)


def test_a_constant_loss_has_no_gap():
    with pytest.raises(ValueError, match="A constant loss has no gap"):
        theory.robustness_gap(
            lambda y_true, y_pred: ops.ones_like(y_pred[:, 0]), "pair", 0.2, 3
        )


def test_a_matrix_is_no_kind():
    with pytest.raises(ValueError, match="`kind` must be one of 'symmetric'"):
        theory.max_noise_rate(losses.CategoricalMAE(), np.eye(3))


@pytest.mark.parametrize(
    "ask",
    [
        theory.asymmetry_ratio,
        theory.is_symmetric,
        theory.classification_calibration,
        theory.fitting_profile,
        lambda loss, k: theory.max_noise_rate(loss, "pair", k),
        lambda loss, k: theory.excess_risk_bound(loss, 0.1, k),
    ],
)
def test_one_class_is_none(ask):
    with pytest.raises(ValueError, match="at least 2. Received: num_classes=1"):
        ask(losses.CategoricalMAE(), 1)


@pytest.mark.parametrize(
    "ask",
    [
        lambda matrix: theory.noise_tolerance(losses.CategoricalMAE(), matrix),
        lambda matrix: theory.is_asymmetric(losses.CategoricalMAE(), matrix),
        lambda matrix: theory.robustness_gap(losses.CategoricalMAE(), matrix),
        theory.suggest_loss,
    ],
)
def test_rows_sum_to_one(ask):
    with pytest.raises(ValueError, match="row 1 with the sum 1.1"):
        ask([[0.9, 0.1], [0.2, 0.9]])


def test_what_is_not_proved_says_so():
    passive = losses.AsymmetricNorm(**LOGITS)
    found = theory.noise_tolerance(passive, "pair", 0.3, 3).classes[0]
    assert found.why.startswith("numeric evidence: none of ")
    pointwise = losses.AsymmetricGCE(**LOGITS)
    found = theory.noise_tolerance(pointwise, "pair", 0.3, 3).classes[0]
    assert "is enough" in found.why
    calibrated = theory.classification_calibration(pointwise, 3)
    assert calibrated.verdict == "no counterexample in 64 points"


@pytest.mark.parametrize("seed", [1.5, -1, True, "0"])
@pytest.mark.parametrize(
    "ask", [theory.fitting_profile, theory.classification_calibration]
)
def test_a_seed_is_a_whole_number(ask, seed):
    with pytest.raises(ValueError, match="`seed` must be an integer of at"):
        ask(losses.CategoricalMAE(), 3, seed=seed)


def test_a_name_is_no_matrix():
    with pytest.raises(ValueError, match="ask `noise_tolerance` about a kind"):
        theory.is_asymmetric(losses.CategoricalMAE(), "pair")
