"""A frozen model: what is recorded is what a forward pass gives.

Every test trains at learning rate 0 on shuffled samples, mostly in batches of
which the last is partial, and compares every sample at its own place.
"""

import keras
import numpy as np
import pytest

import keras_robust as kr
from keras_robust.training import native
from keras_robust.training import signals
from keras_robust.training import sources
from keras_robust.training.carrier import Carrier
from keras_robust.training.output import Output
from keras_robust.training.per_sample import PerSample
from keras_robust.training.recorder import Recorder
from tests.training import frozen

EPOCHS = 2


def record(
    model,
    x,
    y,
    labels,
    from_logits=False,
    tolerance=1e-5,
    batch_size=frozen.BATCH,
    names=tuple(signals.SIGNALS),
    **fit,
):
    tracker = frozen.tracker(names)
    data = tracker.track(x, y, batch_size=batch_size)
    model.fit(data, epochs=EPOCHS, verbose=0, callbacks=[tracker], **fit)
    frozen.check(tracker, model, x, labels, EPOCHS, from_logits, tolerance)
    return tracker.trajectories


def one_hot(labels, classes=frozen.CLASSES):
    return np.eye(classes, dtype="float32")[labels]


def as_column(labels):
    return labels[:, None]


def as_floats(labels):
    return labels.astype("float64")


LABELS_AND_LOSSES = [
    (None, "sparse_categorical_crossentropy"),
    (as_column, "sparse_categorical_crossentropy"),
    (as_floats, "sparse_categorical_crossentropy"),
    (one_hot, "categorical_crossentropy"),
    (one_hot, keras.losses.CategoricalFocalCrossentropy()),
    (None, kr.losses.AsymmetricGCE(q=3)),
    (as_column, kr.losses.AsymmetricGCE(q=3)),
    (one_hot, kr.losses.AsymmetricGCE(q=3)),
]
# Ways to say the same loss, which Keras reads.
LABELS_AND_LOSSES += [
    pytest.param(None, loss, marks=pytest.mark.once)
    for loss in (
        keras.losses.SparseCategoricalCrossentropy(),
        keras.losses.SparseCategoricalCrossentropy,
        ["sparse_categorical_crossentropy"],
        keras.losses.sparse_categorical_crossentropy,
        kr.losses.asymmetric_gce,
    )
]


@pytest.mark.parametrize(("shape", "loss"), LABELS_AND_LOSSES)
def test_labels_and_losses(shape, loss):
    x, labels = frozen.samples()
    y = labels if shape is None else shape(labels)
    record(frozen.classifier(loss), x, y, labels, batch_size=frozen.N)


@pytest.mark.parametrize(
    "options",
    [
        {"jit_compile": True},
        {"jit_compile": False},
        {"run_eagerly": True},
        {"metrics": ["accuracy"], "weighted_metrics": ["accuracy"]},
    ],
    ids=str,
)
def test_ways_to_run_a_step(options):
    backend = keras.backend.backend()
    if backend == "torch" and options.get("jit_compile"):
        pytest.skip("torch.compile takes long: see test_torch_compile")
    x, labels = frozen.samples()
    model = frozen.classifier(kr.losses.AsymmetricGCE(q=3), **options)
    record(model, x, labels, labels, batch_size=frozen.N)


@pytest.mark.slow
@pytest.mark.skipif(keras.backend.backend() != "torch", reason="PyTorch's own")
def test_torch_compile():
    x, labels = frozen.samples()
    model = frozen.classifier(kr.losses.AsymmetricGCE(q=3), jit_compile=True)
    record(model, x, labels, labels)


@pytest.mark.skipif(
    keras.backend.backend() == "torch", reason="not there on PyTorch"
)
@pytest.mark.parametrize("steps", [3, 100])
def test_several_steps_an_execution(steps):
    x, labels = frozen.samples()
    model = frozen.classifier(steps_per_execution=steps)
    record(model, x, labels, labels)


