"""Values and gradients stay right and finite at the ends of the range."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_robust import losses
from tests.backend import to_numpy
from tests.backend import values_and_slopes
from tests.losses.cases import FORMULAS
from tests.losses.cases import LABELS
from tests.losses.cases import LOGITS
from tests.losses.cases import LOSSES
from tests.losses.cases import ONE_HOT
from tests.losses.cases import SLOPES
from tests.losses.cases import UNCLIPPED
from tests.losses.cases import every_input_by_turns
from tests.losses.cases import every_loss
from tests.losses.cases import names
from tests.losses.cases import softmax
from tests.losses.cases import some_losses

EPSILON = keras.config.epsilon()


@some_losses(logits=False)
@pytest.mark.parametrize(
    "labels, scale",
    [
        pytest.param(LABELS, 1, id="hard-1"),
        pytest.param(LABELS, 2, id="hard-2", marks=pytest.mark.once),
        pytest.param(ONE_HOT, 1, id="one-hot-1", marks=pytest.mark.once),
        pytest.param(ONE_HOT, 2, id="one-hot-2"),
    ],
)
def test_probabilities_and_logits_agree(name, labels, scale):
    logits = LOGITS * np.float32(scale)
    assert softmax(logits).min() > EPSILON
    from_logits = LOSSES[name](from_logits=True)
    from_probs = LOSSES[name](from_logits=False)
    value, slope = values_and_slopes(
        lambda z: from_logits.call(labels, z), logits
    )
    value_p, slope_p = values_and_slopes(
        lambda z: from_probs.call(labels, ops.softmax(z, axis=-1)), logits
    )
    np.testing.assert_allclose(value, value_p, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(slope, slope_p, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("labels", [LABELS, ONE_HOT], ids=["hard", "one-hot"])
@pytest.mark.parametrize("name", SLOPES)
def test_probabilities_below_epsilon(name, labels):
    given = np.array([0, 1e-30, 1e-9, 5e-8, 1e-3, 1])
    probs = np.full(LOGITS.shape, 1e-2, "float32")
    probs[np.arange(len(LABELS)), LABELS] = given
    loss = LOSSES[name]()
    values, slopes = values_and_slopes(lambda p: loss.call(labels, p), probs)
    p = given if name in UNCLIPPED else np.maximum(given, EPSILON)
    np.testing.assert_allclose(values, FORMULAS[name](p), rtol=2e-5, atol=1e-6)
    # In units of logits: the gradient of expm1 itself is only good to 1e-7.
    unit = 1 if name in UNCLIPPED else p
    np.testing.assert_allclose(
        slopes[np.arange(len(LABELS)), LABELS] * unit,
        SLOPES[name](p) * unit,
        rtol=2e-5,
        atol=2e-7,
    )


def test_probabilities_below_epsilon_of_a_normalised_loss():
    probs = np.array([[0, 1e-30, 0.25, 0.75]], "float32")
    loss = losses.NormalizedCrossEntropy()
    wanted = FORMULAS["nce"](np.maximum(probs.astype("float64"), EPSILON))
    for label in range(4):
        value = to_numpy(loss.call(np.array([label]), probs))
        np.testing.assert_allclose(value, wanted[:, label], rtol=1e-5)


EXTREMES = np.array(
    [
        [1, -1, 0, 0],
        [-1, 1, 1, 1],
        [1, 1, 1, 1],
        [-1, -1, -1, 1],
        [0, 0, 1, 0.5],
        [0, -1, -1, -1],
    ],
    "float32",
)


def assert_finite(loss, predictions, y_pred):
    for labels in (LABELS, ONE_HOT):
        values, slopes = values_and_slopes(
            lambda z, y=labels: loss.call(y, predictions(z)), y_pred
        )
        assert np.isfinite(values).all()
        assert np.isfinite(slopes).all()


@every_loss
@pytest.mark.parametrize(
    "dtype, scale",
    [
        ("float32", 1e4),
        ("float16", 100),
        pytest.param("bfloat16", 100, marks=pytest.mark.once),
    ],
)
def test_extreme_logits(name, dtype, scale):
    loss = LOSSES[name](from_logits=True)
    y_pred = np.float32(scale) * EXTREMES
    assert_finite(loss, lambda z: ops.cast(z, dtype), y_pred)


# A clipped loss's slope at epsilon, up to 1e7, is beyond float16: Keras too
# advises a float32 softmax in mixed_float16.
@pytest.mark.parametrize(
    "name, dtype",
    [
        (name, dtype)
        for name in names(logits=False)
        for dtype in ("float32", "bfloat16")
    ]
    + [(name, "float16") for name in names(logits=False, clipped=False)],
)
def test_extreme_probabilities(name, dtype):
    probs = np.array(
        [
            [0, 1, 0, 0],
            [1, 0, 0, 0],
            [1, 1e-30, 0, 0],
            [0, 1, 1e-30, 1e-30],
            [0, 0, 1, 0],
            [1, 0, 0, 1e-30],
        ],
        "float32",
    )
    loss = LOSSES[name](from_logits=False)
    assert_finite(loss, lambda p: ops.cast(p, dtype), probs)


@every_input_by_turns
def test_extreme_binary_heads(name, from_logits):
    y_pred = np.array([[0], [1], [0], [1], [1e-30], [0.5]], "float32")
    y_pred = (y_pred * 2 - 1) * np.float32(1e4) if from_logits else y_pred
    loss = LOSSES[name](from_logits=from_logits)
    labels = np.array([0, 1, 1, 0, 1, 0])
    values, slopes = values_and_slopes(lambda z: loss.call(labels, z), y_pred)
    assert np.isfinite(values).all() and np.isfinite(slopes).all()


def test_a_hopeless_sample_still_pulls_where_the_loss_says_so():
    labels, logits = np.zeros(1, int), np.array([[-1e4, 0.0]], "float32")
    pull = {}
    for name in ("cross_entropy", "gce", "agce"):
        loss = LOSSES[name](from_logits=True)
        _, slopes = values_and_slopes(lambda z: loss.call(labels, z), logits)  # noqa: B023
        pull[name] = slopes[0, 0]
    assert pull == {"cross_entropy": -1, "gce": 0, "agce": 0}


@pytest.mark.parametrize(
    "name", ["cross_entropy", "gce", "agce", "agce_q3", "aul", "aul_cifar"]
)
def test_a_binary_loss_near_zero_keeps_its_digits(name):
    # 1 - p is 2e-9 here, which p itself cannot hold in float32.
    logits = np.array([[20]], "float32")
    loss = LOSSES[name](from_logits=True)
    value = to_numpy(loss.call(np.ones(1, int), logits))[0]
    gap = np.exp(-20) / (1 + np.exp(-20))
    assert value == pytest.approx(-SLOPES[name](np.float64(1)) * gap, rel=1e-5)


# Some of those whose logarithm rounds to the wrong side.
@pytest.mark.parametrize("cutoff", [0.05, 0.13, 0.42, 0.45, 0.53, 0.71, 0.9])
def test_piecewise_zero_keeps_the_cutoff_itself(cutoff):
    p = np.array([[cutoff, 1 - cutoff]], "float32")
    value = to_numpy(losses.PiecewiseZero(cutoff).call(np.zeros(1, int), p))
    assert value[0] == pytest.approx(-np.log(cutoff), rel=1e-4)


def test_piecewise_zero_below_a_cutoff_smaller_than_epsilon():
    p = np.array([[0, 1], [1e-8, 1]], "float32")
    value = losses.PiecewiseZero(1e-9).call(np.zeros(2, int), p)
    np.testing.assert_allclose(to_numpy(value), [0, -np.log(EPSILON)], 1e-5)


def test_piecewise_zero_has_no_gradient_below_its_cutoff():
    loss = losses.PiecewiseZero(0.2, from_logits=True)
    _, slopes = values_and_slopes(lambda z: loss.call(LABELS, z), LOGITS)
    p = softmax(LOGITS)
    given = p[np.arange(len(LABELS)), LABELS]
    assert (given < 0.2).any() and (given > 0.2).any()
    wanted = np.where(given[:, None] < 0.2, 0, p - ONE_HOT)
    np.testing.assert_allclose(slopes, wanted, atol=1e-6)


@pytest.mark.parametrize("name", ["cross_entropy", "gce", "agce", "nce"])
def test_an_impossible_class_leaves_the_others_alone(name):
    """A logit of -inf, as masked classes have, in a class not given."""
    logits = np.array([[0.0, -np.inf, 1.0]], "float32")
    loss = LOSSES[name](from_logits=True)
    integer = to_numpy(loss.call(np.array([0]), logits))
    one_hot = to_numpy(loss.call(np.array([[1.0, 0.0, 0.0]]), logits))
    assert np.isfinite(integer).all()
    np.testing.assert_allclose(integer, one_hot, rtol=1e-6)


def test_entropy_of_an_impossible_class_is_0():
    logits = np.array([[0.0, -np.inf, 0.0]], "float32")
    loss = losses.CrossEntropy(from_logits=True)
    loss = losses.EntropyRegularized(loss, weight=1.0)
    value = to_numpy(loss.call(np.array([0]), logits))
    np.testing.assert_allclose(value, 2 * np.log(2), rtol=1e-6)


@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize("name", ["cross_entropy", "agce", "nce", "nce_agce"])
def test_an_empty_batch_has_no_values(name, from_logits):
    loss = LOSSES[name](from_logits=from_logits)
    empty = np.zeros((0, 3), "float32")
    values = loss.call(np.zeros(0, "int32"), empty)
    assert tuple(values.shape) == (0,)
