"""cross_val_predict_probs: leaks, bad labels and options are refused."""

import keras
import numpy as np
import pytest

from tests.probe.test_cross_validation import blobs
from tests.probe.test_cross_validation import compiled
from tests.probe.test_cross_validation import predict
from tests.probe.test_cross_validation import small

layers = keras.layers


def fails(match, model_fn=None, x=None, y=None, error=ValueError, **options):
    ours = blobs(24)
    x = ours[0] if x is None else x
    y = ours[1] if y is None else y
    options = {"folds": 2, "epochs": 1, **options}
    with pytest.raises(error, match=match):
        predict(small() if model_fn is None else model_fn, x, y, **options)


def test_the_same_model_again():
    model = small()()
    fails("gave the same model again.*Received: fold 1", lambda: model)


def test_weights_of_another_fold():
    made = []

    def model_fn():
        made.append(small()())
        if len(made) > 1:
            made[-1].set_weights(made[0].get_weights())
        return made[-1]

    fails("weights that another fold has learnt", model_fn)


def test_a_shared_layer_that_learns():
    shared = layers.Dense(4, "tanh")

    def model_fn():
        head = layers.Dense(3, "softmax")
        return compiled(keras.Sequential([keras.Input((2,)), shared, head]))

    fails("weights that another fold has learnt", model_fn)


def test_a_model_that_was_trained_before():
    x, y = blobs(24)

    def model_fn():
        model = small()()
        model.fit(x, y, verbose=0)
        return model

    fails("optimizer has taken 1 steps", model_fn)


def test_an_optimizer_for_all():
    adam = keras.optimizers.Adam()

    def model_fn():
        model = small()()
        model.compile(adam, loss="sparse_categorical_crossentropy")
        return model

    fails("the optimizer of another.*Received: fold 1", model_fn)


def test_a_callback_for_all():
    stop = keras.callbacks.TerminateOnNaN()
    fails("the same TerminateOnNaN for fold 1", callbacks=lambda fold: [stop])


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"callbacks": [1]}, TypeError, r"lambda fold: \[...\]. Received: li"),
        ({"callbacks": lambda fold: 3}, TypeError, r"callbacks\(0\)=3"),
        ({"model_fn": 3}, TypeError, "must be a function that builds"),
        ({"model_fn": keras.Model()}, TypeError, "a function that builds"),
        ({"model_fn": lambda: 3}, TypeError, "Received: int for fold 0"),
        ({"folds": 1}, ValueError, "at least 2. Received: folds=1"),
        ({"folds": 99}, ValueError, "Received: folds=99, 24 samples"),
        ({"folds": 9}, ValueError, "folds=9, largest class of 8 samples"),
        ({"epochs": 0}, ValueError, "Received: epochs=0"),
        ({"batch_size": 2.5}, ValueError, "Received: batch_size=2.5"),
        ({"seed": -1}, ValueError, "Received: seed=-1"),
        ({"stratified": 1}, ValueError, "Received: stratified=1"),
        ({"verbose": 5}, ValueError, "Received: verbose=5"),
        ({"from_logits": 1}, ValueError, "Received: from_logits=1"),
        ({"initial_epoch": 1}, ValueError, "every fold begins with a new"),
        ({"groups": np.zeros(24, int)}, ValueError, "folds=2, 1 groups"),
        ({"groups": np.zeros(24)}, ValueError, "Received: dtype=float64"),
        ({"groups": np.arange(3)}, ValueError, r"Received: shape=\(3,\)"),
        ({"sample_weight": np.ones(3)}, ValueError, r"shape=\(3,\)"),
        (
            {"sample_weight": -np.ones(24)},
            ValueError,
            r"sample_weight\[0\]=-1",
        ),
        ({"resume": "folder", "seed": None}, ValueError, "seed=None"),
    ],
)
def test_arguments(options, error, match):
    fails(match, error=error, **options)


@pytest.mark.parametrize(
    ("y", "match"),
    [
        (np.arange(24) % 3 + 0.5, "must have an integer dtype"),
        (np.array(["a", "b"] * 12), "must have an integer dtype"),
        (np.arange(24) % 3 - 1, r"labels\[0\]=-1"),
        (np.arange(24) % 4, r"labels\[3\]=3, num_classes=3"),
        (np.ones(24, int), "Received: 24 labels, all 1"),
        (np.arange(20) % 3, r"Received: 24 samples, y.shape=\(20,\)"),
        (np.ones((24, 3)), r"y\[0\]=\[1.0, 1.0, 1.0\]"),
        (np.full((24, 3), np.nan), r"y\[0\]=\[nan"),
        (np.zeros(0, int), "at least one integer class number"),
    ],
)
def test_labels(y, match):
    fails(match, y=y)


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 1


@pytest.mark.parametrize(
    ("x", "match"),
    [
        (Batches(), "Received: x of type Batches"),
        (iter([1]), "Received: x of type list_iterator"),
        ([[1.0, 2.0], [3.0, 4.0]], r"np.asarray\(x\). Received: 1.0"),
        ({"a": np.ones((3, 1)), "b": np.ones((4, 1))}, r"\[3, 4\] samples"),
        (np.ones((0, 2)), r"Received: \[0\] samples"),
        ({}, r"Received: \[\] samples"),
    ],
)
def test_samples(x, match):
    fails(match, x=x)


def two_outputs():
    inputs = keras.Input((2,))
    outputs = [layers.Dense(3, "softmax")(inputs) for _ in range(2)]
    return compiled(keras.Model(inputs, outputs))


def of_positions():
    inputs = keras.Input((2,))
    outputs = layers.RepeatVector(4)(layers.Dense(3, "softmax")(inputs))
    return compiled(keras.Model(inputs, outputs))


def not_compiled():
    return keras.Sequential([keras.Input((2,)), layers.Dense(3)])


@pytest.mark.parametrize(
    ("model_fn", "match"),
    [
        (not_compiled, "that is not compiled, for fold 0"),
        (two_outputs, "takes models of one output"),
        (of_positions, r"an output of shape \(None, 4, 3\)"),
        (small(activation=None), "so it gives logits, but the compiled"),
        (small(activation="relu", loss="mse"), "say so with cross_val_predict"),
        (small(activation="sigmoid", loss="binary_crossentropy"), "yes or no"),
    ],
)
def test_models(model_fn, match):
    fails(match, model_fn)


@pytest.mark.parametrize(
    ("value", "match"),
    [(np.nan, "gives NaN or infinity for"), (1.0, "are no probabilities")],
)
def test_outputs_that_are_no_probabilities(value, match):
    def model_fn():
        constant = keras.initializers.Constant(value)
        layer = layers.Dense(
            3, "sigmoid", kernel_initializer="zeros", bias_initializer=constant
        )
        network = keras.Sequential([keras.Input((2,)), layer])
        return compiled(network, rate=0.0)

    fails(match + ".*Received", model_fn)


def test_a_class_within_one_fold():
    x, y = blobs(24)
    y[5] = 3
    with pytest.warns(UserWarning, match=r"classes \[3\], among them sample 5"):
        p = predict(small(4), x, y, 2, epochs=2)
    assert p.shape == (24, 4)


def test_a_class_that_no_sample_has():
    x, y = blobs(24)
    assert predict(small(5), x, y, 2, epochs=1).shape == (24, 5)


def test_models_of_different_classes():
    sizes = iter([3, 4])
    fails(
        "Received: 4 classes in fold 1, 3 before",
        lambda: small(next(sizes))(),
    )
