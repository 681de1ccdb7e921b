"""Reading the compiled loss and the last layer."""

import warnings

import keras
import pytest

import keras_robust as kr
from keras_robust.training import head
from tests.training import frozen

NAMES = [
    "sparse_categorical_crossentropy",
    "categorical_crossentropy",
    "binary_crossentropy",
    "categorical_focal_crossentropy",
    "binary_focal_crossentropy",
]


@pytest.mark.parametrize("name", NAMES)
def test_keras_losses_by_name_and_function(name):
    for loss in (name, keras.losses.get(name), [name], {"dense": name}):
        assert head.reads_logits(frozen.classifier(loss)) is False


@pytest.mark.parametrize(
    "loss",
    [
        keras.losses.SparseCategoricalCrossentropy,
        keras.losses.CategoricalCrossentropy,
        keras.losses.BinaryCrossentropy,
        keras.losses.CategoricalFocalCrossentropy,
        keras.losses.BinaryFocalCrossentropy,
        kr.losses.AsymmetricGCE,
        kr.losses.CrossEntropy,
    ],
)
def test_losses_that_say_whether_they_take_logits(loss):
    assert head.reads_logits(frozen.classifier(loss())) is False
    assert head.reads_logits(frozen.classifier(loss)) is False
    logits = frozen.classifier(loss(from_logits=True))
    assert head.reads_logits(logits) is True


def test_losses_on_probabilities_alone():
    loss = keras.losses.CategoricalGeneralizedCrossEntropy()
    assert head.reads_logits(frozen.classifier(loss)) is False
    assert head.reads_logits(frozen.classifier(kr.losses.blurry)) is False


@pytest.mark.parametrize(
    "loss",
    ["mse", "kl_divergence", keras.losses.Huber(), lambda y, p: p[:, 0]],
)
def test_losses_of_which_it_cannot_be_told(loss):
    assert head.reads_logits(frozen.classifier(loss)) is None


def test_the_class_axis_is_the_losses():
    loss = keras.losses.CategoricalCrossentropy(axis=1)
    assert head.class_axis(frozen.classifier(loss)) == 1
    assert head.class_axis(frozen.classifier("mse")) == -1


def test_the_number_of_classes():
    assert head.num_classes(frozen.classifier()) == frozen.CLASSES
    assert head.num_classes(frozen.classifier("mse", outputs=1)) == 2
    unbuilt = keras.Sequential([keras.layers.Dense(3)])
    assert head.num_classes(frozen.compiled(unbuilt, "mse")) is None


def test_a_model_without_a_loss():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    with pytest.raises(ValueError) as error:
        head.compiled_loss(model)
    assert str(error.value) == (
        "The model has no loss: call `model.compile(loss=...)` first."
    )


def test_a_model_with_two_losses():
    inputs = keras.Input((4,))
    outputs = [keras.layers.Dense(3)(inputs), keras.layers.Dense(2)(inputs)]
    model = keras.Model(inputs, outputs)
    frozen.compiled(model, ["mse", "mae"])
    with pytest.raises(ValueError) as error:
        head.compiled_loss(model)
    assert str(error.value) == (
        "The model has several losses: say which output is meant with "
        f"LossTrajectory(output=...). Received: loss={model.loss}"
    )


def stack(*layers):
    return keras.Sequential([keras.Input((4, 4, 1)), *layers])


def nested(model):
    inputs = keras.Input((4, 4, 1))
    return keras.Model(inputs, model(inputs))


layers = keras.layers
LINEAR = {
    "dense": lambda: stack(layers.Flatten(), layers.Dense(3)),
    "linear": lambda: stack(
        layers.Flatten(), layers.Dense(3, activation="linear")
    ),
    "convolution": lambda: stack(layers.Conv2D(3, 1)),
    "nested": lambda: nested(stack(layers.Flatten(), layers.Dense(3))),
    "nested twice": lambda: nested(
        nested(stack(layers.Flatten(), layers.Dense(3)))
    ),
}
PROBABILITIES = {
    "softmax": lambda: stack(
        layers.Flatten(), layers.Dense(3, activation="softmax")
    ),
    "sigmoid": lambda: stack(
        layers.Flatten(), layers.Dense(1, activation="sigmoid")
    ),
    "convolution": lambda: stack(layers.Conv2D(3, 1, activation="softmax")),
    "activation": lambda: stack(
        layers.Flatten(), layers.Dense(3), layers.Activation("softmax")
    ),
    "nested": lambda: nested(
        stack(layers.Flatten(), layers.Dense(3, activation="softmax"))
    ),
}
# What Keras's guide to mixed precision puts last, and layers of one's own.
UNKNOWN = {
    "cast": lambda: stack(
        layers.Flatten(),
        layers.Dense(3, activation="softmax"),
        layers.Activation("linear", dtype="float32"),
    ),
    "layer": lambda: stack(layers.Flatten(), layers.Dense(3), layers.Softmax()),
    "reshape": lambda: stack(
        layers.Flatten(), layers.Dense(3), layers.Reshape((3,))
    ),
    "unbuilt": lambda: keras.Sequential([layers.Dense(3)]),
}


