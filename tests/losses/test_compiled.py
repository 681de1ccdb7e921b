"""Losses inside compiled steps, where shapes and labels are symbolic."""

import keras
import numpy as np
import pytest

from keras_robust import losses
from tests.backend import jitted
from tests.backend import to_numpy
from tests.losses.cases import BATCH
from tests.losses.cases import CLASSES
from tests.losses.cases import LABELS
from tests.losses.cases import LOGITS
from tests.losses.cases import LOSSES
from tests.losses.cases import ONE_HOT
from tests.losses.cases import every_input_by_turns
from tests.losses.cases import expected
from tests.losses.cases import predictions

TENSORFLOW = keras.backend.backend() == "tensorflow"
# Its compiler takes half a minute.
slow_on_torch = [pytest.mark.slow] if keras.backend.backend() == "torch" else []


@every_input_by_turns
def test_compiled_without_knowing_the_batch_size(name, from_logits):
    loss = LOSSES[name](from_logits=from_logits)
    labels = LABELS.astype("float32")
    step = jitted(loss, [(None,), (None, CLASSES)])
    value = to_numpy(step(labels, predictions(from_logits)))
    wanted = expected(name, LABELS).mean()
    np.testing.assert_allclose(value, wanted, rtol=2e-5, atol=3e-6)


@pytest.mark.parametrize("labels", [LABELS[:, None], ONE_HOT])
def test_compiled_with_labels_of_two_axes(labels):
    loss = losses.AsymmetricGCE(from_logits=True)
    step = jitted(loss, [(None, labels.shape[1]), (None, CLASSES)])
    value = to_numpy(step(labels.astype("float32"), LOGITS))
    wanted = expected("agce", LABELS).mean()
    np.testing.assert_allclose(value, wanted, rtol=2e-5)


def test_compiled_segmentation_of_any_size():
    image = LOGITS.reshape(1, 2, 3, CLASSES)
    labels = LABELS.reshape(1, 2, 3).astype("float32")
    loss = losses.AsymmetricGCE(from_logits=True, ignore_class=0)
    step = jitted(loss, [(None,) * 3, (None, None, None, CLASSES)])
    wanted = expected("agce", LABELS)[LABELS != 0].mean()
    np.testing.assert_allclose(to_numpy(step(labels, image)), wanted, 2e-5)


@pytest.mark.skipif(not TENSORFLOW, reason="shapes are known elsewhere")
def test_an_unknown_number_of_axes_is_an_error():
    step = jitted(losses.AsymmetricGCE(), [None, (None, CLASSES)])
    with pytest.raises(ValueError, match="number of axes, which must be kno"):
        step(LABELS.astype("float32"), predictions(False))


@pytest.mark.skipif(not TENSORFLOW, reason="shapes are known elsewhere")
def test_an_unknown_number_of_classes_is_an_error():
    step = jitted(losses.AsymmetricGCE(), [(None,), (None, None)])
    with pytest.raises(ValueError, match="number of classes must be known"):
        step(LABELS.astype("float32"), predictions(False))
    step = jitted(losses.AsymmetricGCE(), [(None, None), (None, CLASSES)])
    with pytest.raises(ValueError, match=r"y_true.shape=\(None, None\)"):
        step(ONE_HOT, predictions(False))


def fitted(loss, labels=LABELS, **options):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((CLASSES,)), keras.layers.Dense(CLASSES)]
    )
    model.compile(keras.optimizers.SGD(0.5), loss=loss, **options)
    history = model.fit(
        LOGITS, labels, epochs=3, batch_size=BATCH, shuffle=False, verbose=0
    )
    assert history.history["loss"][-1] < history.history["loss"][0]
    return history.history["loss"], model.get_weights()


def make():
    return losses.NormalizedCrossEntropy(from_logits=True) + (
        2.0 * losses.AsymmetricGCE(from_logits=True)
    )


def test_fit_run_eagerly_is_the_compiled_fit():
    ours, weights = fitted(make(), run_eagerly=True)
    compiled, compiled_weights = fitted(make(), jit_compile=False)
    np.testing.assert_allclose(ours, compiled, rtol=1e-5)
    for one, other in zip(weights, compiled_weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=slow_on_torch)
        for name in ("nce_agce", "piecewise_zero")
    ],
)
def test_fit_with_jit_compile(name):
    loss = LOSSES[name](from_logits=True)
    ours, weights = fitted(loss, jit_compile=True)
    plain, plain_weights = fitted(loss, run_eagerly=True)
    np.testing.assert_allclose(ours, plain, rtol=1e-5)
    for one, other in zip(weights, plain_weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_fit_of_a_function():
    def loss(y_true, y_pred):
        return losses.asymmetric_gce(y_true, y_pred, from_logits=True)

    ours, _ = fitted(loss, LABELS[:, None])
    theirs, _ = fitted(losses.AsymmetricGCE(from_logits=True))
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
