import keras
import numpy as np
import pytest
from keras import ops

from keras_robust import losses
from keras_robust.theory import asymmetry_ratio
from tests.theory.asked import Ask


def p_given(y_true, y_pred):
    return ops.sum(ops.cast(y_true, y_pred.dtype) * y_pred, axis=-1)


def pointwise(function):
    return lambda y_true, y_pred: function(p_given(y_true, y_pred))


def agce(a, q):
    return pointwise(lambda p: ((a + 1) ** q - (a + p) ** q) / q)


def aul(a, q):
    return pointwise(lambda p: ((a - p) ** q - (a - 1) ** q) / q)


def ael(a):
    return pointwise(lambda p: ops.exp(-p / a))


# The closed forms of the asymmetric losses.
def r_agce(a, q):
    return (a / (a + 1)) ** (1 - q) if q <= 1 else 1.0


def r_aul(a, q):
    return ((a - 1) / a) ** (q - 1) if q > 1 else 1.0


def r_ael(a):
    return np.exp(-1 / a)


@pytest.mark.parametrize(
    "loss, expected",
    [
        (agce(a, q), r_agce(a, q))
        for a, q in [(4, 0.2), (0.6, 0.6), (6, 1.5), (1.8, 3), (0.01, 0.5)]
    ]
    + [
        (aul(a, q), r_aul(a, q))
        for a, q in [(3, 0.1), (5.5, 3), (6.3, 1.5), (6, 3), (1.5, 0.9)]
    ]
    + [(ael(a), r_ael(a)) for a in [3.5, 2.5, 5, 1.5]]
    + [(pointwise(lambda p: 1 - p), 1.0)],
)
def test_numeric_infimum_is_the_closed_form(loss, expected):
    assert asymmetry_ratio(loss) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    "loss, required",
    [
        (agce(0.6, 0.6), 1.480),
        (aul(5.5, 3), 1.494),
        (ael(2.5), 1.492),
        (aul(6.3, 1.5), 1.090),
        (aul(6, 3), 1.440),
        (ael(5), 1.221),
        (ael(1.5), 1.948),
    ],
)
def test_ratio_gives_the_published_requirements(loss, required):
    assert 1 / asymmetry_ratio(loss) == pytest.approx(required, abs=6e-4)


@pytest.mark.parametrize("num_classes", [2, 3, 1000])
def test_number_of_classes_does_not_matter(num_classes):
    ratio = asymmetry_ratio(ael(2.5), num_classes)
    assert ratio == pytest.approx(r_ael(2.5), rel=1e-4)


@pytest.mark.parametrize(
    "loss, numeric",
    [
        (losses.AsymmetricGCE(a=0.6, q=0.6), agce(0.6, 0.6)),
        (losses.AsymmetricUnhinged(a=5.5, q=3), aul(5.5, 3)),
        (losses.AsymmetricExponential(a=2.5), ael(2.5)),
    ],
)
def test_losses_own_ratio_is_used_and_right(loss, numeric):
    assert asymmetry_ratio(loss) == loss.asymmetry_ratio()
    assert asymmetry_ratio(numeric) == pytest.approx(
        loss.asymmetry_ratio(), rel=1e-3
    )


@pytest.mark.parametrize("from_logits", [False, True])
@pytest.mark.parametrize(
    "name, parameters",
    [
        ("agce", {"a": 0.6, "q": 0.6}),
        ("aul", {"a": 5.5, "q": 3}),
        ("ael", {"a": 2.5}),
    ],
)
def test_probabilities_and_logits_agree(name, parameters, from_logits):
    loss = losses.get(name, from_logits=from_logits, **parameters)
    assert asymmetry_ratio(Ask(loss)) == pytest.approx(
        loss.asymmetry_ratio(), rel=1e-3
    )


@pytest.mark.parametrize(
    "loss",
    [
        keras.losses.CategoricalCrossentropy(),
        keras.losses.CategoricalCrossentropy(from_logits=True),
        keras.losses.SparseCategoricalCrossentropy(),
        keras.losses.CategoricalFocalCrossentropy(),
        lambda y_true, y_pred: (
            -ops.log(
                ops.take_along_axis(y_pred, y_true[:, None], axis=-1)[:, 0]
            )
        ),
    ],
    ids=["one-hot", "logits", "integer", "focal", "function"],
)
def test_cross_entropy_and_kin_have_none(loss):
    assert asymmetry_ratio(loss) < 1e-5


