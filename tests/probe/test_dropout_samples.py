"""predict_samples: dropout is on, all else as in predict, nothing changes."""

import random

import keras
import numpy as np
import pytest

import keras_robust as kr

layers = keras.layers


def network(*before, outputs=3, activation="softmax", name=None):
    return keras.Sequential(
        [
            keras.Input((4,)),
            *before,
            layers.Dense(outputs, activation=activation),
        ],
        name=name,
    )


def x_of(count=6):
    return np.random.default_rng(0).normal(size=(count, 4)).astype("float32")


def sample(model, x, samples=4, **options):
    options = {"seed": 0, **options}
    return kr.probe.predict_samples(model, x, samples, **options)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def test_every_answer_is_one_of_some_mask():
    """One unit, dropped or doubled: the two answers by hand, half and half."""
    model = network(layers.Dense(1, activation="relu"), layers.Dropout(0.5))
    x = np.abs(x_of(40))
    first, _, last = model.layers
    first.set_weights([np.full((4, 1), 0.5), np.ones(1)])
    kernel, bias = (w.astype("float64") for w in last.get_weights())
    h = x.astype("float64").sum(axis=1, keepdims=True) * 0.5 + 1
    dropped, kept = (
        softmax(h * 0 @ kernel + bias),
        softmax(2 * h @ kernel + bias),
    )
    p = sample(model, x, 20, batch_size=16)
    assert p.shape == (20, 40, 3) and p.dtype == np.float32
    is_dropped = np.abs(p - dropped).max(axis=2) < 1e-5
    is_kept = np.abs(p - kept).max(axis=2) < 1e-5
    assert (is_dropped ^ is_kept).all()
    # 800 draws of a half: 5 standard deviations are 0.09.
    assert 0.41 < is_dropped.mean() < 0.59
    # No two samples share their masks.
    assert len(np.unique(is_dropped, axis=1).T) == 40


def test_batch_normalization_stays_in_inference():
    """Its statistics are far from those of the batch, and stay there."""
    model = network(layers.BatchNormalization(), layers.Dropout(0.3))
    norm = model.layers[0]
    norm.set_weights([np.ones(4), np.zeros(4), np.full(4, 50.0), np.ones(4)])
    x = x_of(3)
    model.layers[-1].set_weights([np.eye(4, 3) / 50, np.zeros(3)])
    p = sample(model, x, 30)
    z = (x.astype("float64") - 50) / np.sqrt(1.001) / 50
    # Every number is dropped or divided by 0.7: at most 8 answers a sample.
    masks = np.array(np.meshgrid(*[[0, 1 / 0.7]] * 3)).reshape(3, -1).T
    answers = softmax((z[:, None, :3] * masks).reshape(-1, 3)).reshape(3, 8, 3)
    distance = np.abs(p[:, :, None] - answers).max(axis=3).min(axis=2)
    assert distance.max() < 1e-5
    np.testing.assert_array_equal(norm.get_weights()[2], 50.0)


def state(model):
    values = [keras.ops.convert_to_numpy(v).copy() for v in model.variables]
    return values, random.getstate(), repr(np.random.get_state())


