"""What the losses between cross-entropy and 1 - p are at their ends."""

import math

import keras
import numpy as np
import pytest

from keras_robust import losses
from tests.backend import float64
from tests.backend import to_numpy
from tests.backend import values_and_slopes
from tests.losses.cases import LABELS
from tests.losses.cases import LOGITS
from tests.losses.cases import ONE_HOT
from tests.losses.cases import softmax

P = np.array([1e-3, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999])
CE = (-np.log(P), -1 / P)
MAE = (1 - P, -np.ones(8))


def at(loss, p=P):
    """The loss, and its derivative, at these probabilities of the label."""
    two = np.stack([p, 1 - p], axis=-1)
    with float64():
        values, slopes = values_and_slopes(
            lambda y: loss.call(np.zeros(len(p), int), y), two
        )
    return values, slopes[:, 0]


def from_logits(loss, logits, labels=LABELS):
    with float64():
        return values_and_slopes(lambda z: loss.call(labels, z), logits)


def close(actual, wanted, rtol=1e-9, atol=1e-12):
    np.testing.assert_allclose(actual, wanted, rtol=rtol, atol=atol)


@pytest.mark.parametrize(
    "loss, tolerance",
    [
        (losses.AlphaLoss(1), 1e-9),
        (losses.AlphaLoss(1 + 1e-9), 1e-6),
        (losses.AlphaLoss(1 - 1e-9), 1e-6),
        (losses.Focal(0), 1e-9),
        (losses.Focal(1e-9), 1e-6),
        (losses.PHuberCrossEntropy(1e4), 1e-9),
        (losses.SymmetricCrossEntropy(1, 0), 1e-9),
        (losses.JensenShannon(1e-9), 1e-6),
        (losses.LabelRelaxation(1e-9), 1e-5),
    ],
    ids=repr,
)
def test_cross_entropy_is_one_end(loss, tolerance):
    close(at(loss), CE, tolerance, tolerance)


@pytest.mark.parametrize(
    "loss, tolerance",
    [
        (losses.CategoricalMAE(), 1e-9),
        (losses.ReverseCrossEntropy(-1), 1e-9),
        (losses.SymmetricCrossEntropy(0, 0.5, -2), 1e-9),
        (losses.TaylorCrossEntropy(1), 1e-9),
        (losses.AlphaLoss(1e9), 1e-6),
        (losses.PHuberCrossEntropy(1 + 1e-9), 1e-6),
    ],
    ids=repr,
)
def test_mean_absolute_error_is_the_other(loss, tolerance):
    close(at(loss), MAE, tolerance, tolerance)


def test_jensen_shannon_comes_to_it_slowly():
    gaps = [
        np.abs(at(losses.JensenShannon(1 - w))[0] - MAE[0]).max()
        for w in (1e-2, 1e-6, 1e-14)
    ]
    assert gaps[0] > gaps[1] > gaps[2] and gaps[2] < 0.04


@pytest.mark.parametrize("pi", [1e-6, 1e-3, 0.1, 0.5, 0.9, 0.999])
def test_jensen_shannon_is_the_divergence(pi):
    p = softmax(LOGITS)
    label = ONE_HOT.astype("float64")
    m = pi * label + (1 - pi) * p
    divergence = -pi * np.log((label * m).sum(-1))
    divergence += (1 - pi) * (p * np.log(p / m)).sum(-1)
    wanted = divergence / (-(1 - pi) * math.log1p(-pi))
    loss = losses.JensenShannon(pi, from_logits=True)
    close(from_logits(loss, LOGITS.astype("float64"))[0], wanted, 1e-8)
    # The closed form has nothing to cancel in float32 either.
    close(to_numpy(loss.call(LABELS, LOGITS)), wanted, 2e-6)


def test_alpha_loss_is_generalised_cross_entropy():
    for alpha in (1.2, 2, 5):
        gce = losses.GeneralizedCrossEntropy(1 - 1 / alpha)
        close(at(losses.AlphaLoss(alpha)), at(gce))
    close(at(losses.AlphaLoss(0.5)), (1 / P - 1, -1 / P**2))


def test_alpha_below_1_keeps_to_float32():
    losses.AlphaLoss(0.25)
    with pytest.raises(ValueError, match="less extreme parameters"):
        losses.AlphaLoss(0.1)


def test_truncation_keeps_what_is_above_it():
    gce, cut = at(losses.GeneralizedCrossEntropy(0.7)), P > 0.4
    values, slopes = at(losses.TruncatedGCE(0.7, 0.4))
    close(values[cut], gce[0][cut])
    close(slopes[cut], gce[1][cut])
    close(values[~cut], (1 - 0.4**0.7) / 0.7)
    close(slopes[~cut], 0)
    close(at(losses.TruncatedGCE(0.7, 1e-9)), gce)


def test_mean_absolute_error_is_that_of_keras_times_the_classes():
    p, classes = softmax(LOGITS), LOGITS.shape[1]
    ours = to_numpy(losses.CategoricalMAE(2).call(LABELS, p))
    close(ours, np.abs(ONE_HOT - p).sum(-1), 1e-6)
    theirs = to_numpy(keras.losses.mean_absolute_error(ONE_HOT, p))
    close(ours, classes * theirs, 2e-6)


@pytest.mark.parametrize(
    "loss, total",
    [
        (losses.CategoricalMAE(2), 18),
        (losses.ReverseCrossEntropy(math.log(1e-4)), 82.893),
        (losses.SymmetricCrossEntropy(0, 1, -4), 36),
    ],
    ids=repr,
)
def test_symmetric_ones_sum_to_a_constant_over_labels(loss, total):
    p = softmax(np.random.default_rng(5).normal(0, 3, (6, 10)))
    every = [to_numpy(loss.call(np.full(6, k), p)) for k in range(10)]
    close(np.sum(every, axis=0), total, 1e-5)
    assert loss.asymmetry_ratio() == 1


