"""Half precision never reaches the arithmetic of a loss."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_robust import losses
from tests.backend import float64
from tests.backend import to_numpy
from tests.losses.cases import LABELS
from tests.losses.cases import LOGITS
from tests.losses.cases import LOSSES
from tests.losses.cases import every_input_by_turns
from tests.losses.cases import every_loss
from tests.losses.cases import expected
from tests.losses.cases import predictions


@pytest.fixture
def floatx(request):
    before = keras.config.floatx()
    keras.config.set_floatx(request.param)
    yield request.param
    keras.config.set_floatx(before)


half = pytest.mark.parametrize("floatx", ["bfloat16", "float16"], indirect=True)
# Outputs of 2050 classes, which JAX compiles anew for every loss.
each_half = pytest.mark.parametrize(
    "floatx",
    ["bfloat16", pytest.param("float16", marks=pytest.mark.once)],
    indirect=True,
)
# The first label that the dtype cannot hold.
BIG = {"bfloat16": 257, "float16": 2049}


def sure(label):
    """Probabilities that are certain of `label`."""
    return np.eye(label + 2, dtype="float32")[[label]]


def evaluated(model, x, y):
    # TensorFlow gives a tensor where floatx is bfloat16.
    return float(model.evaluate(x, y, verbose=0))


@each_half
@every_loss
def test_labels_a_half_dtype_cannot_hold(name, floatx):
    label = BIG[floatx]
    # Not quite certain, so that every formula is finite without clipping.
    labels, logits = np.array([label]), 10 * sure(label)
    loss = LOSSES[name](from_logits=True)
    assert loss.dtype == "float32"
    value = float(to_numpy(loss(labels, logits)))
    wanted = expected(name, labels, logits).mean()
    assert value == pytest.approx(wanted, rel=1e-4, abs=1e-5)
    others = expected(name, np.array([0]), logits).mean()
    # One loss leaves a sure model alone, whatever the label.
    if others != wanted:
        assert abs(value - others) > 3e-4 * abs(others)
    logits = 100 * sure(label)
    loss = LOSSES["cross_entropy"](from_logits=True)
    assert float(to_numpy(loss(np.array([label]), logits))) == 0


@half
def test_labels_a_half_dtype_cannot_hold_in_a_compiled_model(floatx):
    label = BIG[floatx]
    model = keras.Sequential([keras.layers.Identity(dtype="float32")])
    model.compile(loss=losses.AsymmetricGCE(), run_eagerly=True)
    value = evaluated(model, sure(label), np.array([label]))
    assert value == pytest.approx(0, abs=1e-6)


@half
def test_a_function_refuses_labels_it_would_get_rounded(floatx):
    # Keras hands labels to a function in floatx, whatever the function does.
    label = BIG[floatx]
    model = keras.Sequential([keras.layers.Identity(dtype="float32")])
    model.compile(loss=losses.asymmetric_gce, run_eagerly=True)
    with pytest.raises(ValueError, match=f"{floatx} are rounded above"):
        evaluated(model, sure(label), np.array([label]))
    # A one-hot label is exact, and so is a small integer.
    value = evaluated(model, sure(label), sure(label))
    assert value == pytest.approx(0, abs=1e-2)
    value = evaluated(model, sure(98), np.array([98]))
    assert value == pytest.approx(0, abs=1e-2)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_predictions_are_widened(dtype):
    p = np.array([[0.9985, 0.0015]], "float32")
    y_pred = ops.cast(p, dtype)
    kept = to_numpy(ops.cast(y_pred, "float32")).astype("float64")
    values = losses.AsymmetricGCE(q=3).call(np.array([0]), y_pred)
    assert to_numpy(values).dtype == "float32"
    wanted = (8 - (1 + kept[0, 0]) ** 3) / 3
    assert to_numpy(values)[0] == pytest.approx(wanted, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_a_model_in_mixed_precision(policy):
    keras.config.set_dtype_policy(policy)
    try:
        model = keras.Sequential([keras.layers.Dense(300)])
        loss = losses.AsymmetricGCE(from_logits=True)
    finally:
        keras.config.set_dtype_policy("float32")
    assert loss.dtype == "float32"
    assert loss.get_config()["dtype"] is None
    model.compile("sgd", loss=loss)
    x, labels = np.eye(4, dtype="float32"), np.array([257, 299, 0, 1])
    y_pred = model(x)
    assert keras.backend.standardize_dtype(y_pred.dtype) == policy[6:]
    logits = to_numpy(ops.cast(y_pred, "float32"))
    wanted = expected("agce", labels, logits).mean()
    value = float(model.train_on_batch(x, labels))
    assert value == pytest.approx(wanted, rel=1e-5)
    assert all(np.isfinite(w).all() for w in model.get_weights())


@every_input_by_turns
def test_float64_is_kept(name, from_logits):
    with float64():
        # Not a mean: Keras's own division is in float32 on PyTorch.
        loss = LOSSES[name](
            from_logits=from_logits, dtype="float64", reduction="sum"
        )
        assert loss.dtype == "float64"
        y_pred = predictions(from_logits).astype("float64")
        value = to_numpy(loss(LABELS, y_pred))
        assert value.dtype == "float64"
        wanted = expected(name, LABELS, LOGITS)
        rtol = 1e-12 if from_logits else 1e-6
        np.testing.assert_allclose(value, wanted.sum(), rtol=rtol)


@pytest.mark.parametrize("floatx", ["float64"], indirect=True)
def test_floatx_of_float64(floatx):
    assert losses.AsymmetricGCE().dtype == "float64"
    assert losses.AsymmetricGCE().get_config()["dtype"] is None
    assert losses.AsymmetricGCE(dtype="float32").dtype == "float32"


@pytest.mark.parametrize(
    "dtype, kept",
    [
        (None, None),
        ("float32", "float32"),
        ("float64", "float64"),
        ("bfloat16", "float32"),
        ("mixed_float16", "float32"),
        (keras.DTypePolicy("float64"), "float64"),
        (keras.DTypePolicy("mixed_bfloat16"), "float32"),
    ],
)
def test_an_explicit_dtype_is_in_the_config(dtype, kept):
    loss = losses.AsymmetricGCE(dtype=dtype)
    assert loss.dtype == (kept or "float32")
    assert loss.get_config()["dtype"] == kept
    again = losses.AsymmetricGCE.from_config(loss.get_config())
    assert (again.dtype, again.get_config()) == (loss.dtype, loss.get_config())


def test_a_sum_is_as_wide_as_its_widest_part():
    wide = losses.AsymmetricGCE(dtype="float64")
    for loss in (2.0 * wide, losses.NormalizedCrossEntropy() + wide):
        assert loss.dtype == "float64"
        assert type(loss).from_config(loss.get_config()).dtype == "float64"
    assert (2.0 * losses.AsymmetricGCE()).get_config()["dtype"] is None
