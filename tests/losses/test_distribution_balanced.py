"""The loss for many labels a sample and a long tail of classes."""

import json
import re

import keras
import numpy as np
import pytest

from keras_robust import losses
from tests.backend import float64
from tests.backend import jitted
from tests.backend import to_numpy
from tests.backend import values_and_slopes

FREQUENCY = [0.4, 0.1, 0.02, 0.005]
DATA = np.random.default_rng(7)
LOGITS = DATA.normal(0, 2, (6, 4)).astype("float32")
MARKS = (DATA.random((6, 4)) < 0.5).astype("float32")
MARKS[0] = 0  # nothing is there
OTHER = {
    "alpha": 0.2,
    "beta": 5.0,
    "mu": 0.3,
    "scale": 5.0,
    "kappa": 0.1,
    "gamma": 1.0,
    "balance": 1.0,
}


def made(**own):
    return losses.DistributionBalanced(FREQUENCY, from_logits=True, **own)


def raises(message):
    return pytest.raises(ValueError, match=re.escape(message))


def softplus(x):
    return np.logaddexp(0, x)


def formula(
    marks, z, alpha=0.1, beta=10.0, mu=0.2, scale=2.0, kappa=0.05, gamma=2.0,
    balance=2.0,
):  # fmt: skip
    """As the authors' code has it, from counts of 1000 samples."""
    counts = 1000 * np.array(FREQUENCY)
    repeated = (marks / counts).sum(-1, keepdims=True)
    with np.errstate(divide="ignore"):
        share = np.where(repeated > 0, 1 / counts / repeated, 0)
    weight = 1 / (1 + np.exp(-beta * (share - mu))) + alpha
    z = z - np.log(1000 / counts - 1) * kappa / scale
    z = z * (1 - marks) * scale + z * marks
    weight = weight / scale * (1 - marks) + weight * marks
    cross_entropy = marks * softplus(-z) + (1 - marks) * softplus(z)
    focal = (1 - np.exp(-cross_entropy)) ** gamma
    return (balance * focal * weight * cross_entropy).mean(-1)


@pytest.mark.parametrize("own", [{}, OTHER, {"gamma": 0, "kappa": 0}])
def test_formula_class_and_function_agree(own):
    with float64():
        z = LOGITS.astype("float64")
        wanted = formula(MARKS.astype("float64"), z, **own)
        loss = made(**own, reduction=None, dtype="float64")
        np.testing.assert_allclose(to_numpy(loss(MARKS, z)), wanted, rtol=1e-12)
    again = losses.distribution_balanced(
        MARKS, LOGITS, FREQUENCY, from_logits=True, **own
    )
    np.testing.assert_allclose(to_numpy(again), wanted, rtol=1e-5)
    assert np.isclose(float(made(**own)(MARKS, LOGITS)), wanted.mean(), 1e-5)


def test_gradients_are_those_of_the_formula():
    with float64():
        z = LOGITS.astype("float64")
        loss = made(**OTHER)
        _, slopes = values_and_slopes(lambda x: loss.call(MARKS, x), z)
        wanted = np.empty_like(z)
        for k in range(4):
            step = np.zeros(4)
            step[k] = 1e-6
            up, down = (formula(MARKS, z + s, **OTHER) for s in (step, -step))
            wanted[:, k] = (up - down) / 2e-6
    np.testing.assert_allclose(slopes, wanted, atol=1e-8)


def test_config_round_trip_and_names():
    loss = made(**OTHER, reduction="sum", name="mine", dtype="float64")
    config = loss.get_config()
    assert json.loads(json.dumps(config)) == config
    assert config["class_frequency"] == FREQUENCY
    again = losses.DistributionBalanced.from_config(config)
    assert again.get_config() == config and repr(again) == repr(loss)
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert again.get_config() == config
    assert made(dtype="float16").dtype == "float32"
    for name in ("distribution_balanced", "DistributionBalanced"):
        again = losses.get(
            name, class_frequency=FREQUENCY, mu=0.3, from_logits=True
        )
        assert again.get_config() == made(mu=0.3).get_config()
    assert losses.get(loss) is loss
    assert losses.get(keras.losses.serialize(loss)).get_config() == config
    with raises("needs the parameter 'class_frequency'"):
        losses.get("distribution_balanced")
    rows = {row["name"]: row for row in losses.available()}
    assert rows["distribution_balanced"]["input"] == "logits"


