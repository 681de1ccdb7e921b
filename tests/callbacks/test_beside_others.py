"""A tracker beside Keras's own callbacks, optimizers and tuners."""

import keras
import numpy as np
import pytest

from tests.training import frozen

X, LABELS = frozen.samples()


def tracked(tracker):
    return tracker.track(X, LABELS, batch_size=frozen.BATCH)


def test_gradient_accumulation():
    model = frozen.classifier()
    optimizer = keras.optimizers.SGD(0.0, gradient_accumulation_steps=2)
    model.compile(optimizer, "sparse_categorical_crossentropy")
    tracker = frozen.tracker()
    model.fit(tracked(tracker), epochs=2, verbose=0, callbacks=[tracker])
    frozen.check(tracker, model, X, LABELS, 2)


def test_checkpoints_and_backups(tmp_path):
    model = frozen.classifier(learning_rate=0.1)
    path = str(tmp_path / "best.keras")

    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise RuntimeError("stop")

    def callbacks(*more):
        return [
            *more,
            keras.callbacks.ModelCheckpoint(
                path, monitor="loss", save_best_only=True
            ),
            keras.callbacks.BackupAndRestore(str(tmp_path / "backup")),
        ]

    tracker = frozen.tracker(store=tmp_path / "run.zarr")
    with pytest.raises(RuntimeError, match="stop"):
        model.fit(
            tracked(tracker),
            epochs=4,
            verbose=0,
            callbacks=callbacks(tracker, Stop()),
        )
    names = [variable.path for variable in model.variables]
    again = frozen.tracker(store=tmp_path / "run.zarr", resume=True)
    other = frozen.classifier(learning_rate=0.1)
    other.fit(tracked(again), epochs=4, verbose=0, callbacks=callbacks(again))
    assert again.trajectories.epochs.tolist() == [0, 1, 2, 3]
    losses = again.trajectories.signals["cross_entropy"].mean(axis=1)
    assert (np.diff(losses) < 0).all()
    saved = keras.models.load_model(path)
    assert not [name for name in names if "keras_robust" in name]
    np.testing.assert_allclose(
        saved.predict(X, verbose=0), other.predict(X, verbose=0), rtol=1e-5
    )


def test_early_stopping_restores_its_weights():
    model = frozen.classifier(learning_rate=0.1)
    tracker = frozen.tracker(logs=["coverage"])
    stop = keras.callbacks.EarlyStopping(
        "coverage", mode="max", patience=1, restore_best_weights=True
    )
    weights = []

    class Look(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            weights.append(self.model.get_weights())

    model.fit(
        tracked(tracker), epochs=9, verbose=0, callbacks=[tracker, stop, Look()]
    )
    assert tracker.trajectories.num_epochs == 2
    for now, best in zip(model.get_weights(), weights[0], strict=True):
        np.testing.assert_array_equal(now, best)


def test_a_tuner_copies_the_tracker(tmp_path):
    tuners = pytest.importorskip("keras_tuner")

    def build(hp):
        return frozen.classifier(learning_rate=hp.Choice("rate", [0.0, 0.1]))

    tuner = tuners.GridSearch(
        build,
        objective=tuners.Objective("coverage", "max"),
        directory=tmp_path,
        project_name="search",
    )
    tracker = frozen.tracker(logs=["coverage"])
    tuner.search(tracked(tracker), epochs=1, verbose=0, callbacks=[tracker])
    trials = tuner.oracle.get_best_trials(5)
    assert [trial.score for trial in trials] == [1.0, 1.0]
