"""Losses of the difference between prediction and target."""

import re

import keras
import numpy as np
import pytest

from keras_robust import losses
from tests.backend import float64
from tests.backend import jitted
from tests.backend import to_numpy
from tests.backend import values_and_slopes

DATA = np.random.default_rng(5)
TRUE = DATA.normal(size=(6, 4)).astype("float32")
PRED = DATA.normal(size=(6, 4)).astype("float32")


def heat(d, a):
    return (1 - np.exp(-(d**2) / a**2)) / (a * np.sqrt(np.pi))


def poisson(d, a):
    return d**2 / (np.pi * a * (a**2 + d**2))


# class -> its function, its formula, other parameters and bad ones
LOSSES = {
    losses.Lp: (losses.lp, lambda d, p: (np.abs(d) + 1e-7) ** p, {"p": 0.5}),
    losses.NegativeHeatKernel: (losses.negative_heat_kernel, heat, {"a": 0.3}),
    losses.NegativePoissonKernel: (
        losses.negative_poisson_kernel,
        poisson,
        {"a": 0.3},
    ),
}
BOUNDED = {
    losses.NegativeHeatKernel: (np.sqrt(np.pi), 2.0),
    losses.NegativePoissonKernel: (np.pi, 2.0),
}
every = pytest.mark.parametrize("cls", LOSSES)
bounded = pytest.mark.parametrize("cls", BOUNDED)


def raises(message):
    return pytest.raises(ValueError, match=re.escape(message))


def slope_at(loss, differences):
    """Gradients of the summed values by every difference."""
    d = np.asarray(differences, "float32")[:, None]
    return values_and_slopes(lambda z: loss.call(np.zeros_like(d), z), d)


@every
def test_formula_class_and_function_agree(cls):
    function, formula, other = LOSSES[cls]
    wanted = formula(PRED.astype("float64") - TRUE, **other).mean(-1)
    np.testing.assert_allclose(
        to_numpy(function(TRUE, PRED, **other)), wanted, rtol=1e-5
    )
    loss = cls(**other, reduction=None)
    np.testing.assert_allclose(to_numpy(loss(TRUE, PRED)), wanted, rtol=1e-5)
    assert np.isclose(float(cls(**other)(TRUE, PRED)), wanted.mean(), 1e-5)
    default = next(iter(other)), getattr(cls(), next(iter(other)))
    assert default[1] == 1.0
    np.testing.assert_allclose(
        to_numpy(function(TRUE, PRED)),
        formula(PRED - TRUE, **dict([default])).mean(-1),
        rtol=1e-4,
    )


@every
def test_config_round_trip_and_name(cls):
    other = LOSSES[cls][2]
    loss = cls(**other, reduction="sum", name="mine", dtype="float64")
    config = loss.get_config()
    assert config["dtype"] == "float64" and config["name"] == "mine"
    again = cls.from_config(config)
    assert again.get_config() == config
    assert repr(again) == repr(loss)
    again = keras.losses.deserialize(keras.losses.serialize(loss))
    assert type(again) is cls and again.get_config() == config
    assert losses.get(cls().name, **other).get_config() == (
        cls(**other).get_config()
    )
    rows = {row["name"]: row for row in losses.available()}
    assert rows[cls().name]["class"] == cls.__name__
    assert rows[cls().name]["input"] == "any"


