"""Bad input is refused early, in words that say what to do."""

import inspect
import re

import keras
import numpy as np
import pytest

from keras_robust import losses
from tests.backend import jitted
from tests.backend import to_numpy
from tests.losses.cases import BY_CLASS
from tests.losses.cases import CLASSES
from tests.losses.cases import LABELS
from tests.losses.cases import LOGITS
from tests.losses.cases import LOSSES
from tests.losses.cases import ONE_HOT
from tests.losses.cases import every_input_by_turns
from tests.losses.cases import predictions

both = pytest.mark.parametrize(
    "from_logits", [False, True], ids=["probabilities", "logits"]
)


def raises(message):
    return pytest.raises(ValueError, match=re.escape(message))


NAN, INFINITY = float("nan"), float("inf")
NOT_NUMBERS = [NAN, INFINITY, -INFINITY, True, None, "1", [1.0], 1j, 10**400]


RANGES = [
    pytest.param(cls, name, *given, id=f"{cls.__name__}-{name}")
    for cls, case in BY_CLASS.items()
    for name, given in (case.bad or {}).items()
]


@pytest.mark.parametrize("cls, name, wanted, bad", RANGES)
def test_parameters_out_of_range(cls, name, wanted, bad):
    wanted = f" {wanted}" if wanted else ""
    case = BY_CLASS[cls]
    right = case.arguments(from_logits=case.logits)
    default = inspect.signature(cls).parameters[name].default
    for value in bad + NOT_NUMBERS:
        if value is None is default:
            # It is left to somebody else.
            continue
        with raises(
            f"`{name}` must be a finite number{wanted}. "
            f"Received: {name}={value!r}"
        ):
            cls(**{**right, name: value}, from_logits=case.logits)


def test_the_ends_of_the_ranges_are_taken():
    losses.GeneralizedCrossEntropy(1)
    losses.Blurry(0)
    losses.PiecewiseZero(0)
    losses.CrossEntropy(-50)
    losses.AsymmetricUnhinged(1 + 1e-6, 1e-6)
    losses.AsymmetricGCE(np.float32(1e-6), np.float64(10))


@pytest.mark.parametrize(
    "cls, parameters",
    [
        (losses.AsymmetricGCE, {"a": 1.0, "q": 200.0}),
        (losses.AsymmetricGCE, {"a": 1.0, "q": 2000.0}),
        (losses.AsymmetricGCE, {"a": 1e30, "q": 3.0}),
        (losses.AsymmetricUnhinged, {"a": 1e30, "q": 3.0}),
        (losses.AsymmetricUnhinged, {"a": 1.001, "q": 20.0}),
        (losses.AsymmetricExponential, {"a": 1e-40}),
        (losses.GeneralizedCrossEntropy, {"q": 1e-40}),
    ],
)
def test_parameters_that_leave_the_range_of_float32(cls, parameters):
    text = ", ".join(f"{k}={v!r}" for k, v in parameters.items())
    with raises(f"less extreme parameters. Received: {text}"):
        cls(**parameters)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"from_logits": 1}, "`from_logits` must be True or False. "
         "Received: from_logits=1"),
        ({"axis": 1.0}, "`axis` must be an integer. Received: axis=1.0"),
        ({"axis": None}, "`axis` must be an integer. Received: axis=None"),
        ({"ignore_class": "void"}, "`ignore_class` must be an integer or None. "
         "Received: ignore_class='void'"),
        ({"ignore_class": True}, "Received: ignore_class=True"),
        ({"reduction": "average"}, "reduction=average"),
        ({"dtype": "float33"}, "float33"),
    ],
)  # fmt: skip
def test_options_that_do_not_exist(options, message):
    with raises(message):
        losses.AsymmetricGCE(**options)
    with raises("`stop_gradient` must be True or False"):
        losses.Blurry(stop_gradient="no")


@pytest.mark.parametrize(
    "labels",
    [
        np.zeros((6, 3)),
        np.zeros((6, CLASSES + 1)),
        np.zeros((5,)),
        np.zeros((5, 1)),
        np.zeros((5, CLASSES)),
        np.zeros((6, 1, 1)),
        np.zeros(()),
    ],
    ids=lambda labels: str(labels.shape),
)
@both
def test_labels_that_fit_no_rule(labels, from_logits):
    loss = LOSSES["agce"](from_logits=from_logits)
    message = (
        "Labels and predictions do not fit together. Expected integer labels "
        "shaped like the predictions without the class axis"
    )
    for compute in (loss, loss.call, losses.asymmetric_gce):
        with raises(message) as error:
            compute(labels, LOGITS)
        # Both shapes, as they were given.
        assert f"y_pred.shape={LOGITS.shape}" in str(error.value)
        assert f"y_true.shape={labels.shape}" in str(error.value)


