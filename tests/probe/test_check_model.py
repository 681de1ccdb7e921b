"""check_model: the tests of what it reads are in tests/training/test_head."""

import warnings

import keras
import pytest

import keras_robust as kr
from tests.training import frozen


def images(*layers):
    return keras.Sequential([keras.Input((5, 5, 1)), *layers])


def nested(model):
    inputs = keras.Input(model.input_shape[1:])
    return keras.Model(inputs, model(inputs))


layers = keras.layers


@pytest.mark.parametrize(
    "make",
    [
        lambda: images(layers.Flatten(), layers.Dense(3)),
        lambda: images(layers.Flatten(), layers.Dense(1)),
        lambda: images(layers.Conv2D(3, 3)),
        lambda: nested(images(layers.Flatten(), layers.Dense(3))),
    ],
    ids=["dense", "one output", "convolution", "nested"],
)
@pytest.mark.parametrize(
    "loss",
    [
        "sparse_categorical_crossentropy",
        keras.losses.BinaryCrossentropy(),
        kr.losses.AsymmetricGCE(q=3),
        kr.losses.asymmetric_gce,
        kr.losses.NormalizedCrossEntropy() + kr.losses.Blurry(),
    ],
    ids=["name", "keras", "ours", "function", "sum"],
)
def test_logits_for_a_loss_on_probabilities(make, loss):
    model = frozen.compiled(make(), loss)
    with pytest.raises(ValueError) as error:
        kr.probe.check_model(model)
    text = str(error.value)
    assert "is linear, so it gives logits, but the compiled loss" in text
    assert 'from_logits=True, or the layer activation="softmax"' in text
    assert text.endswith("Received: activation='linear', from_logits=False")


@pytest.mark.parametrize(
    ("make", "loss"),
    [
        (
            lambda: images(layers.Flatten(), layers.Dense(3)),
            kr.losses.AsymmetricGCE(from_logits=True),
        ),
        (
            lambda: images(layers.Flatten(), layers.Dense(3)),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        ),
        (
            lambda: images(layers.Flatten(), layers.Dense(3, "softmax")),
            "sparse_categorical_crossentropy",
        ),
        (lambda: images(layers.Flatten(), layers.Dense(1)), "mse"),
        (lambda: images(layers.Flatten(), layers.Dense(1)), "huber"),
        (
            lambda: images(layers.Flatten(), layers.Dense(3), layers.Softmax()),
            kr.losses.AsymmetricGCE(),
        ),
        (
            lambda: nested(
                images(layers.Flatten(), layers.Dense(3, "softmax"))
            ),
            kr.losses.AsymmetricGCE(),
        ),
    ],
    ids=[
        "logits",
        "keras logits",
        "softmax",
        "regression",
        "huber",
        "own softmax",
        "nested softmax",
    ],
)
def test_models_that_fit_their_loss(make, loss):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert kr.probe.check_model(frozen.compiled(make(), loss)) is None


def test_softmax_twice():
    loss = kr.losses.AsymmetricGCE(from_logits=True)
    with pytest.warns(UserWarning, match="the softmax is applied twice"):
        kr.probe.check_model(frozen.classifier(loss))


def test_a_model_that_is_not_compiled():
    model = images(layers.Flatten(), layers.Dense(3))
    with pytest.raises(ValueError, match="call `model.compile"):
        kr.probe.check_model(model)
