"""A frozen model again: every kind of model and of data."""

import keras
import numpy as np
import pytest

import keras_robust as kr
from tests.training import frozen
from tests.training.test_recorder import EPOCHS
from tests.training.test_recorder import record


def functional():
    inputs = keras.Input((frozen.FEATURES,))
    hidden = keras.layers.Dense(5, activation="relu")(inputs)
    outputs = keras.layers.Dense(frozen.CLASSES, activation="softmax")(hidden)
    return keras.Model(inputs, outputs)


def unbuilt_sequential():
    return keras.Sequential(
        [keras.layers.Dense(frozen.CLASSES, activation="softmax")]
    )


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.head = keras.layers.Dense(frozen.CLASSES, activation="softmax")

    def call(self, inputs):
        return self.head(inputs)


class OldComputeLoss(Subclassed):
    """`compute_loss` had no `training` argument before Keras 3.3."""

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
        assert not isinstance(y, dict)
        return super().compute_loss(x, y, y_pred, sample_weight)


class OwnTrainStep(Subclassed):
    """Sees the batch as the user gave it."""

    def train_step(self, *args):
        x, y = args[-1]
        assert not isinstance(y, dict)
        assert len(x.shape) == 2
        return super().train_step(*args)

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        assert not isinstance(y, dict)
        logs = super().compute_metrics(x, y, y_pred, sample_weight)
        return {**logs, "mine": keras.ops.mean(y_pred)}


@pytest.mark.parametrize(
    "make",
    [
        functional,
        unbuilt_sequential,
        Subclassed,
        OldComputeLoss,
        OwnTrainStep,
    ],
)
def test_models(make):
    x, labels = frozen.samples()
    model = frozen.compiled(make(), "sparse_categorical_crossentropy")
    record(model, x, labels, labels)


def test_nested_inputs():
    x, labels = frozen.samples()
    inputs = {
        "left": keras.Input((2,), name="left"),
        "rest": [keras.Input((1,), name="a"), keras.Input((1,), name="b")],
    }
    joined = keras.layers.Concatenate()([inputs["left"], *inputs["rest"]])
    outputs = keras.layers.Dense(frozen.CLASSES, activation="softmax")(joined)
    model = frozen.compiled(
        keras.Model(inputs, outputs), "sparse_categorical_crossentropy"
    )
    nested = {"left": x[:, :2], "rest": [x[:, 2:3], x[:, 3:]]}
    record(model, nested, labels, labels)


def test_several_inputs():
    x, labels = frozen.samples()
    inputs = [keras.Input((1,)), keras.Input((3,))]
    joined = keras.layers.Concatenate()(inputs)
    outputs = keras.layers.Dense(frozen.CLASSES, activation="softmax")(joined)
    model = frozen.compiled(
        keras.Model(inputs, outputs), "sparse_categorical_crossentropy"
    )
    record(model, [x[:, :1], x[:, 1:]], labels, labels)


def test_images_of_bytes():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (frozen.N, 5, 5, 1), dtype="uint8")
    labels = rng.integers(0, frozen.CLASSES, frozen.N)
    inputs = keras.Input((5, 5, 1), dtype="uint8")
    hidden = keras.layers.Rescaling(1 / 255)(inputs)
    hidden = keras.layers.Conv2D(2, 3)(hidden)
    hidden = keras.layers.Flatten()(hidden)
    outputs = keras.layers.Dense(frozen.CLASSES, activation="softmax")(hidden)
    model = frozen.compiled(
        keras.Model(inputs, outputs), kr.losses.AsymmetricGCE()
    )
    record(model, images, labels, labels)


def test_data_frames():
    pandas = pytest.importorskip("pandas")
    x, labels = frozen.samples()
    frame = pandas.DataFrame(x.astype("float64"), columns=list("abcd"))
    tracker = frozen.tracker()
    data = tracker.track(frame, pandas.Series(labels), batch_size=frozen.BATCH)
    model = frozen.classifier()
    model.fit(data, verbose=0, callbacks=[tracker])
    frozen.check(tracker, model, x, labels, epochs=1)


