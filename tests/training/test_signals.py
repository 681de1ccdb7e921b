import numpy as np
import pytest
from keras import ops

from keras_robust.training import signals
from keras_robust.training.per_sample import PerSample
from tests import backend
from tests.training import frozen

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(6, 4)).astype("float32") * 3
GIVEN = np.array([0, 1, 2, 3, 0, 1])


# The compiled loss is not of the prediction alone.
NAMES = [name for name in signals.SIGNALS if name != "loss"]


def recorded(y_true, y_pred, from_logits, axis=-1):
    tensors = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    made = PerSample(NAMES, from_logits, axis)
    epoch = made.read(backend.to_numpy(made.rows(*tensors)))
    return dict(zip(NAMES, epoch.values, strict=True))


@pytest.mark.parametrize("from_logits", [True, False])
@pytest.mark.parametrize("shape", ["integer", "column", "one-hot", "soft"])
def test_signals_are_their_definitions(shape, from_logits):
    y_pred = LOGITS if from_logits else np.exp(frozen.log_probs(LOGITS, True))
    y_true = {
        "integer": GIVEN,
        "column": GIVEN[:, None],
        "one-hot": np.eye(4)[GIVEN],
        # The given label is the largest entry; the signals are about it.
        "soft": np.eye(4)[GIVEN] * 0.6 + 0.1,
    }[shape]
    found = recorded(
        y_true.astype("float32"), y_pred.astype("float32"), from_logits
    )
    expected = frozen.signals(LOGITS, GIVEN, from_logits=True)
    for name, values in expected.items():
        assert found[name].dtype == "float32"
        np.testing.assert_allclose(found[name], values, rtol=1e-5, atol=1e-5)


def test_a_binary_head_has_two_classes():
    logits = np.array([[2.0], [-1.0], [0.5]], dtype="float32")
    labels = np.array([1, 1, 0])
    expected = frozen.signals(logits, labels, from_logits=True)
    for y_true in (labels, labels[:, None]):
        found = recorded(y_true.astype("float32"), logits, True)
        for name, values in expected.items():
            np.testing.assert_allclose(found[name], values, rtol=1e-5)


def test_extremes_are_finite():
    """A sure and wrong model: the loss is capped at -log(epsilon)."""
    probs = np.array([[1.0, 0.0], [0.0, 1.0]], dtype="float32")
    found = recorded(np.array([1, 1]), probs, from_logits=False)
    largest = -np.log(1e-7)
    np.testing.assert_allclose(
        found["cross_entropy"], [largest, 0.0], rtol=1e-5, atol=1e-6
    )
    np.testing.assert_allclose(found["margin"], [-largest, largest], rtol=1e-5)
    logits = np.array([[1e4, 0.0], [0.0, 1e4]], dtype="float32")
    found = recorded(np.array([1, 1]), logits, from_logits=True)
    np.testing.assert_allclose(found["cross_entropy"], [1e4, 0.0])
    np.testing.assert_allclose(found["margin"], [-1e4, 1e4])


def test_one_prediction_a_sample():
    with pytest.raises(ValueError) as error:
        recorded(np.zeros((6, 2)), np.ones((6, 2, 4)) / 4, from_logits=False)
    assert str(error.value) == (
        "Labels of shape (N,), (N, 1) or (N, K) were tracked, one a sample, "
        "but the model makes several predictions a sample. Received: "
        "y_pred.shape=(6, 2, 4)"
    )


def test_a_diverged_model_predicts_nothing():
    logits = np.array([[np.nan, 1, 2], [0, 1, 0]], dtype="float32")
    found = recorded(np.array([1, 1]), logits, from_logits=True)
    expected = frozen.signals(logits[1:], np.array([1]), from_logits=True)
    for name, values in found.items():
        assert np.isnan(values[0])
        np.testing.assert_allclose(values[1], expected[name][0], rtol=1e-5)


def test_an_impossible_class_leaves_the_others_alone():
    logits = np.array([[2.0, 1.0, -np.inf]] * 2, dtype="float32")
    found = recorded(np.array([0, 1]), logits, from_logits=True)
    given = frozen.log_probs([[2.0, 1.0]], from_logits=True)[0]
    np.testing.assert_allclose(found["cross_entropy"], -given, rtol=1e-5)
    np.testing.assert_allclose(found["margin"], [1.0, -1.0], rtol=1e-5)
    np.testing.assert_array_equal(found["correct"], [1, 0])


def test_of_classes_that_tie_the_first_is_predicted():
    logits = np.zeros((2, 10), dtype="float32")
    found = recorded(np.array([0, 3]), logits, from_logits=True)
    np.testing.assert_array_equal(found["predicted"], [0, 0])
    np.testing.assert_array_equal(found["correct"], [1, 0])
    np.testing.assert_array_equal(found["margin"], [0, 0])
