"""Stopping without clean labels, and going back to the best weights."""

import keras
import numpy as np
import pytest

import keras_robust as kr
from tests.training import frozen


class Told(keras.callbacks.Callback):
    """In place of training: sets the weights of every epoch."""

    def __init__(self, weights):
        super().__init__()
        self.told = weights

    def on_epoch_begin(self, epoch, logs=None):
        self.model.set_weights(self.told[epoch])


def model_of_features():
    model = keras.Sequential(
        [
            keras.Input((frozen.N,)),
            keras.layers.Dense(frozen.CLASSES, use_bias=False),
        ]
    )
    loss = kr.losses.CrossEntropy(from_logits=True)
    return frozen.compiled(model, loss)


def run(changes, **options):
    """Fits a model whose predictions change that often, epoch by epoch.

    Sample `i` is row `i` of the identity, so its prediction is row `i` of the
    kernel.
    """
    predicted = np.zeros(frozen.N, int)
    told = []
    for count in [0, *changes]:
        predicted[:count] = (predicted[:count] + 1) % frozen.CLASSES
        told.append([9.0 * np.eye(frozen.CLASSES)[predicted]])
    model = model_of_features()
    tracker = frozen.tracker()
    wave = kr.callbacks.LabelWave(tracker, **options)
    x = np.eye(frozen.N, dtype="float32")
    data = tracker.track(x, np.arange(frozen.N) % frozen.CLASSES)
    history = model.fit(
        data, epochs=len(told), verbose=0, callbacks=[Told(told), tracker, wave]
    )
    return wave, model, told, len(history.epoch)


def test_it_stops_at_the_first_minimum():
    changes = [20, 12, 6, 9, 11, 14, 2]
    wave, model, told, epochs = run(changes, window=1, patience=2)
    assert epochs == 6 and wave.changes == changes[:5]
    assert wave.best_epoch == 3
    np.testing.assert_array_equal(model.get_weights()[0], told[3][0])


def test_a_window_forgives_a_jump():
    changes = [20, 8, 12, 4, 2, 12, 14]
    wave, _, _, _ = run(changes, window=1, patience=1)
    assert wave.best_epoch == 2
    wave, _, _, epochs = run(changes, window=3, patience=1)
    assert wave.best_epoch == 5 and epochs == 7


def test_while_it_falls_it_goes_on():
    wave, model, told, epochs = run([9, 7, 5, 3])
    assert epochs == 5 and wave.changes == [9, 7, 5, 3]
    np.testing.assert_array_equal(model.get_weights()[0], told[-1][0])


def predictions(monkeypatch, rows, **options):
    """A LabelWave after epochs whose predictions are known."""
    tracker = frozen.tracker(signals=["predicted"])
    wave = kr.callbacks.LabelWave(
        tracker, restore_best_weights=False, **options
    )
    wave.set_model(frozen.classifier())
    monkeypatch.setattr(type(tracker), "next_epoch", 0)
    wave.on_train_begin()
    for epoch, row in enumerate(rows):
        monkeypatch.setattr(type(tracker), "next_epoch", epoch + 1)
        told = {"predicted": np.array(row, "float32")}
        monkeypatch.setattr(type(tracker), "last_epoch", told)
        wave.on_epoch_end(epoch)
    return wave


def test_a_network_that_has_diverged_is_no_minimum(monkeypatch):
    gone = [np.nan] * 4
    rows = [[0, 0, 0, 0], [1, 1, 1, 0], [1, 1, 2, 2], gone, gone]
    wave = predictions(monkeypatch, rows, window=1, patience=2)
    assert wave.changes == [3, 2] and wave.best_epoch == 2
    assert wave.model.stop_training


def test_epochs_of_some_samples_are_compared_with_the_last_of_each(monkeypatch):
    nan = np.nan
    rows = [
        [0, 0, nan, nan],
        [nan, nan, 1, 1],
        [0, 2, nan, nan],
        [nan, nan, 2, 2],
    ]
    wave = predictions(monkeypatch, rows, window=1)
    # Scaled to all four.
    assert wave.changes == [2, 4]


def test_it_counts_from_its_start_on():
    wave, _, _, epochs = run([2, 8, 6, 4, 5], window=1, patience=1, start=2)
    assert wave.changes == [8, 6, 4, 5] and wave.best_epoch == 4
    assert epochs == 6


def test_the_tracker_stands_before_it():
    model = frozen.classifier()
    tracker = frozen.tracker()
    data = tracker.track(*frozen.samples())
    wave = kr.callbacks.LabelWave(tracker)
    with pytest.raises(ValueError, match="must stand before it"):
        model.fit(data, epochs=2, verbose=0, callbacks=[wave, tracker])


def test_bad_arguments():
    tracker = kr.callbacks.LossTrajectory()
    with pytest.raises(ValueError, match="`tracker` must be"):
        kr.callbacks.LabelWave(None)
    for name in ("patience", "window", "start"):
        with pytest.raises(ValueError, match=f"`{name}` must.*at least 1"):
            kr.callbacks.LabelWave(tracker, **{name: 0})


def test_noisy_validation_labels():
    x = np.eye(frozen.N, dtype="float32")
    labels = np.arange(frozen.N) % frozen.CLASSES
    right = [0.2, 0.5, 0.9, 0.7, 0.6, 0.8]
    told = []
    for share in right:
        predicted = (labels + 1) % frozen.CLASSES
        count = round(share * frozen.N)
        predicted[:count] = labels[:count]
        told.append([9.0 * np.eye(frozen.CLASSES)[predicted]])
    model = model_of_features()
    model.compile(keras.optimizers.SGD(0.0), model.loss, metrics=["accuracy"])
    stop = kr.callbacks.NoisyEarlyStopping(patience=2)
    history = model.fit(
        x,
        labels,
        validation_data=(x, labels),
        epochs=6,
        verbose=0,
        callbacks=[Told(told), stop],
    )
    assert len(history.epoch) == 5
    np.testing.assert_array_equal(model.get_weights()[0], told[2][0])


@pytest.mark.parametrize("metrics", [None, ["accuracy"]])
def test_without_validation_it_raises(metrics):
    model = frozen.classifier(metrics=metrics)
    stop = kr.callbacks.NoisyEarlyStopping()
    x, labels = frozen.samples()
    held = None if metrics else (x, labels)
    with pytest.raises(ValueError, match="validation_data.*'val_accuracy'"):
        model.fit(x, labels, validation_data=held, verbose=0, callbacks=[stop])
