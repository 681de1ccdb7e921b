"""What the tracker refuses, and in which words."""

import keras
import numpy as np
import pytest

import keras_robust as kr
from keras_robust.training import native
from tests.callbacks.test_loss_trajectory import fit
from tests.training import frozen


@pytest.mark.parametrize("batched", [True, False])
def test_a_dataset_that_is_shuffled_before_track(batched):
    tensorflow = pytest.importorskip("tensorflow")
    x, labels = frozen.samples()
    source = tensorflow.data.Dataset.from_tensor_slices((x, labels))
    source = source.shuffle(frozen.N)
    source = source.batch(frozen.BATCH) if batched else source
    tracker = frozen.tracker()
    data = tracker.track(source, batch_size=None if batched else frozen.BATCH)
    model = frozen.classifier()
    with pytest.raises(ValueError) as error:
        fit(model, tracker, data)
    text = str(error.value)
    assert (
        "samples came with another label than when they were tracked, so "
        "positions no longer name the same samples. A dataset that is shuffled "
        "before `track` gives another order every time: take its shuffle out "
        "and let `track(dataset, batch_size=...)` shuffle, or let the data "
        "say which sample is which with `id_key`. Received: sample "
    ) in text
    with pytest.raises(ValueError, match="Nothing has been recorded yet"):
        _ = tracker.trajectories
    model.fit(x, labels, verbose=0)
    assert "_keras_robust_attachment" not in vars(model)


def test_labels_that_change_after_track():
    x, labels = frozen.samples()
    tracker = frozen.tracker()
    data = tracker.track(x, labels)
    given = int(labels[5])
    labels[5] = (given + 1) % frozen.CLASSES
    with pytest.raises(ValueError) as error:
        fit(frozen.classifier(), tracker, data)
    text = str(error.value)
    assert text.startswith("1 samples came with another label")
    assert text.endswith(
        f"sample 5 with label {labels[5]}, tracked with {given}"
    )


NO_POSITIONS = (
    "The data given to `fit` does not say which samples it holds. Hand over "
    "what `track` returned last: model.fit(tracker.track(x, y), "
    "callbacks=[tracker])."
)


def test_fit_without_the_tracked_data():
    x, labels = frozen.samples()
    model = frozen.classifier()
    tracker = frozen.tracker()
    data = tracker.track(x, labels)
    with pytest.raises(ValueError) as error:
        model.fit(x, labels, verbose=0, callbacks=[tracker])
    assert str(error.value) == NO_POSITIONS
    # The model has kept its weights, and the data can still be used.
    model.fit(x, labels, verbose=0)
    fit(model, tracker, data)
    frozen.check(tracker, model, x, labels, epochs=2)


def test_no_data():
    x, labels = frozen.samples()
    model = frozen.classifier()
    with pytest.raises(ValueError) as error:
        model.fit(x, labels, verbose=0, callbacks=[frozen.tracker()])
    assert str(error.value) == (
        "LossTrajectory has no data yet: call model.fit(tracker.track(x, y), "
        "callbacks=[tracker])."
    )
    assert "_keras_robust_attachment" not in vars(model)


def test_nothing_recorded():
    x, labels = frozen.samples()
    tracker = frozen.tracker()
    data = tracker.track(x, labels, batch_size=frozen.BATCH)
    message = (
        "Nothing has been recorded yet: no epoch has ended, or the tracker was "
        "not among the callbacks of `fit`. Call model.fit(tracker.track(x, y), "
        "callbacks=[tracker])."
    )
    with pytest.raises(ValueError) as error:
        _ = tracker.trajectories
    assert str(error.value) == message
    with pytest.raises(KeyboardInterrupt):
        frozen.classifier().fit(
            data,
            verbose=0,
            callbacks=[tracker, frozen.Interrupt(KeyboardInterrupt(), epoch=0)],
        )
    with pytest.raises(ValueError) as error:
        _ = tracker.trajectories
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("signals", "near"),
    [
        (("crossentropy",), "cross_entropy"),
        ("margins", "margin"),
        (("margin", "acc"), "correct"),
        ((3,), None),
    ],
)
def test_unknown_signals(signals, near):
    with pytest.raises(ValueError) as error:
        kr.callbacks.LossTrajectory(signals=signals)
    text = str(error.value)
    assert text.startswith("Unknown signal. Did you mean ")
    assert "There are: cross_entropy, margin, correct, predicted, " in text
    wrong = signals if isinstance(signals, str) else signals[-1]
    assert text.endswith(f"Received: {wrong!r}")
    assert near is None or f"Did you mean {near!r}?" in text