def test_integer_labels_are_given_to_who_wants_them():
    def loss(y_true, y_pred):
        column = ops.expand_dims(ops.cast(y_true, "int32"), -1)
        given = ops.take_along_axis(y_pred, column, axis=-1)
        return ops.exp(-ops.squeeze(given, -1) / 2.5)

    assert asymmetry_ratio(loss) == pytest.approx(r_ael(2.5), rel=1e-4)


@pytest.mark.parametrize("num_classes", [2, 10])
def test_keras_mean_absolute_error_is_symmetric(num_classes):
    # Its mean is taken in float32 even of float64 values.
    ratio = asymmetry_ratio(keras.losses.MeanAbsoluteError(), num_classes)
    assert ratio == pytest.approx(1.0, abs=1e-3)


def test_float32_loss_is_searched_in_coarser_steps():
    def loss(y_true, y_pred):
        return ops.exp(-ops.cast(p_given(y_true, y_pred), "float32") / 2.5)

    assert asymmetry_ratio(loss) == pytest.approx(r_ael(2.5), rel=3e-3)


@pytest.mark.parametrize(
    "function",
    [
        lambda p: -(p**0.5) * ops.log(ops.maximum(p, 1e-30)),
        lambda p: ops.where(p < 0.05, 0.0, 1 - p),
        lambda p: p,
    ],
    ids=["hump", "jump", "rising"],
)
def test_loss_that_rises_has_ratio_zero(function):
    assert asymmetry_ratio(pointwise(function)) == 0.0


def test_flat_stretch_away_from_zero_gives_ratio_zero():
    loss = pointwise(lambda p: ops.maximum(0.5 - p, 0.0))
    assert asymmetry_ratio(loss) == 0.0


def test_flat_stretch_at_zero_asks_nothing():
    loss = pointwise(lambda p: 1 - ops.maximum(p, 0.125))
    assert asymmetry_ratio(loss) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "loss, message",
    [
        (
            keras.losses.MeanSquaredError(),
            "one-hot labels it changes with the probabilities of the other",
        ),
        (
            lambda y_true, y_pred: (
                p_given(y_true, y_pred) * (1.0 + y_true[:, 0])
            ),
            "one-hot labels it changes with the label",
        ),
        (
            lambda y_true, y_pred: -ops.sum(y_true * ops.log(y_pred), -1),
            "one-hot labels it is nan at a probability of 1; clip it there",
        ),
        (pointwise(ops.mean), r"returns shape \(\) where one value per"),
        (lambda y_true, y_pred: [][0], "it fails .IndexError: list index"),
        (pointwise(ops.zeros_like), "A constant loss has no asymmetry ratio"),
        ("mae", "must be a `keras.losses.Loss` or a function"),
    ],
)
def test_what_has_no_ratio_is_refused(loss, message):
    with pytest.raises(ValueError, match=message):
        asymmetry_ratio(loss)


@pytest.mark.parametrize("num_classes", [1, 0, 2.5, True, "10"])
def test_number_of_classes_is_checked(num_classes):
    with pytest.raises(ValueError, match="Received: num_classes="):
        asymmetry_ratio(losses.AsymmetricGCE(), num_classes)


def test_precision_and_device_are_left_as_they_were():
    before = ops.convert_to_tensor(np.ones(1)).dtype
    asymmetry_ratio(ael(2.5))
    assert ops.convert_to_tensor(np.ones(1)).dtype == before


@pytest.mark.parametrize("a, classes", [(9, 100), (30, 100), (100, 10)])
def test_a_large_constant_hides_nothing(a, classes):
    """These values are mostly `a^2/K`; they depend on all classes."""
    for loss in (losses.AsymmetricMSE(a=a), losses.JointAsymmetric(a=a)):
        with pytest.raises(ValueError, match="probabilities of the other"):
            asymmetry_ratio(loss, classes)
