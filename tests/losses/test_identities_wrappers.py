"""What is known of the wrappers and corrections, beside their formulas."""

import math
import re

import numpy as np
import pytest

from keras_robust import losses
from keras_robust.losses.margin_wrappers import initial_margin
from tests.backend import float64
from tests.backend import to_numpy
from tests.backend import values_and_slopes
from tests.losses.cases import LABELS
from tests.losses.cases import LOGITS
from tests.losses.cases import ONE_HOT
from tests.losses.cases import softmax

Z = LOGITS.astype("float64")
P = softmax(Z)
GIVEN = np.arange(len(LABELS)), LABELS
SOFT = 0.7 * ONE_HOT.astype("float64") + 0.3 / 4
O = {"from_logits": True, "dtype": "float64"}  # noqa: E741


def raises(message):
    return pytest.raises(ValueError, match=re.escape(message))


def both(loss, labels=LABELS, logits=Z):
    with float64():
        return values_and_slopes(lambda z: loss.call(labels, z), logits)


def same(loss, other, labels=LABELS, logits=Z, tolerance=1e-10):
    for ours, theirs in zip(
        both(loss, labels, logits), both(other, labels, logits), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, tolerance, tolerance)


def ce():
    return losses.CrossEntropy(**O)


def agce():
    return losses.AsymmetricGCE(**O)


@pytest.mark.parametrize("labels", [LABELS, SOFT], ids=["hard", "soft"])
def test_parameters_that_change_nothing(labels):
    for loss in (
        losses.LogitClip(ce(), tau=1e3),
        losses.EpsilonSoftmax(ce(), m=0),
        losses.EntropyRegularized(ce(), weight=0),
        losses.LogitBias(ce(), epsilon=0),
        losses.MarginShift(ce(), shift=0),
        losses.MarginRescale(ce(), scale=1),
        losses.ForwardCorrection(0, **O),
        losses.ForwardCorrection(np.eye(4), **O),
        losses.BackwardCorrection(0, **O),
        losses.BackwardCorrection(np.eye(4), **O),
        losses.SoftBootstrapping(1, **O),
        losses.HardBootstrapping(1, **O),
    ):
        same(loss, ce(), labels)


@pytest.mark.parametrize("labels", [LABELS, SOFT], ids=["hard", "soft"])
def test_a_bias_is_a_shift_of_the_margin(labels):
    same(
        losses.LogitBias(agce(), 2.5),
        losses.MarginShift(agce(), shift=2.5),
        labels,
    )


@pytest.mark.parametrize("labels", [LABELS, SOFT], ids=["hard", "soft"])
def test_both_ways_to_bias_soft_labels_agree(labels):
    # Cross-entropy as a function of p_y, and as a sum with one of all classes.
    whole = ce() + 0.0 * losses.NormalizedCrossEntropy(**O)
    same(losses.LogitBias(ce()), losses.LogitBias(whole), labels)


def slope_of_margin(z):
    others = np.where(ONE_HOT > 0, 0, softmax(np.where(ONE_HOT, -1e9, z)))
    return ONE_HOT - others


def weight(margin):
    """Minus the derivative of AGCE(1, 2) by the margin."""
    p = 1 / (1 + np.exp(-margin))
    return (1 + p) * p * (1 - p)


@pytest.mark.parametrize("scale", [1, 50])
def test_the_gradient_of_the_curriculum_paper(scale):
    z = Z * scale
    margin = z[GIVEN] - np.log(np.where(ONE_HOT, 0, np.exp(z)).sum(-1))
    for loss, moved in (
        (losses.MarginShift(agce(), shift=1.5), margin + 1.5),
        (losses.MarginRescale(agce(), scale=0.3), 0.3 * margin),
    ):
        wanted = -weight(moved)[:, None] * slope_of_margin(z)
        np.testing.assert_allclose(both(loss, logits=z)[1], wanted, atol=1e-12)