@pytest.mark.parametrize(
    ("batched", "shuffle", "weighted"),
    [
        (True, True, False),
        (True, False, True),
        (False, True, True),
        (False, False, False),
    ],
)
def test_datasets(batched, shuffle, weighted):
    tensorflow = pytest.importorskip("tensorflow")
    x, labels = frozen.samples()
    weights = np.ones(frozen.N, dtype="float32")
    parts = (x, labels, weights) if weighted else (x, labels)
    source = tensorflow.data.Dataset.from_tensor_slices(parts)
    source = source.batch(frozen.BATCH) if batched else source
    tracker = frozen.tracker()
    data = tracker.track(
        source, batch_size=None if batched else frozen.BATCH, shuffle=shuffle
    )
    model = frozen.classifier()
    model.fit(data, epochs=EPOCHS, verbose=0, callbacks=[tracker])
    frozen.check(tracker, model, x, labels, EPOCHS)


@pytest.mark.parametrize("batched", [True, False])
def test_datasets_of_one_hot_labels(batched):
    tensorflow = pytest.importorskip("tensorflow")
    x, labels = frozen.samples()
    source = tensorflow.data.Dataset.from_tensor_slices(
        (x, np.eye(frozen.CLASSES)[labels])
    )
    source = source.batch(frozen.BATCH) if batched else source
    tracker = frozen.tracker()
    data = tracker.track(source, batch_size=None if batched else frozen.BATCH)
    model = frozen.classifier("categorical_crossentropy")
    model.fit(data, epochs=EPOCHS, verbose=0, callbacks=[tracker])
    frozen.check(tracker, model, x, labels, EPOCHS)


def test_few_steps_leave_samples_unseen():
    x, labels = frozen.samples()
    model = frozen.classifier()
    expected = frozen.signals(model.predict(x, verbose=0), labels)
    tracker = frozen.tracker()
    data = tracker.track(x, labels, batch_size=frozen.BATCH)
    with pytest.warns(UserWarning, match="samples were never seen") as warned:
        model.fit(data, steps_per_epoch=2, verbose=0, callbacks=[tracker])
    found = tracker.trajectories
    unseen = int((found.counts == 0).sum())
    assert any(
        f"{unseen} of {frozen.N} samples were never seen, and are NaN in the "
        "trajectories. Usual causes are a `steps_per_epoch` smaller than an "
        "epoch, " in str(warning.message)
        for warning in warned
    )
    # Keras may begin with the partial batch.
    last = frozen.N % frozen.BATCH
    assert frozen.N - unseen in (2 * frozen.BATCH, frozen.BATCH + last)
    np.testing.assert_allclose(found.coverage, [1 - unseen / frozen.N])
    for name, values in found.signals.items():
        np.testing.assert_array_equal(np.isnan(values), found.counts == 0)
        seen = found.counts[0] > 0
        np.testing.assert_allclose(
            values[0, seen], expected[name][seen], rtol=1e-5, atol=1e-5
        )


def test_few_steps_read_on_in_a_dataset():
    tensorflow = pytest.importorskip("tensorflow")
    x, labels = frozen.samples(count=4 * frozen.BATCH)
    source = tensorflow.data.Dataset.from_tensor_slices((x, labels))
    tracker = frozen.tracker()
    data = tracker.track(source.batch(frozen.BATCH))
    model = frozen.classifier()
    for _ in range(2):
        # Each training begins at the beginning.
        model.fit(
            data, steps_per_epoch=2, epochs=2, verbose=0, callbacks=[tracker]
        )
    counts = tracker.trajectories.counts
    half = np.repeat([1, 0], 2 * frozen.BATCH)
    np.testing.assert_array_equal(counts, [half, 1 - half, half, 1 - half])