def test_a_dataset_brings_its_labels():
    tensorflow = pytest.importorskip("tensorflow")
    x, labels = frozen.samples()
    source = tensorflow.data.Dataset.from_tensor_slices((x, labels)).batch(4)
    for arguments, received in (
        ({"y": labels}, "y=ndarray, sample_weight=NoneType"),
        ({"sample_weight": x[:, 0]}, "y=NoneType, sample_weight=ndarray"),
    ):
        with pytest.raises(ValueError) as error:
            frozen.tracker().track(source, **arguments)
        assert str(error.value) == (
            "A dataset carries its labels and weights itself: leave `y` and "
            f"`sample_weight` out. Received: {received}"
        )


def raises(model, *, y=None, **options):
    """The message of the error before the first step, which is not taken."""
    x, labels = frozen.samples()
    labels = labels if y is None else y
    tracker = frozen.tracker(**options)
    data = tracker.track(x, labels)
    before = model.get_weights()
    with pytest.raises(ValueError) as error:
        fit(model, tracker, data)
    for weights, old in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weights, old)
    assert "_keras_robust_attachment" not in vars(model)
    return str(error.value)


def test_more_classes_than_outputs():
    labels = frozen.samples(classes=5)[1]
    first = int(np.argmax(labels >= 3))
    many = np.count_nonzero(labels >= 3)
    assert raises(frozen.classifier(learning_rate=1.0), y=labels) == (
        "Labels must be below the number of classes, 3. Received: "
        f"y[{first}]={labels[first]} ({many} such labels)"
    )


def test_more_classes_than_a_binary_head_has():
    model = frozen.classifier("binary_crossentropy", "sigmoid", outputs=1)
    assert raises(model).startswith(
        "Labels must be below the number of classes, 2. Received: y["
    )


def test_more_classes_than_outputs_of_a_model_not_yet_built():
    labels = frozen.samples(classes=5)[1]
    model = keras.Sequential([keras.layers.Dense(3, activation="softmax")])
    frozen.compiled(model, kr.losses.AsymmetricGCE(), learning_rate=1.0)
    x, _ = frozen.samples()
    tracker = frozen.tracker()
    with pytest.raises(ValueError) as error:
        fit(model, tracker, tracker.track(x, labels))
    first = int(np.argmax(labels == 4))
    assert str(error.value).startswith("Labels must be below the number of c")
    # TensorFlow builds the model in the first step, the others before.
    assert f"Received: y[{first}]=4" in str(error.value) or (
        f"classes, 3. Received: y[{int(np.argmax(labels >= 3))}]="
        in str(error.value)
    )


def test_labels_and_model_of_another_width():
    model = frozen.classifier(kr.losses.AsymmetricGCE(), outputs=5)
    x, labels = frozen.samples()
    tracker = frozen.tracker()
    data = tracker.track(x, labels, num_classes=3)
    with pytest.raises(ValueError) as error:
        fit(model, tracker, data)
    assert str(error.value) == (
        "The labels and the model disagree on the number of classes: give the "
        "last layer as many outputs as there are classes. Received: 3 classes "
        "in the labels, 5 in the model"
    )


def test_a_linear_layer_under_a_loss_on_probabilities():
    model = frozen.classifier(activation=None)
    text = raises(model)
    assert text.startswith(
        f"The model's last layer {model.layers[-1].name!r} is linear, so it "
        "gives logits, but the compiled loss (sparse_categorical_crossentropy) "
        "takes probabilities. Give the loss from_logits=True, or the layer "
        'activation="softmax" ("sigmoid" for one output). Received: '
    )


def test_a_loss_of_which_logits_cannot_be_told():
    x, labels = frozen.samples()
    y = np.eye(frozen.CLASSES, dtype="float32")[labels]
    assert raises(frozen.classifier("mse"), y=y) == (
        "It cannot be told from the compiled loss whether the model gives "
        "logits or probabilities: say so with "
        "LossTrajectory(from_logits=...). Received: loss='mse'"
    )
    for activation, from_logits in (("softmax", False), (None, True)):
        model = frozen.classifier("mse", activation)
        tracker = frozen.tracker(from_logits=from_logits)
        fit(model, tracker, tracker.track(x, y))
        frozen.check(tracker, model, x, labels, 2, from_logits)


def test_a_model_with_two_outputs():
    inputs = keras.Input((frozen.FEATURES,))
    heads = [keras.layers.Dense(3, activation="softmax") for _ in range(2)]
    model = keras.Model(inputs, [head(inputs) for head in heads])
    frozen.compiled(model, "sparse_categorical_crossentropy")
    x, labels = frozen.samples()
    tracker = frozen.tracker()
    # JAX and PyTorch build the loss first: then it is Keras that raises.
    early = native.reads_before_callbacks()
    with pytest.raises(KeyError if early else ValueError) as error:
        fit(model, tracker, tracker.track(x, labels))
    assert early or str(error.value) == (
        "The model has several outputs: say which is meant with "
        f"LossTrajectory(output=...). Received: outputs {model.output_names}"
    )
