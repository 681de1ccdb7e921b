"""What the theory says of the losses, for any parameters."""

import math

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from keras_robust import losses
from tests.backend import float64
from tests.backend import to_numpy
from tests.backend import values_and_slopes
from tests.losses.cases import LABELS
from tests.losses.cases import LOGITS
from tests.losses.cases import LOSSES
from tests.losses.cases import ONE_HOT
from tests.losses.cases import predictions
from tests.losses.cases import softmax

# One array shape for all: JAX compiles every operation once a shape.
PROBS = arrays("float64", 8, elements=st.floats(1e-3, 1))
SCORES = arrays("float64", LOGITS.shape, elements=st.floats(-20, 20))
A = st.floats(0.01, 20)
A_ABOVE_1 = st.floats(1.01, 20)
Q = st.floats(0.05, 4)
GCE_Q = st.floats(0.05, 1)

few = settings(max_examples=15, deadline=None, derandomize=True)


def at(loss, p):
    """The loss, and its derivative, at these probabilities of the label."""
    two = np.stack([p, 1 - p], axis=-1)
    labels = np.zeros(len(p), int)
    with float64():
        values, slopes = values_and_slopes(lambda y: loss.call(labels, y), two)
    assert values.dtype == slopes.dtype == "float64"
    return values, slopes[:, 0]


def from_logits(loss, logits):
    with float64():
        return values_and_slopes(lambda z: loss.call(LABELS, z), logits)


def close(actual, wanted, rtol=1e-9, atol=1e-12):
    np.testing.assert_allclose(actual, wanted, rtol=rtol, atol=atol)


@few
@given(p=PROBS, a=A_ABOVE_1)
def test_with_exponent_1_both_are_1_minus_p(p, a):
    for loss in (losses.AsymmetricGCE(a, 1), losses.AsymmetricUnhinged(a, 1)):
        values, slopes = at(loss, p)
        close(values, 1 - p)
        close(slopes, -1.0)


@few
@given(p=PROBS, q=GCE_Q)
def test_agce_with_vanishing_a_is_gce(p, q):
    ours = at(losses.AsymmetricGCE(1e-9, q), p)
    gce = at(losses.GeneralizedCrossEntropy(q), p)
    close(ours, gce, rtol=1e-5, atol=1e-7)


@few
@given(p=PROBS)
def test_gce_with_vanishing_q_is_cross_entropy(p):
    ce = at(losses.CrossEntropy(), p)
    close(at(losses.GeneralizedCrossEntropy(1e-9), p), ce, 1e-6, 1e-7)
    close(at(losses.AsymmetricGCE(1e-9, 1e-9), p), ce, 1e-5, 1e-5)
    close(at(losses.Blurry(0), p), ce)
    close(at(losses.Blurry(1e-9, stop_gradient=False), p), ce, 1e-6, 1e-7)
    close(at(losses.PiecewiseZero(0), p), ce)
    close(at(losses.CrossEntropy(1e-12), p), ce, 1e-6, 1e-10)


@few
@given(p=PROBS, q=st.floats(1, 4))
def test_aul_with_a_of_1_is_a_term_of_the_taylor_series(p, q):
    values, _ = at(losses.AsymmetricUnhinged(1 + 1e-6, q), p)
    close(values, (1 - p) ** q / q, rtol=1e-4, atol=1e-5)


@few
@given(p=PROBS, q=Q)
def test_large_a_is_1_minus_p(p, q):
    a = 1e6
    values, _ = at(losses.AsymmetricExponential(a), p)
    close(a * (values - math.exp(-1 / a)), 1 - p, rtol=1e-5, atol=1e-8)
    for cls in (losses.AsymmetricGCE, losses.AsymmetricUnhinged):
        values, slopes = at(cls(a, q), p)
        close(values / a ** (q - 1), 1 - p, rtol=1e-5, atol=1e-8)
        close(slopes / a ** (q - 1), -1.0, rtol=1e-5)


