"""What Relabel refuses, validation data it trains on above all."""

import keras
import numpy as np
import pytest

import keras_robust as kr
from tests.callbacks.relabelling import Fixed
from tests.callbacks.relabelling import told_losses
from tests.training import frozen

CLASSES = frozen.CLASSES


def test_validation_data_stay_as_they_are():
    model = frozen.classifier()
    x, given = frozen.samples()
    tracker = frozen.tracker()
    held_out = x[:9] + 1.0, given[:9]
    logged = model.fit(
        tracker.track(x, given, batch_size=frozen.N),
        epochs=3,
        verbose=0,
        validation_data=held_out,
        callbacks=[tracker, Fixed(tracker, (given + 1) % CLASSES)],
    ).history
    expected = told_losses(model, *held_out).mean()
    np.testing.assert_allclose(logged["val_loss"], [expected] * 3, rtol=1e-5)
    assert abs(logged["loss"][2] - logged["loss"][0]) > 1e-3


@pytest.mark.filterwarnings("ignore:Relabel begins with epoch")
@pytest.mark.parametrize("which", ["feed", "same", "part", "copy"])
def test_training_data_are_no_validation_data(which):
    model = frozen.classifier()
    x, given = frozen.samples()
    tracker = frozen.tracker()
    data = tracker.track(x, given)
    held_out = {
        "feed": data,
        "same": (x, given),
        "part": (x[20:], given[20:]),
        "copy": (x.astype("float64"), given.astype("float64")),
    }[which]
    with pytest.raises(ValueError, match="not to be judged"):
        model.fit(
            data,
            verbose=0,
            validation_data=held_out,
            callbacks=[tracker, kr.callbacks.Relabel(tracker, start=1)],
        )


@pytest.mark.filterwarnings("ignore:Relabel begins with epoch")
def test_nor_where_tracking_and_fitting_are_one_call():
    model = frozen.classifier()
    x, given = frozen.samples()
    tracker = frozen.tracker()
    with pytest.raises(ValueError, match="not to be judged"):
        tracker.fit(
            model,
            x,
            given,
            verbose=0,
            validation_data=(x, given),
            callbacks=[kr.callbacks.Relabel(tracker, start=1)],
        )


@pytest.mark.filterwarnings("ignore:Relabel begins with epoch")
def test_samples_beside_each_other_and_other_labels_are_held_out():
    model = frozen.classifier()
    x, given = frozen.samples()
    tracker = frozen.tracker()
    for train, held_out in (
        ((x[:15], given[:15]), (x[15:], given[15:])),
        ((x[:15], given[:15]), (x[:15], given[:15] * 0)),
        ((x[::2], given[::2]), (x[1::2], given[1::2])),
    ):
        model.fit(
            tracker.track(*train),
            verbose=0,
            validation_data=held_out,
            callbacks=[tracker, kr.callbacks.Relabel(tracker, start=1)],
        )


@pytest.mark.filterwarnings("ignore:Relabel begins with epoch")
def test_refused():
    x, given = frozen.samples()
    tracker, other = frozen.tracker(), frozen.tracker()
    relabel = kr.callbacks.Relabel
    data = tracker.track(x, given)

    def fit(*callbacks, model=None, data=data):
        model = frozen.classifier() if model is None else model
        model.fit(data, verbose=0, callbacks=list(callbacks))

    with pytest.raises(ValueError, match="Only one callback may replace"):
        fit(tracker, relabel(tracker), relabel(tracker))
    with pytest.raises(ValueError, match="another tracker"):
        fit(tracker, relabel(other))
    with pytest.raises(ValueError, match="Relabel acts on single samples"):
        frozen.classifier().fit(x, given, callbacks=[relabel(tracker)])
    with pytest.raises(ValueError, match="2 labels, 30 samples"):
        fit(tracker, relabel(tracker, truth=[0, 1]))
    labels = np.arange(20).reshape(4, 5) % 3
    model = keras.Sequential(
        [keras.Input((5, 2)), keras.layers.Dense(3, activation="softmax")]
    )
    frozen.compiled(model, "sparse_categorical_crossentropy")
    dense = tracker.track(np.zeros((4, 5, 2), "float32"), labels, num_classes=3)
    with pytest.raises(ValueError, match="several positions"):
        fit(tracker, relabel(tracker), model=model, data=dense)


def test_labels_too_narrow_for_the_classes():
    from keras_robust.callbacks.told_labels import _numbers

    given = keras.ops.convert_to_tensor(np.zeros(2, "uint8"))
    told = keras.ops.convert_to_tensor(np.array([0, 256], "int32"))
    found = keras.ops.convert_to_numpy(_numbers(given, told, 256))
    assert found.tolist() == [0, 255] and found.dtype == "uint8"
    with pytest.raises(ValueError, match="uint8, 257 classes"):
        _numbers(given, told, 257)
    flags = keras.ops.cast(given, "bool")
    with pytest.raises(ValueError, match="bool, 3 classes"):
        _numbers(flags, told, 3)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"threshold": 1.1}, "`threshold` must.*at most 1.*1.1"),
        ({"threshold": -0.1}, "`threshold` must.*at least 0"),
        ({"max_fraction": 0.0}, "`max_fraction` must.*above 0"),
        ({"max_fraction": 1.5}, "`max_fraction` must.*at most 1"),
        ({"start": 0}, "`start` must.*at least 1"),
        ({"every": 0}, "`every` must.*at least 1"),
        ({"window": 0}, "`window` must.*at least 1"),
        ({"score": "aumm"}, "aumm"),
        ({"split": "gmmm"}, "gmmm"),
        ({"truth": [[0, 1]]}, r"`truth` must.*\(1, 2\)"),
        ({"truth": [0.5]}, "`truth` must.*float64"),
        ({"score": "mean_cross_entropy"}, "not record.*LossTrajectory"),
    ],
)
def test_bad_input(options, message):
    tracker = kr.callbacks.LossTrajectory(signals=["margin"])
    with pytest.raises(ValueError, match=message):
        kr.callbacks.Relabel(tracker, **options)


def test_no_tracker_and_no_truth():
    with pytest.raises(ValueError, match="`tracker` must be the LossTraj"):
        kr.callbacks.Relabel("tracker")
    relabel = kr.callbacks.Relabel(kr.callbacks.LossTrajectory())
    with pytest.raises(ValueError, match="truth=None"):
        _ = relabel.precision
    assert relabel.labels is None and relabel.changes is None
