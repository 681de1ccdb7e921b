"""Taking part in a model's training, and leaving it as it was."""

import json
import re
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest

from keras_robust import training
from keras_robust.training import ids
from tests.training import frozen

h5py = pytest.importorskip("h5py")


def twins(**options):
    """Two models that are the same to the last weight."""
    first, second = frozen.classifier(**options), frozen.classifier(**options)
    second.set_weights(first.get_weights())
    return first, second


def fit_tracked(model, tracker=None, callbacks=(), **fit):
    x, labels = frozen.samples()
    tracker = frozen.tracker() if tracker is None else tracker
    data = tracker.track(x, labels, batch_size=frozen.BATCH)
    fit.setdefault("epochs", 2)
    return model.fit(data, verbose=0, callbacks=[tracker, *callbacks], **fit)


def fit_plain(model, callbacks=(), **fit):
    x, labels = frozen.samples()
    fit.setdefault("epochs", 2)
    return model.fit(
        x,
        labels,
        batch_size=frozen.BATCH,
        verbose=0,
        callbacks=list(callbacks),
        **fit,
    )


def saved(path):
    """File names, config and weights of a `.keras` file, without counters."""
    with zipfile.ZipFile(path) as archive:
        names = sorted(archive.namelist())
        config = archive.read("config.json").decode()
        with archive.open("model.weights.h5") as weights:
            shapes = weights_in(weights)
    config = re.sub(r"_\d+\b", "", json.dumps(json.loads(config)))
    return names, config, shapes


def weights_in(file):
    shapes = {}

    def visit(name, entry):
        shapes[re.sub(r"_\d+\b", "", name)] = getattr(entry, "shape", None)

    with h5py.File(file) as weights:
        weights.visititems(visit)
    return shapes


def test_the_model_is_as_after_plain_training(tmp_path):
    tracked, plain = twins(metrics=["accuracy"])
    objects = {
        name: [id(variable) for variable in getattr(tracked, name)]
        for name in ("weights", "metrics", "layers")
    }
    fit_tracked(tracked)
    fit_plain(plain)
    for name, before in objects.items():
        # The compiled metrics come with the first batch, as ever.
        now = [id(entry) for entry in getattr(tracked, name)]
        assert now[: len(before)] == before
    assert list(vars(tracked)) == list(vars(plain))
    names = [metric.name for metric in tracked.metrics]
    assert names == [metric.name for metric in plain.metrics]
    assert len(tracked.metrics_variables) == len(plain.metrics_variables)
    assert len(tracked.variables) == len(plain.variables)
    assert len(tracked.optimizer.variables) == len(plain.optimizer.variables)
    for name in ("fit", "train_step", "compute_loss", "compute_metrics"):
        assert getattr(tracked, name).__func__ is getattr(plain, name).__func__

    tracked.save(tmp_path / "tracked.keras")
    plain.save(tmp_path / "plain.keras")
    assert saved(tmp_path / "tracked.keras") == saved(tmp_path / "plain.keras")
    loaded = keras.saving.load_model(tmp_path / "tracked.keras")
    x, labels = frozen.samples()
    for model in (tracked, loaded):
        np.testing.assert_allclose(
            model.evaluate(x, labels, verbose=0),
            plain.evaluate(x, labels, verbose=0),
            rtol=1e-5,
        )
        np.testing.assert_allclose(
            model.predict(x, verbose=0), plain.predict(x, verbose=0), rtol=1e-5
        )
    losses = [fit_plain(m).history["loss"] for m in (tracked, plain)]
    np.testing.assert_allclose(*losses, rtol=1e-5)


def test_training_is_the_same_training():
    """Recording changes no weight: one batch, so the order plays no part."""
    x, labels = frozen.samples()
    tracked, plain = twins(learning_rate=0.5)
    tracker = frozen.tracker()
    data = tracker.track(x, labels, batch_size=frozen.N, shuffle=False)
    tracked.fit(data, epochs=3, verbose=0, callbacks=[tracker])
    plain.fit(
        x, labels, batch_size=frozen.N, shuffle=False, epochs=3, verbose=0
    )
    for ours, theirs in zip(tracked.weights, plain.weights, strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), atol=1e-6)


def test_a_checkpoint_during_fit_has_nothing_of_ours(tmp_path):
    tracked, plain = twins()
    for name, model, fit in (
        ("tracked", tracked, fit_tracked),
        ("plain", plain, fit_plain),
    ):
        checkpoint = keras.callbacks.ModelCheckpoint(tmp_path / f"{name}.keras")
        weights = keras.callbacks.ModelCheckpoint(
            tmp_path / f"{name}.weights.h5", save_weights_only=True
        )
        fit(model, callbacks=[checkpoint, weights])
    assert saved(tmp_path / "tracked.keras") == saved(tmp_path / "plain.keras")
    assert weights_in(tmp_path / "tracked.weights.h5") == weights_in(
        tmp_path / "plain.weights.h5"
    )


