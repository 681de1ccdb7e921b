"""embeddings: the classifier's input, of any graph; others are refused."""

import keras
import numpy as np
import pytest

import keras_robust as kr

layers = keras.layers


def x_of(count=7, shape=(4,)):
    rng = np.random.default_rng(0)
    return rng.normal(size=(count, *shape)).astype("float32")


def mlp(*after):
    return keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(6, activation="relu", name="hidden"),
            layers.Dropout(0.5),
            layers.Dense(3, name="logits"),
            *after,
        ]
    )


def by_hand(model, x):
    kernel, bias = model.get_layer("hidden").get_weights()
    return np.maximum(x.astype("float64") @ kernel + bias, 0)


@pytest.mark.parametrize(
    "after",
    [[], [layers.Softmax], [layers.BatchNormalization, layers.Softmax]],
    ids=["logits", "softmax", "normalized"],
)
def test_the_input_of_the_classifier(after):
    model, x = mlp(*[make() for make in after]), x_of()
    before = [w.copy() for w in model.get_weights()]
    names = [layer.name for layer in model.layers]
    h = kr.probe.embeddings(model, x, batch_size=3)
    assert h.dtype == np.float32
    np.testing.assert_allclose(h, by_hand(model, x), rtol=1e-5, atol=1e-6)
    for ours, theirs in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert names == [layer.name for layer in model.layers]
    # And again, on a model whose layers are used twice by now.
    np.testing.assert_array_equal(
        h, kr.probe.embeddings(model, x, batch_size=3)
    )


def test_names_and_places():
    model, x = mlp(), x_of()
    hidden = by_hand(model, x)
    for layer in ("hidden", 0, -3, 1):
        h = kr.probe.embeddings(model, x, layer)
        np.testing.assert_allclose(h, hidden, rtol=1e-5, atol=1e-6)
    logits = kr.probe.embeddings(model, x, layer=-1)
    np.testing.assert_allclose(logits, model.predict(x, verbose=0), rtol=1e-5)


def test_a_backbone_within():
    backbone = keras.Sequential(
        [keras.Input((4,)), layers.Dense(6, "relu", name="hidden")],
        name="backbone",
    )
    model = keras.Sequential(
        [keras.Input((4,)), backbone, layers.Dense(3, "softmax")]
    )
    x = x_of()
    hidden = by_hand(backbone, x)
    for layer in (None, "backbone"):
        h = kr.probe.embeddings(model, x, layer)
        np.testing.assert_allclose(h, hidden, rtol=1e-5, atol=1e-6)


def test_feature_maps():
    inputs = keras.Input((5, 5, 2))
    maps = layers.Conv2D(4, 3, name="maps", activation="relu")(inputs)
    scores = layers.Conv2D(3, 1)(maps)
    model = keras.Model(inputs, layers.GlobalAveragePooling2D()(scores))
    x = x_of(shape=(5, 5, 2))
    whole = kr.probe.embeddings(model, x, pool=None)
    assert whole.shape == (7, 3, 3, 4)
    pooled = kr.probe.embeddings(model, x)
    np.testing.assert_allclose(pooled, whole.mean(axis=(1, 2)), rtol=1e-5)


def test_masked_positions_are_left_out():
    model = keras.Sequential(
        [
            keras.Input((4,), dtype="int32"),
            layers.Embedding(9, 5, mask_zero=True, name="words"),
            layers.GlobalAveragePooling1D(),
            layers.Dense(2),
        ]
    )
    table = model.get_layer("words").get_weights()[0]
    x = np.array([[3, 4, 0, 0], [1, 2, 5, 8]], dtype="int32")
    expected = [table[[3, 4]].mean(axis=0), table[[1, 2, 5, 8]].mean(axis=0)]
    for layer in ("words", None):
        h = kr.probe.embeddings(model, x, layer)
        np.testing.assert_allclose(h, expected, rtol=1e-5)


def test_nested_inputs_and_paths_that_join():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    joined = layers.Concatenate(name="joined")([a, b])
    model = keras.Model({"a": a, "b": b}, layers.Dense(3)(joined))
    x = {"a": x_of(), "b": x_of() + 1}
    expected = np.concatenate([x["a"], x["b"]], axis=1)
    np.testing.assert_array_equal(kr.probe.embeddings(model, x), expected)


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(3)

    def call(self, inputs):
        return self.dense(inputs)


def ends_with_a_model():
    inputs = keras.Input((4,))
    return keras.Model(inputs, mlp()(inputs))


def two_heads():
    inputs = keras.Input((4,))
    shared = layers.Dense(3, name="shared")
    ways = [shared(inputs), shared(layers.Activation("relu")(inputs))]
    return keras.Model(inputs, layers.Add(name="sum")(ways))


def no_layer():
    inputs = keras.Input((4,), name="in")
    return keras.Model(inputs, layers.Activation("softmax")(inputs))


@pytest.mark.parametrize(
    ("make", "options", "match"),
    [
        (Subclassed, {}, "of a subclassed model take the layers before"),
        (
            lambda: keras.Sequential([layers.Dense(3)]),
            {},
            "Begin a Sequential model with keras.Input",
        ),
        (ends_with_a_model, {}, "The model ends with another model"),
        (two_heads, {}, "Received: 'sum' with 2 inputs"),
        (two_heads, {"layer": "shared"}, "2 outputs in the model"),
        (no_layer, {}, "No layer with a kernel"),
        (mlp, {"layer": "other"}, r"layer='other', layers \['hidden'"),
        (mlp, {"layer": 9}, "layer=9"),
        (mlp, {"layer": True}, "layer=True"),
        (mlp, {"pool": "max"}, "Received: pool='max'"),
        (mlp, {"batch_size": 0}, "Received: batch_size=0"),
        (
            no_layer,
            {"x": np.full((2, 4), np.nan), "layer": "in"},
            "embedding of sample 0",
        ),
        (mlp, {"x": iter([1])}, "x of type list_iterator"),
        (lambda: 3, {}, "Received: int"),
    ],
)
def test_refusals(make, options, match):
    model, options = make(), dict(options)
    with pytest.raises(ValueError, match=match):
        kr.probe.embeddings(model, options.pop("x", x_of()), **options)