@pytest.mark.parametrize("cls", [losses.MarginShift, losses.MarginRescale])
def test_a_fresh_model_seems_to_be_at_the_target(cls):
    classes = 100
    start = initial_margin(classes)
    assert start == pytest.approx(-5.08644, abs=1e-5)
    z = np.zeros((1, classes))
    z[0, 0] = start + math.log(classes - 1)
    loss = cls(losses.GeneralizedCrossEntropy(1, **O), target=2.6)
    factor = 2.6 / -start if cls is losses.MarginRescale else 1
    value = both(loss, np.zeros(1, int), z)[0] * factor
    np.testing.assert_allclose(value, 1 / (1 + np.exp(-2.6)), rtol=1e-12)


def test_the_mean_margin_of_random_logits():
    z = np.random.default_rng(0).normal(size=(20000, 100))
    others = np.log(np.exp(z[:, 1:]).sum(-1))
    assert (z[:, 0] - others).mean() == pytest.approx(
        initial_margin(100), abs=0.03
    )
    assert initial_margin(2) == 0


@pytest.mark.parametrize("labels", [LABELS, SOFT], ids=["hard", "soft"])
def test_a_lead_beyond_float32_is_scaled_all_the_same(labels):
    z = 40 * ONE_HOT
    loss = losses.MarginRescale(
        losses.CrossEntropy(from_logits=True), scale=0.25
    )
    with float64():
        exact = to_numpy(loss.call(labels, z.astype("float64")))
    values, slopes = values_and_slopes(lambda x: loss.call(labels, x), z)
    np.testing.assert_allclose(values, exact, rtol=1e-5)
    assert (np.abs(slopes[GIVEN]) > 1e-5).all()


def test_clipped_cross_entropy_is_bounded():
    z = np.concatenate([Z * scale for scale in (1, 10, 1e4)])
    labels = np.tile(LABELS, 3)
    for tau in (0.5, 1.5):
        value, _ = both(losses.LogitClip(ce(), tau), labels, z)
        assert value.max() <= np.log(1 + 3 * np.exp(2**0.5 * tau))
    jump = losses.LogitClip(ce(), tau=1.5, delta=1 / 1.5)
    same(jump, losses.LogitClip(ce(), 1 / 1.5), logits=100 * Z)


def test_clipping_is_continuous():
    z = Z / np.linalg.norm(Z, axis=-1, keepdims=True) * 1.5
    sides = [
        both(losses.LogitClip(ce()), logits=z * s)[0]
        for s in (1 + 1e-9, 1 - 1e-9)
    ]
    np.testing.assert_allclose(*sides, atol=1e-8)


def test_the_scale_of_logits_does_not_matter_to_sparse_regularisation():
    loss = losses.SparseRegularized(ce())
    np.testing.assert_allclose(
        both(loss)[0], both(loss, logits=1e3 * Z)[0], rtol=1e-12
    )
    value, slope = both(loss, logits=0 * Z)
    np.testing.assert_allclose(value, np.log(4) + 1.2 * 4**0.9)
    assert np.isfinite(slope).all()


def test_gradient_of_epsilon_softmax():
    m = 7.0
    with float64():
        _, slope = values_and_slopes(
            lambda p: losses.EpsilonSoftmax(losses.CrossEntropy(), m).call(
                LABELS, p
            ),
            P,
        )
    first = P.argmax(-1) == LABELS
    assert first.any() and not first.all()
    wanted = np.where(first, -1 / (P[GIVEN] + m), -1 / P[GIVEN])
    np.testing.assert_allclose(slope, ONE_HOT * wanted[:, None], atol=1e-12)


def test_a_small_lam_is_the_largest_violation_and_a_large_one_the_mean():
    f = np.log1p(np.exp(Z))
    f = f / f.mean(-1, keepdims=True)
    each = f - f[GIVEN][:, None] + 2 * (1 - ONE_HOT)
    small = both(losses.LDRKL(2, 1e-4, **O))[0]
    np.testing.assert_allclose(small, each.max(-1), atol=1e-3)
    large = both(losses.LDRKL(2, 1e5, **O))[0]
    np.testing.assert_allclose(large, each.mean(-1), atol=1e-3)


def test_ldrkl_where_every_softplus_is_zero():
    for shift in (-1e3, -1e4):
        z = (LOGITS + np.float32(shift)).astype("float32")
        values, slopes = values_and_slopes(
            lambda x: losses.ldrkl(LABELS, x, from_logits=True), z
        )
        assert np.isfinite(values).all() and np.isfinite(slopes).all()