def test_labels_that_do_not_fit_a_dense_output():
    y_pred = np.stack([LOGITS, LOGITS])
    for shape in [(2,), (2, 4), (2, 1), (2, 6, 3), (3, 6), (2, 1, 1)]:
        with raises("Labels and predictions do not fit together"):
            LOSSES["agce"]().call(np.zeros(shape), y_pred)


def test_labels_that_do_not_fit_a_binary_head():
    for shape in [(5,), (6, 2), (6, 1, 1), (5, 1)]:
        with raises("Labels and predictions do not fit together"):
            LOSSES["agce"]().call(np.zeros(shape), LOGITS[:, :1])


def test_labels_that_fit_no_rule_in_fit():
    model = keras.Sequential([keras.layers.Dense(3, "softmax")])
    model.compile("sgd", loss=losses.AsymmetricGCE())
    with raises("Labels and predictions do not fit together"):
        model.fit(LOGITS, ONE_HOT, verbose=0)


def test_predictions_without_a_class_axis():
    with raises("for a binary head keep the last axis of size 1. "
                "Received: y_pred.shape=(6,)"):  # fmt: skip
        LOSSES["agce"]()(LABELS, LOGITS[:, 0])


@pytest.mark.parametrize("axis", [2, -3, 7])
def test_an_axis_that_is_not_there(axis):
    with raises("`axis` must be an axis of `y_pred`. "
                f"Received: axis={axis}, y_pred.shape=(6, 4)"):  # fmt: skip
        LOSSES["agce"](axis=axis)(LABELS, LOGITS)


def test_one_hot_labels_beside_ignore_class():
    loss = LOSSES["agce"](ignore_class=1)
    with raises("`ignore_class` needs integer labels") as error:
        loss(ONE_HOT, predictions(False))
    assert "or give those samples a sample_weight of 0" in str(error.value)
    assert "Received: ignore_class=1, y_true.shape=" in str(error.value)


def is_silent(compute):
    try:
        return bool(np.isfinite(to_numpy(compute())).all())
    except Exception:
        return False


@every_input_by_turns
def test_a_label_out_of_range_is_never_silent(name, from_logits):
    loss = LOSSES[name](from_logits=from_logits)
    ignoring = LOSSES[name](from_logits=from_logits, ignore_class=3)
    y_pred = predictions(from_logits)
    assert not is_silent(lambda: np.array([NAN]))
    assert is_silent(lambda: loss(LABELS, y_pred))
    for bad in (-1, -100, CLASSES, 1e9, NAN, 1.5):
        labels = np.array([*LABELS[:-1], bad])
        assert not is_silent(lambda y=labels: loss(y, y_pred))
        assert not is_silent(lambda y=labels: loss.call(y, y_pred))
        assert not is_silent(lambda y=labels: ignoring(y, y_pred))
        assert not is_silent(lambda y=labels: loss(y[:, None], y_pred))


@pytest.mark.skipif(
    keras.backend.backend() == "jax", reason="JAX takes int64 as int32 itself"
)
@pytest.mark.parametrize("bad", [2**32 + 1, 1 - 2**32])
@every_input_by_turns
def test_a_label_beyond_int32_is_never_silent(name, from_logits, bad):
    loss = LOSSES[name](from_logits=from_logits)
    labels = np.array([*LABELS[:-1], bad], "int64")
    assert not is_silent(lambda: loss.call(labels, predictions(from_logits)))


@pytest.mark.parametrize("name", ["agce", "piecewise_zero", "nce_agce"])
@both
def test_a_label_out_of_range_in_a_compiled_step(name, from_logits):
    step = jitted(
        LOSSES[name](from_logits=from_logits), [(None,), (None, CLASSES)]
    )
    for bad in (-1, -100, CLASSES):
        labels = np.array([*LABELS[:-1], bad], "float32")
        assert not is_silent(lambda y=labels: step(y, predictions(from_logits)))


@every_input_by_turns
def test_a_binary_label_out_of_range_is_never_silent(name, from_logits):
    loss = LOSSES[name](from_logits=from_logits)
    y_pred = predictions(from_logits)[:, :1]
    assert is_silent(lambda: loss(LABELS % 2, y_pred))
    for bad in (-1, 2, NAN):
        labels = np.array([*(LABELS[:-1] % 2), bad])
        assert not is_silent(lambda y=labels: loss(y, y_pred))
    # Mixed labels are a little off 1 now and then.
    mixed = np.full(len(LABELS), 1 + 1e-6)
    assert is_silent(lambda: loss(mixed, y_pred))
