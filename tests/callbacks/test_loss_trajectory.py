"""The tracker as a user meets it; what it records is in tests/training."""

import copy

import keras
import numpy as np
import pytest

import keras_robust as kr
from keras_robust.training import native
from tests.training import frozen
from tests.training.test_attachment import Interrupt


def fit(model, tracker, data, **options):
    options = {"epochs": 2, "verbose": 0, **options}
    return model.fit(data, callbacks=[tracker], **options)


def test_ids_given_by_the_user():
    x, labels = frozen.samples()
    model = frozen.classifier()
    for names in (
        np.arange(frozen.N) * 7 - 3,
        [f"a/{i}" for i in range(frozen.N)],
    ):
        tracker = frozen.tracker()
        fit(model, tracker, tracker.track(x, labels, ids=names))
        frozen.check(tracker, model, x, labels, epochs=2)
        assert tracker.trajectories.ids.tolist() == list(names)


def test_ids_given_for_a_dataset():
    tensorflow = pytest.importorskip("tensorflow")
    x, labels = frozen.samples()
    names = [f"a/{i}" for i in range(frozen.N)]
    source = tensorflow.data.Dataset.from_tensor_slices((x, labels))
    tracker = frozen.tracker()
    model = frozen.classifier()
    fit(model, tracker, tracker.track(source, batch_size=8, ids=names))
    frozen.check(tracker, model, x, labels, epochs=2)
    assert tracker.trajectories.ids.tolist() == names


def test_the_trajectories_are_complete(tmp_path):
    x, labels = frozen.samples()
    tracker = frozen.tracker()
    model = frozen.classifier()
    fit(model, tracker, tracker.track(x, labels), epochs=3)
    found = tracker.trajectories
    assert list(found.signals) == [
        "cross_entropy",
        "margin",
        "correct",
        "predicted",
    ]
    assert found.num_classes == frozen.CLASSES
    assert found.counts.dtype == "uint16"
    np.testing.assert_array_equal(found.coverage, 1.0)
    np.testing.assert_array_equal(found.epochs, [0, 1, 2])
    found.save(tmp_path / "run.npz")
    loaded = kr.trajectories.Trajectories.load(tmp_path / "run.npz")
    np.testing.assert_array_equal(
        loaded.signals["margin"], found.signals["margin"]
    )


def test_the_trajectories_stay_as_they_were_read():
    x, labels = frozen.samples()
    tracker = frozen.tracker()
    data = tracker.track(x, labels)
    model = frozen.classifier(learning_rate=0.5)
    fit(model, tracker, data, epochs=1)
    first = tracker.trajectories
    before = first.signals["cross_entropy"].copy()
    fit(model, tracker, data)
    np.testing.assert_array_equal(first.signals["cross_entropy"], before)
    assert tracker.trajectories.num_epochs == 3


def test_early_stopping():
    x, labels = frozen.samples()
    tracker = frozen.tracker()
    model = frozen.classifier()
    stop = keras.callbacks.EarlyStopping(monitor="loss", patience=1)
    history = model.fit(
        tracker.track(x, labels, batch_size=frozen.N, shuffle=False),
        epochs=9,
        verbose=0,
        callbacks=[tracker, stop],
    )
    assert len(history.epoch) < 9
    frozen.check(tracker, model, x, labels, epochs=len(history.epoch))


def test_epochs_are_numbered_as_keras_does_and_on():
    x, labels = frozen.samples()
    tracker = frozen.tracker()
    data = tracker.track(x, labels)
    model = frozen.classifier()
    fit(model, tracker, data, initial_epoch=3, epochs=5)
    fit(model, tracker, data, epochs=2)
    fit(model, tracker, data, initial_epoch=10, epochs=11)
    np.testing.assert_array_equal(tracker.trajectories.epochs, [3, 4, 5, 6, 10])
    frozen.check(tracker, model, x, labels, epochs=5)


def test_another_model_or_other_data_begins_anew():
    x, labels = frozen.samples()
    tracker = frozen.tracker()
    data = tracker.track(x, labels)
    model = frozen.classifier()
    fit(model, tracker, data)
    other = frozen.classifier()
    fit(other, tracker, data)
    frozen.check(tracker, other, x, labels, epochs=2)

    less, fewer = x[:9], labels[:9]
    data = tracker.track(less, fewer)
    with pytest.raises(ValueError, match="Nothing has been recorded yet"):
        _ = tracker.trajectories
    fit(other, tracker, data, epochs=1)
    frozen.check(tracker, other, less, fewer, epochs=1)


def test_two_trackers_one_after_the_other():
    x, labels = frozen.samples()
    model = frozen.classifier()
    trackers = [frozen.tracker(), frozen.tracker("margin")]
    for tracker in trackers:
        fit(model, tracker, tracker.track(x, labels))
    first, second = (tracker.trajectories for tracker in trackers)
    np.testing.assert_allclose(
        first.signals["margin"], second.signals["margin"], rtol=1e-5
    )


@pytest.mark.parametrize("twice", [True, False])
def test_two_trackers_at_once_are_refused(twice):
    x, labels = frozen.samples()
    model = frozen.classifier()
    first, second = frozen.tracker(), frozen.tracker()
    data = first.track(x, labels)
    second.track(x[::-1], labels[::-1])
    both = [first, first if twice else second]
    with pytest.raises(ValueError, match="One `fit` takes one tracker"):
        model.fit(data, verbose=0, callbacks=both)
    model.fit(x, labels, verbose=0)
    assert "_keras_robust_attachment" not in vars(model)


