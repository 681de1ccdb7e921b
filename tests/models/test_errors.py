"""What CoTeaching refuses, and what it says then."""

import keras
import numpy as np
import pytest

import keras_robust as kr
from tests.models import pairs
from tests.training import frozen


def test_networks():
    made, other = pairs.network(), pairs.network()
    with pytest.raises(ValueError, match="same object.*twice"):
        kr.CoTeaching(made, made, 0.2)
    with pytest.raises(ValueError, match="`model_b` must be a keras.Model"):
        kr.CoTeaching(made, "resnet", 0.2)
    unbuilt = keras.Sequential([keras.layers.Dense(3)])
    with pytest.raises(ValueError, match="`model_a` has no weights.*Input"):
        kr.CoTeaching(unbuilt, made, 0.2)
    around = keras.Sequential([keras.Input((4,)), made])
    with pytest.raises(ValueError, match="share no layer.*kernel"):
        kr.CoTeaching(made, around, 0.2)
    with pytest.raises(ValueError, match="as many outputs.*3 and 5"):
        kr.CoTeaching(made, pairs.network(outputs=5), 0.2)
    wide = keras.Sequential([keras.Input((7,)), keras.layers.Dense(3)])
    with pytest.raises(ValueError, match=r"same inputs.*4\)\].*7\)\]"):
        kr.CoTeaching(made, wide, 0.2)
    x = keras.Input((4,))
    both = keras.Model(x, [other(x), pairs.network()(x)])
    with pytest.raises(ValueError, match="one output.*model_b.*list"):
        kr.CoTeaching(made, both, 0.2)
    dense = [
        keras.Sequential([keras.Input((5, 4)), keras.layers.Dense(3)])
        for _ in range(2)
    ]
    with pytest.raises(ValueError, match=r"one prediction a sample.*5, 3\)"):
        kr.CoTeaching(*dense, 0.2)


def test_the_same_weights():
    model = frozen.compiled(pairs.pair(), "sparse_categorical_crossentropy")
    model.model_b.set_weights(model.model_a.get_weights())
    with pytest.raises(ValueError, match="have the same weights.*2 weights"):
        model.fit(*frozen.samples(), verbose=0)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"noise_rate": 1.0}, "`noise_rate` must.*below 1"),
        ({"noise_rate": -0.1}, "`noise_rate` must.*at least 0"),
        ({"epochs": 0}, "`epochs` must.*at least 1"),
        ({"epochs": 2.5}, "`epochs` must be an integer"),
        ({"exponent": 0}, "`exponent` must.*above 0"),
        ({"exponent": 11}, "`exponent` must.*at most 10"),
        ({"from_logits": "yes"}, "`from_logits` must be True or False"),
    ],
)
def test_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        pairs.pair(**options)


def test_an_epoch():
    with pytest.raises(ValueError, match="`epoch` must.*at least 0"):
        pairs.pair().begin_epoch(-1)


@pytest.mark.parametrize(
    "loss, message",
    [
        ("mse", r"cannot be told.*CoTeaching\(from_logits"),
        ("binary_crossentropy", "yes or no for every class"),
        (kr.losses.CrossEntropy(multi_label=True), "yes or no for every"),
        (kr.losses.CrossEntropy(ignore_class=0), "ignored class.*=0"),
        (kr.losses.CrossEntropy(reduction=None), "one number for a batch"),
        (kr.losses.ActiveNegative(entropy_weight=0.1), "of the whole batch"),
        (["mse", "mae"], "takes one loss"),
    ],
)
def test_losses(loss, message):
    with pytest.raises(ValueError, match=message):
        pairs.pair().compile("sgd", loss=loss)


def test_last_layers():
    networks = pairs.network(), pairs.network(activation=None)
    for ordered in (networks, networks[::-1]):
        model = kr.CoTeaching(*ordered, 0.2)
        with pytest.raises(ValueError, match="is linear, so it gives logits"):
            model.compile("sgd", loss=kr.losses.CrossEntropy())


def test_a_loss_that_does_not_say_what_it_takes():
    model = pairs.pair(from_logits=False)
    frozen.compiled(model, "mse")
    x, labels = frozen.samples()
    rows = np.eye(3)[labels]
    model.begin_epoch(4)
    by = {}
    for name in ("model_a", "model_b"):
        network = getattr(model, name)
        losses = pairs.cross_entropy(network, x, labels)
        squares = (pairs.probabilities(network, x) - rows) ** 2
        by[name] = pairs.chosen(losses, 0.4), squares.mean(axis=1)
    (by_a, of_a), (by_b, of_b) = by.values()
    expected = of_a[by_b].mean() + of_b[by_a].mean()
    assert model.train_on_batch(x, rows) == pytest.approx(expected, rel=1e-5)


def test_the_loss_of_another_output():
    model = frozen.compiled(pairs.pair(), "sparse_categorical_crossentropy")
    x, labels = frozen.samples()
    outputs = model(x, training=True)
    with pytest.raises(ValueError, match="what it returned last"):
        model.compute_loss(x, labels, outputs + 0.0)


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="TensorFlow's strategies"
)
def test_a_strategy():
    import tensorflow as tf

    with tf.distribute.MirroredStrategy(["/cpu:0"]).scope():
        with pytest.raises(ValueError, match="outside of the strategy's"):
            pairs.pair()