@every
def test_saved_models_find_it(cls, tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)])
    model.compile("sgd", loss=cls(**LOSSES[cls][2]))
    x = DATA.normal(size=(6, 3)).astype("float32")
    model.fit(x, TRUE, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert again.loss.get_config() == model.loss.get_config()
    np.testing.assert_allclose(
        again.evaluate(x, TRUE, verbose=0),
        model.evaluate(x, TRUE, verbose=0),
        rtol=1e-6,
    )


@every
def test_compiled(cls):
    loss = cls(**LOSSES[cls][2])
    shapes = [(None, 4), (None, 4)]
    value = jitted(lambda t, p: loss(t, p), shapes)(
        *map(keras.ops.convert_to_tensor, (TRUE, PRED))
    )
    assert np.isclose(float(value), float(loss(TRUE, PRED)), 1e-6)


@every
@pytest.mark.parametrize(
    "true, pred, values",
    [
        ((6, 4), (6, 4), (6,)),
        ((6, 2, 3, 1), (6, 2, 3), (6, 2)),
        ((6, 2, 3), (6, 2, 3, 1), (6, 2)),
        ((6,), (6, 1), (6,)),
        ((6, 1), (6,), (6,)),
        ((6,), (6,), (6,)),
    ],
)
def test_shapes_that_fit(cls, true, pred, values):
    loss = cls(reduction=None)
    assert tuple(loss(np.zeros(true), np.ones(pred)).shape) == values
    total = cls(reduction="sum")
    # A weight is one a sample, whatever the shape.
    if len(values) == 1:
        weight = np.array([1, 0, 0, 0, 0, 0.5])
        whole = float(total(np.zeros(true), np.ones(pred)))
        weighed = total(np.zeros(true), np.ones(pred), sample_weight=weight)
        assert np.isclose(float(weighed), whole / 4)


@every
@pytest.mark.parametrize(
    "true, pred",
    [
        ((6, 1), (6, 4)),
        ((6, 4), (6, 1)),
        ((6,), (6, 4)),
        ((6,), (6, 6)),
        ((6, 4), (1, 4)),
        ((6, 4), (4,)),
        ((6, 4), (6, 1, 4)),
        ((6, 2, 1), (6,)),
        ((5,), (6,)),
    ],
)
def test_nothing_is_broadcast(cls, true, pred):
    with raises(f"Received: y_true.shape={true}, y_pred.shape={pred}"):
        cls()(np.zeros(true), np.ones(pred))
    with raises("Target and prediction must have the same shape"):
        LOSSES[cls][0](np.zeros(true), np.ones(pred))


@every
def test_a_batch_axis_is_needed(cls):
    with raises("need a batch axis"):
        cls().call(np.float32(1), np.float32(2))


@every
def test_dtypes(cls):
    wanted = float(cls()(TRUE, PRED))
    assert cls(dtype="float16").dtype == "float32"
    assert cls().get_config()["dtype"] is None
    for dtype in ("float16", "bfloat16"):
        pred = keras.ops.cast(PRED, dtype)
        values = cls().call(TRUE, pred)
        assert keras.backend.standardize_dtype(values.dtype) == "float32"
        assert np.isclose(float(cls()(TRUE, pred)), wanted, rtol=0.02)
    with float64():
        # Keras's own mean over the batch makes float32 of it on PyTorch.
        double = cls(dtype="float64", reduction="sum")(
            TRUE.astype("float64"), PRED.astype("float64")
        )
        assert keras.backend.standardize_dtype(double.dtype) == "float64"
        assert np.isclose(float(double) / len(TRUE), wanted, rtol=1e-5)
    # Whole numbers, as images come, are no modular arithmetic.
    small, large = np.uint8([[3]]), np.uint8([[250]])
    assert float(cls()(large, small)) == float(cls()(small, large)) > 0


@every
def test_parameters_are_checked(cls):
    name = next(iter(LOSSES[cls][2]))
    for bad in (0, -1.0, float("nan"), float("inf"), "1", None, True):
        message = f"`{name}` must be a finite number above 0"
        with raises(message):
            cls(**{name: bad})


@every
@pytest.mark.parametrize("own", [1.0, 0.5])
def test_finite_at_the_extremes(cls, own):
    d = [0.0, 1e-38, -1e-20, 1e10, -1e30, 3e38]
    values, slopes = slope_at(cls(own), d)
    assert np.isfinite(values).all() and np.isfinite(slopes).all()
    assert slopes[0] == 0  # right on target nothing pulls
    assert (slopes[:, 0] * np.sign(d) >= 0).all()


def test_lp_slope_is_finite_at_zero_below_one():
    for p in (0.1, 0.5, 0.9):
        _, slopes = slope_at(losses.Lp(p), [1e-30, -1e-30])
        wanted = p * 1e-7 ** (p - 1)
        np.testing.assert_allclose(slopes[:, 0], [wanted, -wanted], rtol=1e-4)


def test_lp_is_the_absolute_and_the_squared_error():
    with float64():
        true, pred = TRUE.astype("float64"), PRED.astype("float64")
        ours = losses.Lp(1.0, reduction=None, dtype="float64")(true, pred)
        np.testing.assert_allclose(
            to_numpy(ours), np.abs(pred - true).mean(-1) + 1e-7, rtol=1e-12
        )
        ours = losses.Lp(2.0, reduction=None, dtype="float64")(true, pred)
        theirs = ((pred - true) ** 2).mean(-1)
        np.testing.assert_allclose(to_numpy(ours), theirs, rtol=1e-6)


@bounded
@pytest.mark.parametrize("a", [0.1, 1.0, 20.0])
def test_bounds_and_small_differences(cls, a):
    constant, power = BOUNDED[cls]
    loss = cls(a)
    d = np.array([0.0, 1e-3, 1e-2, 1.0, 3.0, 1e3, 1e8, 1e20]) * a
    values, slopes = slope_at(loss, d)
    assert (values >= 0).all() and (np.diff(values) >= 0).all()
    assert (values <= (1 + 1e-6) / (a * constant)).all()
    assert np.isclose(values[-1], 1 / (a * constant), rtol=1e-6)
    small = d[1:3]
    np.testing.assert_allclose(
        values[1:3], small**power / (a**3 * constant), rtol=3e-4
    )
    np.testing.assert_allclose(
        slopes[1:3, 0], 2 * small / (a**3 * constant), rtol=3e-4
    )


@pytest.mark.parametrize("u", [0.5, 1.0, 30.0, 1e3, 1e6])
def test_poisson_slope_keeps_its_digits(u):
    _, slopes = slope_at(losses.NegativePoissonKernel(), [u])
    wanted = 2 * u / (1 + u * u) ** 2 / np.pi
    np.testing.assert_allclose(slopes[0, 0], wanted, rtol=1e-5)


@bounded
def test_the_mode_of_the_targets_is_found(cls):
    # Six in ten are right, the others far off on one side.
    targets = np.array([0.0] * 6 + [5.0, 6.0, 7.0, 8.0], "float32")
    grid = np.linspace(-1, 8, 181, dtype="float32")
    pred = np.repeat(grid[:, None], len(targets), 1)
    true = np.repeat(targets[None], len(grid), 0)
    best = grid[np.argmin(to_numpy(cls(0.5).call(true, pred)))]
    assert abs(best) < 0.05
    assert targets.mean() > 2


@every
def test_a_mask_is_minded(cls):
    pred = keras.ops.convert_to_tensor(PRED)
    from keras.src.backend.common.masking import set_keras_mask

    set_keras_mask(
        pred, mask=keras.ops.convert_to_tensor([True] * 3 + [False] * 3)
    )
    kept = float(cls()(TRUE[:3], PRED[:3]))
    assert np.isclose(float(cls()(TRUE, pred)), kept, rtol=1e-5)


def test_a_base_alone_says_what_is_missing():
    loss = losses.RegressionLoss()
    with pytest.raises(NotImplementedError, match="of_difference"):
        loss(TRUE, PRED)