def test_validation_data_leaves_the_record_alone():
    x, labels = frozen.samples()
    other, other_labels = frozen.samples(seed=1)
    model = frozen.classifier(metrics=["accuracy"])
    record(model, x, labels, labels, validation_data=(other, other_labels))


def test_tracked_data_can_be_validation_data_too():
    x, labels = frozen.samples()
    tracker = frozen.tracker()
    data = tracker.track(x, labels, batch_size=frozen.BATCH)
    model = frozen.classifier()
    history = model.fit(
        data,
        validation_data=data,
        epochs=EPOCHS,
        verbose=0,
        callbacks=[tracker],
    ).history
    frozen.check(tracker, model, x, labels, EPOCHS)
    np.testing.assert_allclose(history["val_loss"], history["loss"], rtol=1e-5)


def test_sample_weights_weigh_the_loss_alone():
    x, labels = frozen.samples()
    weights = np.linspace(0.0, 2.0, frozen.N).astype("float32")
    tracker = frozen.tracker()
    data = tracker.track(x, labels, batch_size=frozen.N, sample_weight=weights)
    model = frozen.classifier()
    history = model.fit(data, verbose=0, callbacks=[tracker]).history
    frozen.check(tracker, model, x, labels, epochs=1)
    losses = tracker.trajectories.signals["cross_entropy"][0]
    np.testing.assert_allclose(
        history["loss"], [(weights * losses).mean()], rtol=1e-5
    )


@pytest.mark.parametrize(
    "loss",
    [
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        kr.losses.AsymmetricGCE(q=3, from_logits=True),
    ],
    ids=["keras", "ours"],
)
def test_logits(loss):
    x, labels = frozen.samples()
    model = frozen.classifier(loss, activation=None)
    record(model, x, labels, labels, from_logits=True)


@pytest.mark.parametrize(
    ("activation", "loss", "shape"),
    [
        ("sigmoid", "binary_crossentropy", None),
        ("sigmoid", "binary_crossentropy", as_column),
        ("sigmoid", kr.losses.AsymmetricGCE(q=3), as_floats),
        (None, keras.losses.BinaryCrossentropy(from_logits=True), as_floats),
        (None, kr.losses.AsymmetricGCE(q=3, from_logits=True), as_column),
    ],
)
def test_a_binary_head(activation, loss, shape):
    x, labels = frozen.samples(classes=2)
    y = labels if shape is None else shape(labels)
    model = frozen.classifier(loss, activation, outputs=1)
    logits = activation is None
    found = record(model, x, y, labels, logits, batch_size=frozen.N)
    assert found.num_classes == 2


def test_the_class_axis_of_the_loss():
    x, labels = frozen.samples()
    inputs = keras.Input((frozen.FEATURES,))
    outputs = keras.layers.Dense(frozen.CLASSES, activation="softmax")(inputs)
    model = frozen.compiled(
        keras.Model(inputs, outputs), kr.losses.AsymmetricGCE(axis=1)
    )
    record(model, x, labels, labels)


@pytest.fixture
def half_precision():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    yield
    keras.config.set_dtype_policy(before)


def test_mixed_precision(half_precision):
    x, labels = frozen.samples()
    model = frozen.classifier(kr.losses.AsymmetricGCE(q=3))
    assert model.compute_dtype == "float16"
    record(model, x, labels, labels, tolerance=5e-3)