def test_nothing_changes():
    model = network(
        layers.BatchNormalization(),
        layers.Dropout(0.5),
        layers.GaussianDropout(0.5, seed=3),
    )
    model.compile("sgd", loss="sparse_categorical_crossentropy")
    x = x_of()
    plain = model.predict(x, verbose=0)
    model.fit(x, np.arange(6) % 3, verbose=0)
    plain = model.predict(x, verbose=0)
    before = state(model)
    p = sample(model, x)
    after = state(model)
    for ours, theirs in zip(before[0], after[0], strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert before[1:] == after[1:]
    assert np.abs(p - plain).max() > 0.01
    # The function that the model had compiled has no dropout in it.
    np.testing.assert_array_equal(model.predict(x, verbose=0), plain)
    assert not any("call" in vars(layer) for layer in model.layers)


def test_training_draws_what_it_would_have_drawn():
    x, y = x_of(), np.arange(6) % 3

    def trained(asked):
        keras.utils.set_random_seed(5)
        model = network(layers.Dropout(0.5))
        model.compile("sgd", loss="sparse_categorical_crossentropy")
        model.fit(x, y, verbose=0)
        if asked:
            sample(model, x)
        model.fit(x, y, verbose=0)
        return model.get_weights()[0]

    np.testing.assert_array_equal(trained(False), trained(True))


def test_seeds():
    model = network(layers.Dropout(0.5))
    x = x_of()
    np.testing.assert_array_equal(sample(model, x), sample(model, x))
    assert np.abs(sample(model, x, seed=1) - sample(model, x)).max() > 0.01
    free = [sample(model, x, seed=None) for _ in range(2)]
    assert np.abs(free[0] - free[1]).max() > 0.01


def test_means():
    model = network(layers.Dropout(0.5), outputs=1, activation=None)
    x = x_of(7)
    p = sample(model, x, 5, batch_size=3).astype("float64")
    assert p.shape == (5, 7, 2)
    mean = sample(model, x, 5, batch_size=3, reduce="mean")
    np.testing.assert_allclose(mean.pred_probs, p.mean(axis=0), atol=1e-6)
    entropy = -(p * np.log(p)).sum(axis=2).mean(axis=0)
    np.testing.assert_allclose(mean.entropy, entropy, atol=1e-5)
    assert mean.pred_probs.dtype == mean.entropy.dtype == np.float32


def test_the_entropy_of_certainty_is_zero():
    model = network(layers.Dropout(0.5))
    kernel, _ = model.layers[-1].get_weights()
    model.layers[-1].set_weights([kernel * 0, np.array([500.0, 0, 0])])
    mean = sample(model, x_of(), reduce="mean")
    np.testing.assert_array_equal(mean.entropy, 0)


class Block(layers.Layer):
    """Dropout within a layer of one's own."""

    def __init__(self):
        super().__init__()
        self.dropout = layers.Dropout(0.5)

    def call(self, inputs, training=False):
        return self.dropout(inputs, training=training)


class Mine(layers.Layer):
    """No dropout of Keras's."""

    def __init__(self, **options):
        super().__init__(**options)
        self.seed = keras.random.SeedGenerator(1)

    def call(self, inputs, training=False):
        if not training:
            return inputs
        return inputs * keras.random.uniform((4,), seed=self.seed)


def sequence(*before):
    return network(layers.Reshape((4, 1)), *before)


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.drop, self.head = layers.Dropout(0.5), layers.Dense(3, "softmax")

    def call(self, inputs):
        return self.head(self.drop(inputs))


def subclassed():
    model = Subclassed()
    model(x_of())
    return model


def nested():
    inner = keras.Sequential([keras.Input((4,)), layers.Dropout(0.5)])
    return network(inner)


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (nested, {}),
        (lambda: network(Block()), {}),
        (lambda: network(Mine(name="mine")), {"layers": ["mine"]}),
        (lambda: sequence(layers.LSTM(3, dropout=0.5)), {}),
        pytest.param(
            lambda: sequence(layers.Bidirectional(layers.GRU(2, dropout=0.5))),
            {},
            marks=pytest.mark.once,
        ),
        pytest.param(
            lambda: sequence(layers.SpatialDropout1D(0.5), layers.Flatten()),
            {},
            marks=pytest.mark.once,
        ),
        (subclassed, {"from_logits": False}),
    ],
    ids=["nested", "block", "own", "lstm", "both ways", "spatial", "subclass"],
)
def test_wherever_dropout_is(make, options):
    model, x = make(), x_of()
    plain = model.predict(x, verbose=0)
    p = sample(model, x, **options)
    assert np.abs(p - plain).max() > 1e-3
    assert np.ptp(p, axis=0).max() > 1e-3
    np.testing.assert_allclose(p.sum(axis=2), 1, atol=1e-6)
    np.testing.assert_array_equal(sample(model, x, **options), p)
    np.testing.assert_array_equal(model.predict(x, verbose=0), plain)


def test_nested_inputs():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    dropped = layers.Dropout(0.5)(layers.Add()([a, b]))
    model = keras.Model(
        {"a": a, "b": b}, layers.Dense(3, activation="softmax")(dropped)
    )
    assert sample(model, {"a": x_of(), "b": x_of()}).shape == (4, 6, 3)


def dropout():
    return network(layers.Dropout(0.5))


@pytest.mark.parametrize(
    ("make", "options", "match"),
    [
        (network, {}, "The model has no dropout"),
        (lambda: network(layers.Dropout(0.0)), {}, "The model has no dropout"),
        (lambda: sequence(layers.LSTM(3)), {}, "The model has no dropout"),
        (dropout, {"layers": ["dense_99"]}, r"not there: \['dense_99'\]"),
        (dropout, {"layers": "dropout"}, "must be a list of names"),
        (
            lambda: network(layers.Flatten(name="a"), layers.Dropout(0.5)),
            {"layers": ["a"]},
            "must have `training`.*Received: Flatten 'a'",
        ),
        (dropout, {"samples": 0}, "Received: samples=0"),
        (dropout, {"reduce": "max"}, "Received: reduce='max'"),
        (dropout, {"seed": -1}, "Received: seed=-1"),
        (dropout, {"x": [[1.0]]}, "Received: 1.0 in `x`"),
        (dropout, {"x": np.full((2, 4), np.nan)}, "outputs of sample [01]"),
        (Subclassed, {}, "Received: Subclassed, built=False"),
        (lambda: 3, {}, "Received: int, built=None"),
        (subclassed, {}, r"predict_samples\(from_logits=...\)"),
    ],
)
def test_refusals(make, options, match):
    model, options = make(), dict(options)
    with pytest.raises(ValueError, match=match):
        sample(model, options.pop("x", x_of()), **options)


def test_an_error_leaves_the_model_as_it_was():
    model = dropout()
    bad = x_of(4)
    bad[3] = np.inf
    with pytest.raises(ValueError, match="outputs of sample 3"):
        sample(model, bad, batch_size=2)
    plain = model(x_of(), training=False)
    again = model(x_of(), training=False)
    np.testing.assert_array_equal(
        *map(
            keras.ops.convert_to_numpy,
            map(keras.ops.stop_gradient, [plain, again]),
        )
    )