V_FACTORS = {
    losses.AsymmetricGCE: lambda p, a, q: p * (a + p) ** (q - 1),
    losses.AsymmetricUnhinged: lambda p, a, q: p * (a - p) ** (q - 1),
    losses.AsymmetricExponential: lambda p, a: p * np.exp(-p / a) / a,
    losses.GeneralizedCrossEntropy: lambda p, q: p**q,
    losses.CrossEntropy: lambda p: np.ones_like(p),
    losses.Blurry: lambda p, gamma: p**gamma,
}


@few
@given(logits=SCORES, a=A_ABOVE_1, q=GCE_Q)
def test_gradient_is_that_of_cross_entropy_times_v(logits, a, q):
    p = softmax(logits)
    given_p = p[np.arange(len(LABELS)), LABELS][:, None]
    values = {"a": a, "q": q, "gamma": q}
    for cls, factor in V_FACTORS.items():
        own = {k: values[k] for k in cls.parameters if k in values}
        _, slopes = from_logits(cls(**own, from_logits=True), logits)
        close(slopes, factor(given_p, **own) * (p - ONE_HOT), 1e-6, 1e-9)


@few
@given(logits=SCORES, gamma=st.floats(0.05, 2))
def test_blurry_loss_unlearns_below_its_turning_point(logits, gamma):
    p = softmax(logits)
    given_p = p[np.arange(len(LABELS)), LABELS][:, None]
    loss = losses.Blurry(gamma, stop_gradient=False, from_logits=True)
    _, slopes = from_logits(loss, logits)
    factor = given_p**gamma * (1 + gamma * np.log(given_p))
    close(slopes, factor * (p - ONE_HOT), 1e-6, 1e-9)
    turned = given_p[:, 0] < math.exp(-1 / gamma) * (1 - 1e-6)
    assert (slopes[turned, LABELS[turned]] >= 0).all()


@few
@given(logits=SCORES)
def test_symmetric_losses_sum_to_a_constant_over_labels(logits):
    for loss, total in [
        (losses.NormalizedCrossEntropy(from_logits=True), 1),
        (losses.GeneralizedCrossEntropy(1, from_logits=True), 3),
        (losses.AsymmetricGCE(2, 1, from_logits=True), 3),
    ]:
        with float64():
            every = [
                to_numpy(loss.call(np.full(len(LABELS), k), logits))
                for k in range(logits.shape[1])
            ]
        close(np.sum(every, axis=0), total)


@few
@given(p=arrays("float64", 8, elements=st.floats(0, 1)), a=A, q=Q)
def test_bounds_and_monotony(p, a, q):
    p = np.sort(p)
    up, gamma, cutoff = a + 1, q, min(a / 21, 0.99)
    agce = ((a + 1) ** q - a**q) / q
    aul = (up**q - (up - 1) ** q) / q
    for loss, low, high in [
        (losses.AsymmetricGCE(a, q), 0, agce),
        (losses.AsymmetricUnhinged(up, q), 0, aul),
        (losses.AsymmetricExponential(a), math.exp(-1 / a), 1),
        (losses.GeneralizedCrossEntropy(min(q, 1)), 0, 1 / min(q, 1)),
        (losses.NormalizedCrossEntropy(), 0, 1),
        (losses.Blurry(gamma), 0, 1 / (math.e * gamma)),
        (losses.PiecewiseZero(cutoff), 0, -math.log(cutoff)),
    ]:
        values, slopes = at(loss, p)
        slack = 1e-9 * max(1, high)
        assert (values >= low - slack).all() and (values <= high + slack).all()
        if not isinstance(loss, (losses.Blurry, losses.PiecewiseZero)):
            assert (np.diff(values) <= slack).all()
            assert (slopes <= 0).all()


