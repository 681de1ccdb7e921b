"""cross_val_predict_probs: every row from a model that has not seen it."""

import gc
import random
import weakref

import keras
import numpy as np
import pytest

import keras_robust as kr

layers = keras.layers


def compiled(network, loss="sparse_categorical_crossentropy", rate=0.3):
    network.compile(keras.optimizers.Adam(rate), loss=loss)
    return network


def small(outputs=3, activation="softmax", features=2, **options):
    """A function that makes a new linear model every time."""

    def model_fn():
        layer = layers.Dense(outputs, activation=activation)
        return compiled(
            keras.Sequential([keras.Input((features,)), layer]), **options
        )

    return model_fn


def blobs(count=60, classes=3, seed=0):
    """Well separated classes on a circle."""
    rng = np.random.default_rng(seed)
    y = np.arange(count) % classes
    angle = 2 * np.pi * y / classes
    x = 3 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return (x + rng.normal(size=x.shape) / 3).astype("float32"), y


def predict(model_fn, x, y, *args, **options):
    options = {"epochs": 5, "verbose": 0, "seed": 1, **options}
    return kr.probe.cross_val_predict_probs(model_fn, x, y, *args, **options)


def check(pred_probs, y, accuracy=0.95):
    y = np.asarray(y)
    assert pred_probs.dtype == np.float32
    assert pred_probs.shape == (len(y), max(int(y.max()) + 1, 2))
    np.testing.assert_allclose(pred_probs.sum(axis=1), 1, atol=1e-6)
    assert (pred_probs.argmax(axis=1) == y).mean() >= accuracy


