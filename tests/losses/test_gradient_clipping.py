"""GradientClipping: the authors' numbers, and itself without a threshold."""

import pathlib

import keras
import numpy as np
import pytest

from keras_robust import losses
from keras_robust.losses import stage
from tests.backend import float64
from tests.backend import values_and_slopes

GOLDEN = pathlib.Path(__file__).parents[1] / "golden" / "gradient_clipping.npz"


@pytest.mark.parametrize("step", [0, 3, 9])
def test_a_threshold_that_is_told(step):
    golden = np.load(GOLDEN)
    loss = losses.GradientClipping(losses.CrossEntropy(from_logits=True))
    labels = golden["labels"][step].astype("int32")
    threshold = keras.ops.convert_to_tensor(golden["prob_thr"][step], "float32")

    def told(z):
        with stage.clip_gradients_at(threshold):
            return loss.call(labels, z)

    logits = golden["logits"][step].astype("float32")
    values, slopes = values_and_slopes(told, logits)
    expected = golden["batch_mean_loss"][step]
    np.testing.assert_allclose(values.mean(), expected, rtol=1e-5)
    np.testing.assert_allclose(slopes, golden["grad_sum"][step], atol=2e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["focal", "gce"])
def test_around_others(name, dtype):
    """Their value jumps at the threshold, the gradient is the same."""
    golden = np.load(GOLDEN)
    logits, labels = golden["fixed/logits"], golden["fixed/labels"]
    base, slope = {
        "focal": (
            losses.Focal(0.5, from_logits=True),
            0.9**0.5 / 0.1 - 0.5 * np.log(0.1) * 0.9**-0.5,
        ),
        "gce": (losses.GeneralizedCrossEntropy(from_logits=True), 0.1**-0.3),
    }[name]
    p = np.exp(logits - logits.max(1, keepdims=True))
    p = p[np.arange(len(p)), labels] / p.sum(axis=1)
    below = p <= 0.1
    assert 4 < below.sum() < len(p) - 4
    jump = np.where(below, 1.0 - slope * 0.1, 0.0)
    with float64():
        loss = losses.GradientClipping(base, threshold=0.1)
        values, slopes = values_and_slopes(
            lambda z: loss.call(labels, z), logits.astype(dtype)
        )
    exact = dtype == "float64"
    np.testing.assert_allclose(
        values + jump,
        golden[f"{name}/loss"],
        rtol=1e-6 if exact else 1e-5,
        atol=1e-6,
    )
    # A p in float32 is their 0.1.
    np.testing.assert_allclose(
        slopes, golden[f"{name}/grad"], atol=1e-6 if exact else 1e-5
    )


@pytest.mark.parametrize("from_logits", [True, False])
def test_without_a_threshold(from_logits):
    """It is the loss it is around, and raises where it would be trained."""
    base = losses.GeneralizedCrossEntropy(from_logits=from_logits)
    loss = losses.GradientClipping(base)
    probs = np.array([[0.5, 0.5], [0.9, 0.1]], "float32")
    labels = np.array([0, 1])
    assert float(loss(labels, probs)) == float(base(labels, probs))
    with pytest.raises(ValueError, match="OptimizedGradientClipping"):
        values_and_slopes(lambda z: loss.call(labels, z), probs)


def test_it_is_partially_huberised_cross_entropy():
    huber = losses.PHuberCrossEntropy(tau=5)
    loss = losses.GradientClipping(losses.CrossEntropy(), threshold=0.2)
    p = np.linspace(0.01, 0.99, 23, dtype="float32")
    probs = np.stack([p, 1 - p], axis=1)
    ours, theirs = (
        values_and_slopes(
            lambda z, f=f: f.call(np.zeros(23, "int32"), z), probs
        )
        for f in (loss, huber)
    )
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-5)


@pytest.mark.parametrize(
    "make",
    [
        losses.CategoricalMAE,
        lambda: losses.CrossEntropy(label_smoothing=0.1),
        lambda: losses.Focal(2.0, stop_gradient=True),
    ],
)
def test_other_losses_are_refused(make):
    with pytest.raises(ValueError, match="GradientClipping is around.*Receiv"):
        losses.GradientClipping(make())


@pytest.mark.parametrize("bad", [0, 1, -0.1, np.nan, "0.1"])
def test_thresholds_that_are_none(bad):
    with pytest.raises(ValueError, match="`threshold` must.*above 0 and below"):
        losses.GradientClipping(losses.CrossEntropy(), threshold=bad)