@pytest.mark.parametrize("make", LINEAR.values(), ids=LINEAR)
def test_a_linear_layer_under_a_loss_on_probabilities(make):
    model = frozen.compiled(make(), kr.losses.AsymmetricGCE(q=3))
    with pytest.raises(ValueError) as error:
        head.check(model)
    last = model
    while isinstance(last, keras.Model):
        last = last.layers[-1]
    assert str(error.value) == (
        f"The model's last layer {last.name!r} is linear, so it gives logits, "
        "but the compiled loss (AsymmetricGCE) takes probabilities. Give the "
        'loss from_logits=True, or the layer activation="softmax" ("sigmoid" '
        "for one output). Received: activation='linear', from_logits=False"
    )


@pytest.mark.parametrize("make", LINEAR.values(), ids=LINEAR)
def test_a_linear_layer_under_a_loss_on_logits(make):
    model = frozen.compiled(make(), kr.losses.AsymmetricGCE(from_logits=True))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        head.check(model)
        head.check(frozen.compiled(make(), "mse"))


@pytest.mark.parametrize("make", PROBABILITIES.values(), ids=PROBABILITIES)
def test_probabilities_under_a_loss_on_logits(make):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model = frozen.compiled(make(), loss)
    with pytest.warns(UserWarning) as warned:
        head.check(model)
    text = str(warned[0].message)
    name = "sigmoid" if model.output_shape[-1] == 1 else "softmax"
    assert f"gives probabilities ({name}), but the compiled loss has" in text
    assert f"from_logits=True: the {name} is applied twice. Drop one" in text


@pytest.mark.parametrize("make", PROBABILITIES.values(), ids=PROBABILITIES)
def test_probabilities_under_a_loss_on_probabilities(make):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for loss in ("sparse_categorical_crossentropy", "mse"):
            head.check(frozen.compiled(make(), loss))


@pytest.mark.parametrize("make", UNKNOWN.values(), ids=UNKNOWN)
def test_what_cannot_be_told_passes(make):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for loss in (
            kr.losses.AsymmetricGCE(),
            kr.losses.AsymmetricGCE(from_logits=True),
        ):
            head.check(frozen.compiled(make(), loss))


def test_the_name_of_the_loss():
    names = {
        "sparse_categorical_crossentropy": "sparse_categorical_crossentropy",
        kr.losses.asymmetric_gce: "asymmetric_gce",
        kr.losses.AsymmetricGCE(): "AsymmetricGCE",
        keras.losses.Huber: "Huber",
    }
    for loss, name in names.items():
        assert head.loss_name(frozen.classifier(loss)) == name


def unknown_end(end, loss):
    """A model whose last layer does not tell what it gives."""
    inputs = keras.Input((frozen.FEATURES,))
    hidden = keras.layers.Dense(frozen.CLASSES)(inputs)
    outputs = keras.layers.Lambda(end)(hidden)
    return frozen.compiled(keras.Model(inputs, outputs), loss)


def warned_of_outputs(end, loss):
    x, y = frozen.samples()
    tracker = frozen.tracker()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        unknown_end(end, loss).fit(
            tracker.track(x, y), epochs=2, verbose=0, callbacks=[tracker]
        )
    texts = [str(warning.message) for warning in caught]
    return [text for text in texts if "outputs" in text]


def test_outputs_that_are_no_probabilities_are_warned_of_once():
    (text,) = warned_of_outputs(lambda z: 5 * z, kr.losses.CrossEntropy())
    assert "outputs are no probabilities" in text
    assert "from_logits=True" in text


def test_probabilities_under_a_loss_on_logits_are_warned_of_once():
    loss = kr.losses.CrossEntropy(from_logits=True)
    (text,) = warned_of_outputs(keras.ops.softmax, loss)
    assert "softmax is applied twice" in text


@pytest.mark.parametrize("from_logits", [False, True])
def test_right_outputs_are_not_warned_of(from_logits):
    loss = kr.losses.CrossEntropy(from_logits=from_logits)
    end = (lambda z: 5 * z) if from_logits else keras.ops.softmax
    assert warned_of_outputs(end, loss) == []