def test_values_are_those_before_the_step():
    """With the whole data set in a batch an epoch is one step."""
    x, labels = frozen.samples()
    model = frozen.classifier(learning_rate=0.5)
    weights = []

    class Snapshot(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            weights.append(self.model.get_weights())

    tracker = frozen.tracker(signals.SIGNALS)
    data = tracker.track(x, labels, batch_size=frozen.N)
    model.fit(data, epochs=3, verbose=0, callbacks=[Snapshot(), tracker])
    recorded = tracker.trajectories.signals
    assert not np.allclose(weights[0][0], weights[2][0])
    for epoch, before in enumerate(weights):
        kernel, bias = (w.astype("float64") for w in before)
        expected = frozen.signals(x @ kernel + bias, labels, from_logits=True)
        for name, values in expected.items():
            np.testing.assert_allclose(
                recorded[name][epoch], values, rtol=1e-4, atol=1e-5
            )


def test_values_are_those_of_training_not_of_inference():
    x, labels = frozen.samples()
    model = keras.Sequential(
        [
            keras.Input((frozen.FEATURES,)),
            keras.layers.Dense(50, activation="relu"),
            keras.layers.Dropout(0.5, seed=1),
            keras.layers.Dense(frozen.CLASSES, activation="softmax"),
        ]
    )
    frozen.compiled(model, "sparse_categorical_crossentropy")
    tracker = frozen.tracker()
    data = tracker.track(x, labels)
    model.fit(data, epochs=2, verbose=0, callbacks=[tracker])
    first, second = tracker.trajectories.signals["cross_entropy"]
    assert np.abs(first - second).min() > 0


def test_a_sample_the_model_cannot_read_is_nan():
    x, labels = frozen.samples()
    x[3, 0] = np.nan
    labels[3] = 2
    model = frozen.classifier()
    tracker = frozen.tracker()
    # The partial batch last, so that the first is a full one.
    data = tracker.track(x, labels, batch_size=frozen.BATCH)
    model.fit(data, verbose=0, shuffle=False, callbacks=[tracker])
    found = tracker.trajectories
    np.testing.assert_array_equal(found.counts, 1)
    # NaN spreads to the weights, even at learning rate 0, and so to samples of
    # later steps; those of the same step are read before that.
    for values in found.signals.values():
        assert np.isnan(values[0, 3])
        assert np.isfinite(values).sum() >= frozen.BATCH - 1


def test_only_what_is_asked_for_and_the_prediction():
    x, labels = frozen.samples()
    model = frozen.classifier()
    tracker = frozen.tracker("margin")
    model.fit(tracker.track(x, labels), verbose=0, callbacks=[tracker])
    assert set(tracker.trajectories.signals) == {"margin", "predicted"}


@pytest.mark.parametrize("count", [3, 16 * 8, 17 * 8 + 1])
def test_batches_that_wait_for_others(count):
    """PyTorch writes some batches at once, and the rest at the epoch's end."""
    x, labels = frozen.samples(count)
    names = ("cross_entropy", "entropy")
    record(frozen.classifier(), x, labels, labels, batch_size=8, names=names)


def test_large_and_small_outputs_take_turns():
    """A last small batch after large ones, which do not wait."""
    x, labels = frozen.samples(5, classes=9000)
    model = frozen.classifier(outputs=9000)
    names = ("cross_entropy", "margin")
    record(model, x, labels, labels, batch_size=4, tolerance=1e-4, names=names)


def test_of_a_sample_seen_twice_the_later_value_counts():
    """Also where batches are written together."""
    _, labels = frozen.samples(4)
    model = frozen.classifier()
    tracked = sources.declared(labels)
    made = PerSample(["confidence"], False, -1)
    recorder = Recorder(made, Output(model), tracked)
    recorder.allocate(Carrier())
    recorder.clear()
    for confidence in (0.5, 0.9, 0.6):
        p = np.full((4, frozen.CLASSES), (1 - confidence) / 2, "float32")
        p[np.arange(4), labels] = confidence
        batch = (np.arange(4), labels, p)
        index, y, y_pred = map(keras.ops.convert_to_tensor, batch)
        recorder.after_loss(native.positions(index), y, y_pred)
    values, counts = recorder.read()
    np.testing.assert_allclose(values[0], 0.6, rtol=1e-5)
    np.testing.assert_array_equal(counts, 3)