def test_random_labels_learnt_by_heart_are_chance():
    """A table with an entry a sample: in training it knows every label."""
    count = 60
    y = np.random.default_rng(0).permutation(np.arange(count) % 2)
    x = np.arange(count)[:, None]
    fitted = []

    class Accuracy(keras.callbacks.Callback):
        def on_train_end(self, logs=None):
            fitted.append(logs["accuracy"])

    def model_fn():
        network = keras.Sequential(
            [
                keras.Input((1,), dtype="int32"),
                layers.Embedding(count, 2),
                layers.Flatten(),
                layers.Softmax(),
            ]
        )
        network.compile(
            keras.optimizers.Adam(0.5),
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
        return network

    p = predict(
        model_fn, x, y, 2, epochs=12, callbacks=lambda fold: [Accuracy()]
    )
    assert fitted == [1.0, 1.0]
    # Only what it was told could say more than its random start.
    assert np.abs(p - 0.5).max() < 0.1
    assert 0.25 < (p.argmax(axis=1) == y).mean() < 0.75


def test_rows_are_those_of_the_samples(capsys):
    x, y = blobs()
    order = np.random.default_rng(3).permutation(len(y))
    check(predict(small(), x[order], y[order], 2), y[order])
    assert capsys.readouterr().out == ""


def test_each_row_is_of_the_model_of_its_fold():
    """The models' weights, taken at the end, give the same by hand."""
    x, y = blobs(31)
    seen = {}

    class Watch(keras.callbacks.Callback):
        def __init__(self, fold):
            super().__init__()
            self.fold = fold

        def on_train_end(self, logs=None):
            seen[self.fold] = self.model.get_weights()

    p = predict(small(), x, y, 3, callbacks=lambda fold: [Watch(fold)])
    assert sorted(seen) == [0, 1, 2]
    by_hand = []
    for kernel, bias in seen.values():
        z = x.astype("float64") @ kernel + bias
        e = np.exp(z - z.max(axis=1, keepdims=True))
        by_hand.append(e / e.sum(axis=1, keepdims=True))
    near = np.abs(np.array(by_hand) - p).max(axis=2) < 1e-4
    fold = near.argmax(axis=0)
    assert near.any(axis=0).all()
    # Any fold is asked about its own samples alone.
    assert np.bincount(fold).min() >= 10


@pytest.mark.parametrize(
    ("model_fn", "y_of"),
    [
        (
            small(
                activation=None,
                loss=keras.losses.SparseCategoricalCrossentropy(
                    from_logits=True
                ),
            ),
            lambda y: y[:, None],
        ),
        (
            small(loss="categorical_crossentropy"),
            lambda y: np.eye(3)[y],
        ),
        (
            small(loss=kr.losses.CrossEntropy()),
            lambda y: np.eye(3)[y] * 0.9 + 0.1 / 3,
        ),
    ],
    ids=["logits", "one-hot", "soft"],
)
def test_forms_of_labels_and_outputs(model_fn, y_of):
    x, y = blobs()
    check(predict(model_fn, x, y_of(y), 2, epochs=10), y, 0.9)


@pytest.mark.parametrize(
    ("activation", "from_logits"), [("sigmoid", False), (None, True)]
)
def test_one_output_gives_two_columns(activation, from_logits):
    x, y = blobs(classes=2)
    loss = keras.losses.BinaryCrossentropy(from_logits=from_logits)
    check(predict(small(1, activation, loss=loss), x, y, 2), y)


def test_nested_inputs():
    x, y = blobs()

    def model_fn():
        a, b = keras.Input((1,), name="a"), keras.Input((1,), name="b")
        out = layers.Dense(3, "softmax")(layers.Concatenate()([a, b]))
        return compiled(keras.Model({"a": a, "b": b}, out))

    parts = {"a": x[:, :1], "b": x[:, 1:]}
    check(predict(model_fn, parts, y, 2), y)


def test_a_seed_repeats_it_and_leaves_the_generators():
    x, y = blobs()
    before = random.getstate(), np.random.get_state()
    first = predict(small(), x, y, 2, epochs=2)
    assert random.getstate() == before[0]
    assert repr(np.random.get_state()) == repr(before[1])
    np.testing.assert_allclose(
        predict(small(), x, y, 2, epochs=2), first, atol=1e-6
    )


def test_without_a_seed_none_is_set(monkeypatch):
    def refuse(seed):
        raise AssertionError(seed)

    monkeypatch.setattr(keras.utils, "set_random_seed", refuse)
    x, y = blobs(12)
    assert predict(small(), x, y, 2, epochs=1, seed=None).shape == (12, 3)


def test_weights_reach_the_training():
    """Samples of weight 0 could as well have any label."""
    x, y = blobs(90)
    wrong = np.random.default_rng(0).random(len(y)) < 0.4
    given = np.where(wrong, (y + 1) % 3, y)
    weighed = predict(small(), x, given, 2, sample_weight=~wrong * 1.0)
    check(weighed, y)
    plain = predict(small(), x, given, 2)
    at_y = np.arange(len(y)), y
    assert plain[at_y].mean() < weighed[at_y].mean() - 0.1


def test_models_are_let_go():
    x, y = blobs(12)
    alive, counts = weakref.WeakSet(), []

    def model_fn():
        gc.collect()
        counts.append(len(alive))
        model = small()()
        alive.add(model)
        return model

    predict(
        model_fn,
        x,
        y,
        2,
        epochs=1,
        batch_size=8,
        callbacks=lambda fold: [keras.callbacks.TerminateOnNaN()],
    )
    assert counts == [0, 0]


def test_the_bar_counts_epochs(capsys):
    x, y = blobs(12)

    def early(fold):
        return [keras.callbacks.EarlyStopping(monitor="loss", min_delta=99)]

    predict(small(), x, y, 2, epochs=4, verbose=1, callbacks=early)
    assert "8/8" in capsys.readouterr().out


def test_frozen_features_and_a_small_head():
    """The recipe for pretrained networks: features once, a head a fold."""
    rng = np.random.default_rng(0)
    x, right = blobs(80, classes=2)
    pretrained = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(6, "tanh", name="features"),
            layers.Dense(5, "softmax"),
        ]
    )
    wrong = rng.permutation(80)[:8]
    y = right.copy()
    y[wrong] = 1 - y[wrong]
    features = kr.probe.embeddings(pretrained, x)
    assert features.shape == (80, 6)
    p = predict(small(2, features=6), features, y, 2, epochs=8)
    at_label = p[np.arange(80), y]
    assert set(at_label.argsort()[:8]) == set(wrong)


def test_a_frozen_part_may_be_shared():
    x, y = blobs(24)
    backbone = keras.Sequential([keras.Input((2,)), layers.Dense(4, "tanh")])
    backbone.trainable = False

    def model_fn():
        head = layers.Dense(3, "softmax")
        return compiled(keras.Sequential([keras.Input((2,)), backbone, head]))

    assert predict(model_fn, x, y, 2, epochs=2).shape == (24, 3)
