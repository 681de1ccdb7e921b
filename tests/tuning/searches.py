"""A search small enough for tests."""

import keras
import numpy as np
import pytest

from keras_robust.tuning import RobustHyperModel

keras_tuner = pytest.importorskip("keras_tuner")

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 4)).astype("float32")
Y = (X[:, 0] > 0).astype("int32") + (X[:, 1] > 1).astype("int32")
X_VAL, Y_VAL = X[40:], Y[40:]
X, Y = X[:40], Y[:40]
MATRIX = 0.7 * np.eye(3) + 0.1


def build(hp):
    width = hp.Choice("width", [4, 8])
    return keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(width, activation="relu"),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )


def tuner_of(
    folder, kind="RandomSearch", hypermodel=None, objective=None, **options
):
    if hypermodel is None:
        hypermodel = RobustHyperModel(build, losses=("agce", "mae"))
    own = {"max_epochs": 3} if kind == "Hyperband" else {"max_trials": 3}
    return getattr(keras_tuner, kind)(
        hypermodel,
        objective=objective or hypermodel.objective,
        directory=folder,
        project_name="search",
        **{**own, "seed": 1, **options},
    )


def search(tuner, **options):
    options = {"epochs": 2, "batch_size": 20, "verbose": 0, **options}
    tuner.search(X, Y, validation_data=(X_VAL, Y_VAL), **options)
    return tuner


def scores(tuner):
    return {
        str(sorted(t.hyperparameters.values.items())): float(t.score)
        for t in tuner.oracle.trials.values()
    }