@pytest.mark.once
def test_a_saved_model_opens_without_us(tmp_path):
    tracked, _ = twins()
    fit_tracked(tracked)
    tracked.save(tmp_path / "tracked.keras")
    program = (
        "import sys, keras; "
        "model = keras.saving.load_model(sys.argv[1]); "
        "print(model.loss, 'keras_robust' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "tracked.keras")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["sparse_categorical_crossentropy", "False"]


def test_weights_can_be_loaded_during_fit(tmp_path):
    x, labels = frozen.samples()
    model = frozen.classifier()
    model.save_weights(tmp_path / "before.weights.h5")

    class Load(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.model.load_weights(tmp_path / "before.weights.h5")

    tracker = frozen.tracker()
    fit_tracked(model, tracker, callbacks=[Load()])
    frozen.check(tracker, model, x, labels, epochs=2)


def test_what_the_user_put_on_the_instance_comes_back():
    model = frozen.classifier()
    inherited = model.compute_loss
    calls = []

    def compute_loss(*args, **kwargs):
        calls.append(args)
        return inherited(*args, **kwargs)

    vars(model)["compute_loss"] = compute_loss
    fit_tracked(model)
    assert calls
    assert vars(model)["compute_loss"] is compute_loss


def test_one_attachment_means_one_more_trace():
    """Counted where Python runs: inside the loss's formula."""
    if keras.backend.backend() == "torch":
        pytest.skip("PyTorch runs every step in Python")
    count = 4 * frozen.BATCH
    x, labels = frozen.samples(count)
    traces = []

    def loss(y_true, y_pred):
        traces.append(y_true.shape)
        return keras.losses.sparse_categorical_crossentropy(y_true, y_pred)

    model = frozen.classifier(loss)
    plain = {"batch_size": frozen.BATCH, "epochs": 2, "verbose": 0}
    model.fit(x, labels, **plain)
    traces.clear()
    tracker = frozen.tracker(from_logits=False)
    data = tracker.track(x, labels, batch_size=frozen.BATCH)
    model.fit(data, epochs=4, verbose=0, callbacks=[tracker])
    assert len(traces) == 1
    model.fit(x, labels, **plain)
    assert len(traces) == 2


class Count(training.Participant):
    """Counts, in the compiled step, the samples of which it was told."""

    def after_loss(self, index, y, y_pred):
        assert not isinstance(y, dict)
        seen = keras.ops.cast(keras.ops.shape(index)[0], "float32")
        self.seen.assign(self.seen + seen)


def test_participants_share_one_attachment():
    model = frozen.classifier()
    first, second = Count(), Count()
    attachment = training.join(model, first)
    assert training.join(model, first) is attachment
    assert training.join(model, second) is attachment
    assert attachment.participants == [first, second]
    first.seen = attachment.carrier.add("first", (), "float32")
    second.seen = attachment.carrier.add("second", (), "float32")
    x, labels = frozen.samples()
    index = np.arange(frozen.N, dtype="int32")
    # As `fit` does it, past the hook that cleans up.
    type(model).fit(
        model, x, ids.join(labels, index), batch_size=frozen.BATCH, verbose=0
    )
    assert float(first.seen.numpy()) == float(second.seen.numpy()) == frozen.N
    training.leave(model, first)
    assert vars(model)["_keras_robust_attachment"] is attachment
    training.leave(model, first)
    training.leave(model, second)
    assert "_keras_robust_attachment" not in vars(model)
    training.leave(model, second)


def test_a_train_step_without_compute_loss():
    class Own(keras.Model):
        def train_step(self, *args):
            logs = {"loss": keras.ops.zeros(())}
            if keras.backend.backend() == "jax":
                return logs, args[0]
            return logs

    inputs = keras.Input((frozen.FEATURES,))
    outputs = keras.layers.Dense(frozen.CLASSES, activation="softmax")(inputs)
    model = Own(inputs, outputs)
    frozen.compiled(model, "sparse_categorical_crossentropy")
    with pytest.raises(ValueError) as error:
        fit_tracked(model)
    assert (
        "The model's own `train_step` does not call `self.compute_loss`, so "
        "nothing can be recorded or changed in it. Compute the loss there "
        "with self.compute_loss(x, y, y_pred, sample_weight). Received: "
        "model of type Own"
    ) in str(error.value)


class OwnMetrics(keras.Model):
    """Lists its own metric and no other, as tutorials do."""

    def __init__(self):
        super().__init__()
        self.head = keras.layers.Dense(frozen.CLASSES, activation="softmax")
        self.mine = keras.metrics.Mean(name="mine")

    def call(self, inputs):
        return self.head(inputs)

    @property
    def metrics(self):
        return [self.mine]


def test_a_metrics_property_that_leaves_ours_out():
    x, labels = frozen.samples()
    model = frozen.compiled(OwnMetrics(), "sparse_categorical_crossentropy")
    tracker = frozen.tracker()
    if keras.backend.backend() != "jax":
        fit_tracked(model, tracker)
        frozen.check(tracker, model, x, labels, epochs=2)
        return
    with pytest.raises(ValueError) as error:
        fit_tracked(model, tracker)
    assert str(error.value) == (
        "The model's own `metrics` property leaves out metrics that Keras "
        "keeps, and on JAX only listed metrics take part in the training "
        "step. Take the property out (Keras lists metrics that are attributes "
        "of a model by itself), or let it return `super().metrics`. Received: "
        "metrics=['mine']"
    )
    assert "_keras_robust_attachment" not in vars(model)
    fit_plain(model)


@pytest.mark.skipif(
    keras.backend.backend() == "jax", reason="its steps hand their state on"
)
def test_a_step_that_asks_for_the_loss_twice_is_recorded_once():
    x, labels = frozen.samples()

    class Twice(keras.Sequential):
        def train_step(self, *args):
            inputs, y = args[-1][:2]
            self.compute_loss(inputs, y, self(inputs) * 0 + 1 / 3)
            return super().train_step(*args)

    model = Twice(
        [
            keras.Input((frozen.FEATURES,)),
            keras.layers.Dense(frozen.CLASSES, activation="softmax"),
        ]
    )
    frozen.compiled(model, "sparse_categorical_crossentropy")
    tracker = frozen.tracker()
    model.fit(tracker.track(x, labels), verbose=0, callbacks=[tracker])
    found = tracker.trajectories
    np.testing.assert_array_equal(found.counts, 1)
    np.testing.assert_allclose(
        found.signals["cross_entropy"], np.log(3), rtol=1e-5
    )
