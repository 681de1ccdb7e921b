"""mode="eval": a pass at the end of every epoch."""

import keras
import numpy as np
import pytest

from tests.training import frozen


def test_values_are_those_of_inference():
    x, labels = frozen.samples()
    model = keras.Sequential(
        [
            keras.Input((frozen.FEATURES,)),
            keras.layers.Dropout(0.5, seed=1),
            keras.layers.Dense(frozen.CLASSES, activation="softmax"),
        ]
    )
    frozen.compiled(model, "sparse_categorical_crossentropy", 0.1)
    outputs = []

    class Predict(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            outputs.append(self.model.predict(x, verbose=0))

    tracker = frozen.tracker(mode="eval")
    data = tracker.track(x, labels, batch_size=frozen.BATCH)
    model.fit(data, epochs=3, verbose=0, callbacks=[Predict(), tracker])
    found = tracker.trajectories
    np.testing.assert_array_equal(found.counts, 1)
    assert not np.allclose(outputs[0], outputs[2], rtol=1e-3)
    for epoch, output in enumerate(outputs):
        for name, values in frozen.signals(output, labels).items():
            if name in found.signals:
                np.testing.assert_allclose(
                    found.signals[name][epoch], values, rtol=1e-4, atol=1e-5
                )


def test_the_model_may_train_on_other_data():
    x, labels = frozen.samples()
    blended = np.eye(frozen.CLASSES, dtype="float32")[labels] * 0.7
    blended += 0.3 * np.roll(blended, 1, axis=0) / 0.7
    model = frozen.classifier("categorical_crossentropy")
    tracker = frozen.tracker(mode="eval")
    tracker.track(x, labels)
    model.fit(x, blended, verbose=0, epochs=2, callbacks=[tracker])
    frozen.check(tracker, model, x, labels, 2)


def test_the_pass_is_shown(capsys):
    x, labels = frozen.samples()
    tracker = frozen.tracker(mode="eval")
    data = tracker.track(x, labels, batch_size=frozen.BATCH)
    frozen.classifier().fit(data, verbose=1, callbacks=[tracker])
    assert "recorded" in capsys.readouterr().out


def test_masks_need_the_training_pass():
    inputs = keras.Input((4,))
    hidden = keras.layers.Embedding(5, 3, mask_zero=True)(inputs)
    outputs = keras.layers.Dense(3, activation="softmax")(hidden)
    model = frozen.compiled(
        keras.Model(inputs, outputs), "sparse_categorical_crossentropy"
    )
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 5, (8, 4)), rng.integers(0, 3, (8, 4))
    tracker = frozen.tracker(mode="eval")
    data = tracker.track(x, y)
    with pytest.raises(ValueError, match="masks positions"):
        model.fit(data, verbose=0, callbacks=[tracker])


def test_a_generator_is_refused_at_once():
    batches = ((x, y) for x, y in [frozen.samples()] * 3)
    with pytest.raises(ValueError, match="can be read only once"):
        frozen.tracker(mode="eval").track(batches, steps_per_epoch=2)


def test_blended_labels_are_warned_of():
    x, labels = frozen.samples()
    one_hot = np.eye(frozen.CLASSES, dtype="float32")[labels]
    blended = 0.7 * one_hot + 0.3 * one_hot[::-1]
    with pytest.warns(UserWarning, match="shares of several classes"):
        frozen.tracker(mode="eval").track(x, blended)
    with pytest.raises(ValueError, match="look blended"):
        frozen.tracker().track(x, blended)