def test_the_seed_repeats_the_training():
    x, labels = frozen.samples()
    model = frozen.classifier(learning_rate=0.5)
    start = model.get_weights()
    losses = []
    for seed in (5, 5, 6):
        model.set_weights(start)
        tracker = frozen.tracker()
        data = tracker.track(x, labels, batch_size=frozen.BATCH, seed=seed)
        history = fit(model, tracker, data, shuffle=False).history
        losses.append(history["loss"])
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)
    assert losses[0] != pytest.approx(losses[2], rel=1e-6)
    orders = []
    for _ in range(2):
        keras.utils.set_random_seed(7)
        data = frozen.tracker().track(x, labels)
        data.on_epoch_begin()
        orders.append(data[0][0])
    np.testing.assert_array_equal(*orders)


def test_a_tracker_can_be_copied():
    """KerasTuner copies callbacks for every trial."""
    x, labels = frozen.samples()
    unused = frozen.tracker("margin")
    tracker = copy.deepcopy(unused)
    assert tracker.signals == unused.signals
    model = frozen.classifier()
    fit(model, tracker, tracker.track(x, labels))
    assert tracker.trajectories.num_epochs == 2
    with pytest.raises(ValueError, match="Nothing has been recorded yet"):
        _ = unused.trajectories
    used = copy.deepcopy(tracker)
    np.testing.assert_array_equal(
        used.trajectories.signals["margin"],
        tracker.trajectories.signals["margin"],
    )


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
        "and let `track(dataset, batch_size=...)` shuffle. Received: sample "
    ) in text
    with pytest.raises(ValueError, match="Nothing has been recorded yet"):
        _ = tracker.trajectories
    model.fit(x, labels, verbose=0)
    assert "_keras_robust_attachment" not in vars(model)


def test_a_shuffle_that_repeats_its_order_is_no_problem():
    tensorflow = pytest.importorskip("tensorflow")
    x, labels = frozen.samples()
    source = tensorflow.data.Dataset.from_tensor_slices((x, labels))
    source = source.shuffle(frozen.N, seed=1, reshuffle_each_iteration=False)
    order = list(source.as_numpy_iterator())
    x, labels = (np.array(part) for part in zip(*order, strict=True))
    tracker = frozen.tracker()
    model = frozen.classifier()
    fit(model, tracker, tracker.track(source.batch(frozen.BATCH)))
    frozen.check(tracker, model, x, labels, epochs=2)


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


def test_a_copied_tracker_does_not_know_the_data():
    x, labels = frozen.samples()
    tracker = frozen.tracker()
    data = tracker.track(x, labels)
    other = copy.deepcopy(tracker)
    with pytest.raises(ValueError) as error:
        fit(frozen.classifier(), other, data)
    assert str(error.value) == NO_POSITIONS
    model = frozen.classifier()
    fit(model, tracker, data)
    frozen.check(tracker, model, x, labels, epochs=2)


def test_tracked_data_without_the_callback():
    """Either it trains and evaluates as the plain data does, or it raises."""
    x, labels = frozen.samples()
    model = frozen.classifier()
    tracker = frozen.tracker()
    data = tracker.track(x, labels, batch_size=frozen.N)
    expected = model.evaluate(x, labels, batch_size=frozen.N, verbose=0)

    def uses():
        yield lambda: model.fit(data, verbose=0).history["loss"][0]
        yield lambda: model.evaluate(data, verbose=0)

    for _ in range(2):
        for use in uses():
            if keras.backend.backend() == "tensorflow":
                with pytest.raises(ValueError, match="__label__"):
                    use()
            else:
                assert use() == pytest.approx(expected, rel=1e-5)
        assert model.predict(data, verbose=0).shape == (frozen.N, 3)
        # And again, after the data has been armed once.
        fit(model, tracker, data)


def test_evaluating_with_the_tracker_among_the_callbacks():
    x, labels = frozen.samples()
    model = frozen.classifier()
    expected = model.evaluate(x, labels, verbose=0)
    tracker = frozen.tracker()
    data = tracker.track(x, labels)
    found = model.evaluate(x, labels, verbose=0, callbacks=[tracker])
    assert found == pytest.approx(expected, rel=1e-6)
    fit(model, tracker, data)
    frozen.check(tracker, model, x, labels, epochs=2)
    assert "_keras_robust_attachment" not in vars(model)


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
            callbacks=[tracker, Interrupt(KeyboardInterrupt(), epoch=0)],
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
    assert "There are: cross_entropy, margin, correct, predicted." in text
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
        "Only models with one output can be recorded. Received: 2 outputs"
    )


def test_dense_outputs():
    inputs = keras.Input((2, frozen.FEATURES))
    outputs = keras.layers.Dense(3, activation="softmax")(inputs)
    model = keras.Model(inputs, outputs)
    frozen.compiled(model, kr.losses.AsymmetricGCE())
    x, labels = frozen.samples()
    x = np.stack([x, x], axis=1)
    tracker = frozen.tracker()
    with pytest.raises(ValueError, match="dense outputs. cannot be recorded"):
        tracker.track(x, np.stack([labels, labels], axis=1))