def test_symmetric_cross_entropy_is_a_sum():
    parts = losses.CrossEntropy(), losses.ReverseCrossEntropy(-4)
    wanted = at(0.3 * parts[0] + 2.0 * parts[1])
    close(at(losses.SymmetricCrossEntropy(0.3, 2)), wanted)


def test_taylor_series_comes_closer_to_cross_entropy():
    p = P[P >= 0.3]
    values, slopes = at(losses.TaylorCrossEntropy(100), p)
    close(values, -np.log(p), 1e-9)
    close(slopes, -1 / p, 1e-9)
    values, _ = at(losses.TaylorCrossEntropy(4), np.zeros(1))
    close(values, 1 + 1 / 2 + 1 / 3 + 1 / 4)


def test_partially_huberised_cross_entropy_is_smooth_and_bounded():
    loss = losses.PHuberCrossEntropy(10)
    values, slopes = at(loss, np.array([0, 0.1 - 1e-9, 0.1 + 1e-9]))
    close(values, [1 + math.log(10), math.log(10), math.log(10)], 1e-7)
    close(slopes, -10, 1e-6)


def test_a_uniform_start_at_the_threshold_has_its_gradient():
    # p is 1/tau for every class, on whichever side rounding puts it.
    loss = losses.PHuberCrossEntropy(10, from_logits=True)
    logits = np.zeros((1, 10), "float32")
    values, slopes = values_and_slopes(
        lambda z: loss.call(np.zeros(1, int), z), logits
    )
    close(values, math.log(10), 1e-6)
    close(slopes[0], 0.1 - np.eye(10)[0], 1e-6)


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_focal_loss_is_that_of_keras(gamma):
    theirs = keras.losses.CategoricalFocalCrossentropy(
        alpha=0.25, gamma=gamma, reduction=None
    )
    p = softmax(LOGITS).astype("float32")
    ours = to_numpy(losses.Focal(gamma).call(LABELS, p))
    close(0.25 * ours, to_numpy(theirs(ONE_HOT, p)), 1e-5)


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
def test_focal_loss_keeps_its_digits_near_1(gamma):
    logits = np.array([[16], [20]], "float32")
    loss = losses.Focal(gamma, from_logits=True)
    value, slopes = values_and_slopes(
        lambda z: loss.call(np.ones(2, int), z), logits
    )
    gap = 1 / (1 + np.exp([16.0, 20.0]))
    close(value, gap**gamma * -np.log1p(-gap), 1e-5, 0)
    # With 1 - p = e: the slope of e^(gamma + 1), times that of e.
    close(slopes[:, 0], -(gamma + 1) * gap ** (gamma + 1), 1e-5, 0)


@pytest.mark.parametrize(
    "loss, ratio",
    [
        (losses.PHuberCrossEntropy(4), 0.25),
        (losses.TaylorCrossEntropy(5), 0.2),
        (losses.AlphaLoss(3), 0),
        (losses.JensenShannon(0.7), 0),
        (losses.Focal(), 0),
        (losses.SymmetricCrossEntropy(), 0),
        (losses.LabelRelaxation(), 0),
        (losses.TruncatedGCE(), None),
        (losses.DataAmbiguation(), None),
    ],
    ids=repr,
)
def test_asymmetry_ratios(loss, ratio):
    assert loss.asymmetry_ratio() == ratio
    if ratio:
        _, (slope_0, slope_1) = at(loss, np.array([0.0, 1.0]))
        assert slope_1 / slope_0 == pytest.approx(ratio)


def test_data_ambiguation_without_ambiguity_is_label_relaxation():
    logits = LOGITS.astype("float64")
    relaxed = losses.LabelRelaxation(0.1, from_logits=True)
    loss = losses.DataAmbiguation(0.1, 1, from_logits=True)
    for ours, wanted in zip(
        from_logits(loss, logits), from_logits(relaxed, logits), strict=True
    ):
        close(ours, wanted)
    loss = losses.DataAmbiguation(0.1, 0, from_logits=True)
    values, slopes = from_logits(loss, logits)
    assert not values.any() and not slopes.any()


def test_what_the_model_finds_plausible_is_no_mistake():
    # Sure of class 1, nearly so, and unsure of all.
    p = np.array([[0.04, 0.95, 0.01], [0.04, 0.6, 0.36], [0.25, 0.375, 0.375]])
    values, _ = from_logits(
        losses.DataAmbiguation(0.1, 0.4, from_logits=True),
        np.log(p),
        np.zeros(3, int),
    )

    def divergence(total):
        return 0.9 * np.log(0.9 / total) + 0.1 * np.log(0.1 / (1 - total))

    close(values, [0, divergence(0.64), divergence(0.25)], atol=1e-12)


def test_a_hopeless_label_among_many_unlikely_ones_is_exact():
    logits = np.zeros((1, 10), "float32")
    logits[0, 0] = -1e4
    loss = losses.DataAmbiguation(0.1, 0.2, from_logits=True)
    values, slopes = values_and_slopes(
        lambda z: loss.call(np.zeros(1, int), z), logits
    )
    log_p = -1e4 - math.log(9)
    close(values, 0.9 * (math.log(0.9) - log_p) + 0.1 * math.log(0.1), 1e-6)
    close(slopes[0], [-0.9, *[0.1] * 9], 1e-5)