@few
@given(logits=SCORES, shift=st.floats(-50, 50), seed=st.integers(0, 99))
@pytest.mark.parametrize("name", ["agce_q3", "negative", "nce_agce", "blurry"])
def test_neither_a_shift_nor_the_order_of_classes_matters(
    name, logits, shift, seed
):
    loss = LOSSES[name](from_logits=True)
    values, slopes = from_logits(loss, logits)
    moved, moved_slopes = from_logits(loss, logits + shift)
    close(moved, values, 1e-6, 1e-9)
    close(moved_slopes, slopes, 1e-6, 1e-9)
    order = np.random.default_rng(seed).permutation(logits.shape[1])
    with float64():
        again = loss.call(np.argsort(order)[LABELS], logits[:, order])
        close(to_numpy(again), values, 1e-6, 1e-9)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
def test_smoothing_is_that_of_keras(smoothing):
    theirs = keras.losses.CategoricalCrossentropy(label_smoothing=smoothing)
    ours = losses.CrossEntropy(smoothing)
    y_pred = predictions(False)
    assert float(to_numpy(ours(LABELS, y_pred))) == pytest.approx(
        float(to_numpy(theirs(ONE_HOT, y_pred))), rel=1e-5
    )


@few
@given(a=A, q=Q)
def test_asymmetry_ratio_is_that_of_the_table(a, q):
    up = a + 1
    agce = (a / (a + 1)) ** (1 - q) if q <= 1 else 1
    aul = ((up - 1) / up) ** (q - 1) if q > 1 else 1
    for loss, ratio in [
        (losses.AsymmetricGCE(a, q), agce),
        (losses.AsymmetricUnhinged(up, q), aul),
        (losses.AsymmetricExponential(a), math.exp(-1 / a)),
    ]:
        assert loss.asymmetry_ratio() == pytest.approx(ratio)
        # Its definition for a monotone loss: convex l'(1)/l'(0), else 1.
        (slope_0, slope_1) = at(loss, np.linspace(0, 1, 8))[1][[0, -1]]
        assert ratio == pytest.approx(min(1, slope_1 / slope_0), rel=1e-6)


def test_asymmetry_ratio_of_symmetric_losses_and_cross_entropy():
    assert losses.NormalizedCrossEntropy().asymmetry_ratio() == 1
    assert losses.GeneralizedCrossEntropy(1).asymmetry_ratio() == 1
    assert losses.GeneralizedCrossEntropy(0.7).asymmetry_ratio() == 0
    assert losses.CrossEntropy().asymmetry_ratio() == 0


# The ratio of class weights that the published choices for CIFAR need.
REQUIRED = [
    (losses.AsymmetricGCE(0.6, 0.6), 1.480),
    (losses.AsymmetricUnhinged(5.5, 3), 1.494),
    (losses.AsymmetricExponential(2.5), 1.492),
    (losses.AsymmetricUnhinged(6.3, 1.5), 1.090),
    (losses.AsymmetricUnhinged(6, 3), 1.440),
    (losses.AsymmetricExponential(5), 1.221),
    (losses.AsymmetricExponential(1.5), 1.948),
]


@pytest.mark.parametrize("loss, required", REQUIRED, ids=str)
def test_required_ratio_of_published_choices(loss, required):
    assert 1 / loss.asymmetry_ratio() == pytest.approx(required, abs=6e-4)


@pytest.mark.parametrize("loss, required", REQUIRED, ids=str)
@pytest.mark.parametrize("slack, holds", [(1.01, True), (0.99, False)])
def test_the_required_ratio_is_tight(loss, required, slack, holds):
    u = np.linspace(0, 1, 201)
    values, _ = at(loss, u)
    ratio = slack / loss.asymmetry_ratio()
    risk = ratio * values + values[::-1]
    assert (risk.argmin() == len(u) - 1) is np.bool_(holds)


def test_a_sum_tolerates_what_its_parts_tolerate():
    part = losses.AsymmetricExponential(5)
    loss = losses.NormalizedCrossEntropy() + 4.0 * part
    assert loss.asymmetry_ratio() == part.asymmetry_ratio()
    loss = 0.0 * losses.CrossEntropy() + part
    assert loss.asymmetry_ratio() == part.asymmetry_ratio()