def test_saved_models_find_it(tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)])
    model.compile("sgd", loss=made())
    x = DATA.normal(size=(6, 3)).astype("float32")
    model.fit(x, MARKS, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.loss.get_config() == model.loss.get_config()
    assert np.isclose(
        again.evaluate(x, MARKS, verbose=0),
        model.evaluate(x, MARKS, verbose=0),
        rtol=1e-6,
    )


def test_compiled():
    loss = made()
    tensors = map(keras.ops.convert_to_tensor, (MARKS, LOGITS))
    value = jitted(lambda t, p: loss(t, p), [(None, 4), (None, 4)])(*tensors)
    assert np.isclose(float(value), float(loss(MARKS, LOGITS)), 1e-6)


@pytest.mark.parametrize("scale", [1e4, 1e30])
@pytest.mark.parametrize("gamma", [0, 0.5, 2.0])
def test_finite_at_the_extremes(scale, gamma):
    z = np.float32(scale) * np.float32([[1, -1, 1, -1], [0, 1, -1, 0]])
    marks = np.float32([[1, 1, 0, 0], [0, 0, 0, 0]])
    loss = made(gamma=gamma)
    values, slopes = values_and_slopes(lambda x: loss.call(marks, x), z)
    assert np.isfinite(values).all() and np.isfinite(slopes).all()
    assert (values >= 0).all()
    # What is wrong pulls in the right direction, what is right not at all.
    assert slopes[0, 1] < 0 < slopes[0, 2]
    assert slopes[0, 0] == slopes[0, 3] == 0


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_widened(dtype):
    z = keras.ops.cast(LOGITS, dtype)
    values = made().call(MARKS, z)
    assert keras.backend.standardize_dtype(values.dtype) == "float32"
    wide = np.asarray(to_numpy(keras.ops.cast(z, "float32")), "float64")
    np.testing.assert_allclose(
        to_numpy(values), formula(MARKS, wide), rtol=1e-5
    )


def test_rare_classes_weigh_more():
    # Both classes are there, neither was recognised: the rare one pulls more.
    marks = np.float32([[1, 0, 0, 1]])
    loss = made(kappa=0)
    z = np.zeros((1, 4), "float32")
    _, slopes = values_and_slopes(lambda x: loss.call(marks, x), z)
    assert slopes[0, 3] < 4 * slopes[0, 0] < 0
    # And alone a frequent one weighs as much as a rare one.
    one, other = (
        values_and_slopes(lambda x, m=m: loss.call(m, x), z)[1]
        for m in (np.float32([[1, 0, 0, 0]]), np.float32([[0, 0, 0, 1]]))
    )
    assert np.isclose(one[0, 0], other[0, 3])


def test_plain_cross_entropy_is_a_special_case():
    # Weights of 1, no bias, no scale, no focal form.
    loss = made(
        alpha=0.5, beta=1e-9, scale=1, kappa=0, gamma=0, balance=1,
        reduction=None,
    )  # fmt: skip
    theirs = keras.ops.binary_crossentropy(MARKS, LOGITS, from_logits=True)
    np.testing.assert_allclose(
        to_numpy(loss(MARKS, LOGITS)), to_numpy(theirs).mean(-1), rtol=1e-5
    )


@pytest.mark.parametrize(
    "true, pred",
    [
        ((6,), (6, 4)),
        ((6, 1), (6, 4)),
        ((1, 4), (6, 4)),
        ((6, 3), (6, 3)),
        ((4,), (4,)),
        ((6, 4), (6, 2, 4)),
    ],
)
def test_shapes_that_do_not_fit(true, pred):
    with raises(f"Received: y_true.shape={true}, y_pred.shape={pred}"):
        made()(np.zeros(true), np.zeros(pred))


def test_more_axes_and_weights():
    z, marks = np.stack([LOGITS] * 3, 1), np.stack([MARKS] * 3, 1)
    values = to_numpy(made(reduction=None)(marks, z))
    assert values.shape == (6, 3)
    np.testing.assert_allclose(values[:, 1], formula(MARKS, LOGITS), rtol=1e-4)
    weight = np.float32([1, 0, 0, 0, 0, 2])
    value = made(reduction="sum")(MARKS, LOGITS, sample_weight=weight)
    wanted = (weight * formula(MARKS, LOGITS)).sum()
    assert np.isclose(float(value), wanted, rtol=1e-5)


def test_what_is_no_mark_gives_nan():
    marks = np.array([[2, 0, 0, 1], [0, 1, 0, 1]])
    values = to_numpy(made(reduction=None)(marks, LOGITS[:2]))
    assert np.isnan(values).tolist() == [True, False]


def test_parameters_are_checked():
    with raises("from_logits=True"):
        losses.DistributionBalanced(FREQUENCY)
    for bad in ([], 0.5, "0.5", None, [[0.1, 0.2]]):
        with raises("class_frequency"):
            losses.DistributionBalanced(bad, from_logits=True)
    for bad in (0, 1, -0.1, float("nan"), 17):
        with raises("`class_frequency[1]` must be a finite number above 0 and"):
            losses.DistributionBalanced([0.5, bad], from_logits=True)
    for name, values in {
        "alpha": [-0.1],
        "beta": [0, -1],
        "mu": [float("nan"), "a"],
        "scale": [0.9],
        "kappa": [-0.1],
        "gamma": [-1],
        "balance": [0],
    }.items():
        for bad in values:
            with raises(f"`{name}` must be a finite number"):
                made(**{name: bad})
    array = losses.DistributionBalanced(np.array(FREQUENCY), from_logits=True)
    assert array.get_config() == made().get_config()
