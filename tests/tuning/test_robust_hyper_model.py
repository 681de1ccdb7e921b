import importlib.util
import os
import sys

import keras
import numpy as np
import pytest

from keras_robust import callbacks
from keras_robust import losses
from keras_robust import tuning
from keras_robust.callbacks import LossTrajectory
from keras_robust.trajectories import Trajectories
from keras_robust.tuning import NoiseCorrectedAccuracy
from keras_robust.tuning import RobustHyperModel
from keras_robust.tuning.search_folder import trajectories_path
from tests.tuning.searches import MATRIX
from tests.tuning.searches import X_VAL
from tests.tuning.searches import Y_VAL
from tests.tuning.searches import X
from tests.tuning.searches import Y
from tests.tuning.searches import build
from tests.tuning.searches import scores
from tests.tuning.searches import search
from tests.tuning.searches import tuner_of

keras_tuner = pytest.importorskip("keras_tuner")


def hyperparameters(**values):
    hp = keras_tuner.HyperParameters()
    hp.values = values
    return hp


def check_search(tuner):
    assert len(tuner.oracle.trials) >= 3
    for trial in tuner.oracle.trials.values():
        assert trial.status == "COMPLETED", trial.message
        path = f"{tuner.get_trial_dir(trial.trial_id)}/trajectories.npz"
        found = Trajectories.load(path)
        np.testing.assert_array_equal(found.given_label, Y)
        epochs = trial.hyperparameters.values.get("tuner/epochs", 2)
        begun = trial.hyperparameters.values.get("tuner/initial_epoch", 0)
        assert found.num_epochs == epochs - begun


def test_a_search_runs_and_writes_trajectories(tmp_path, capsys):
    tuner = search(tuner_of(tmp_path))
    check_search(tuner)
    tuner.results_summary(1)
    assert "Score: " in capsys.readouterr().out


@pytest.mark.once
def test_hyperband_goes_on_with_what_it_has_trained(tmp_path):
    check_search(search(tuner_of(tmp_path, "Hyperband")))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["GridSearch", "BayesianOptimization"])
def test_the_other_tuners(kind, tmp_path):
    tuner = search(tuner_of(tmp_path, kind, max_trials=5))
    trials = tuner.oracle.trials.values()
    assert [trial.status for trial in trials] == ["COMPLETED"] * 5


@pytest.mark.once
def test_a_trial_is_the_same_again_and_an_interrupted_search_goes_on(tmp_path):
    whole = search(tuner_of(tmp_path / "whole"))

    class Broken(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            if len(broken.oracle.trials) == 2:
                raise KeyboardInterrupt

    broken = tuner_of(tmp_path / "broken")
    with pytest.raises(KeyboardInterrupt):
        search(broken, callbacks=[Broken()])
    resumed = search(tuner_of(tmp_path / "broken"))
    assert scores(resumed) == scores(whole)
    best = [
        tuner.get_best_hyperparameters()[0].values for tuner in (whole, resumed)
    ]
    assert best[0] == best[1]


@pytest.mark.once
def test_executions_differ_and_get_their_own_trajectories(tmp_path):
    tuner = tuner_of(tmp_path, max_trials=1, executions_per_trial=2)
    search(tuner)
    (trial,) = tuner.oracle.trials
    folder = tuner.get_trial_dir(trial)
    first, second = (
        Trajectories.load(f"{folder}/trajectories{end}.npz")
        for end in ("", "_1")
    )
    assert not np.array_equal(
        first.signal("cross_entropy"), second.signal("cross_entropy")
    )
    best = tuner.get_best_models()[0]
    found = best.evaluate(X_VAL, Y_VAL, verbose=0, return_dict=True)
    assert 0 <= found["accuracy"] <= 1


def test_each_trial_gets_its_warm_up_its_tracker_and_its_callbacks():
    seen = []

    def made(hp, tracker):
        assert isinstance(tracker, LossTrajectory)
        seen.append((hp, tracker))
        return [callbacks.LabelWave(tracker, patience=9)]

    hypermodel = RobustHyperModel(
        build, losses=("mae",), cross_entropy=False, callbacks=made, patience=9
    )
    hp = hyperparameters(loss="mae", loss_warm_up=1, width=8)
    history = hypermodel.fit(
        hp,
        hypermodel.build(hp),
        X,
        Y,
        validation_data=(X_VAL, Y_VAL),
        epochs=2,
        verbose=0,
    )
    # Cross-entropy first, then a loss of at most 1.
    assert history.history["loss"][0] > 1.01 > history.history["loss"][1]
    assert seen[0][1].trajectories.num_epochs == 2


def test_keeps_the_optimizer_and_the_metrics_of_a_compiled_model():
    def compiled(hp):
        model = build(hp)
        metric = keras.metrics.SparseTopKCategoricalAccuracy(2)
        model.compile(keras.optimizers.SGD(0.25), metrics=[metric])
        return model

    hypermodel = RobustHyperModel(compiled, losses="agce")
    model = hypermodel.build(hyperparameters())
    assert isinstance(model.optimizer, keras.optimizers.SGD)
    assert float(model.optimizer.learning_rate) == 0.25
    assert isinstance(model.loss, losses.AsymmetricGCE)
    found = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert set(found) == {
        "loss",
        "accuracy",
        "sparse_top_k_categorical_accuracy",
    }


def test_the_corrected_accuracy_is_compiled_and_the_objective():
    score = NoiseCorrectedAccuracy(MATRIX)
    hypermodel = RobustHyperModel(build, losses="agce", score=score)
    assert hypermodel.objective.name == "val_noise_corrected_accuracy"
    assert hypermodel.objective.direction == "max"
    model = hypermodel.build(hyperparameters())
    found = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert {
        "noise_corrected_accuracy",
        "noise_corrected_accuracy_error",
    } < set(found)


def test_global_random_numbers_go_on_as_if_nothing_had_been():
    np.random.seed(5)
    wanted = np.random.random()
    np.random.seed(5)
    RobustHyperModel(build, losses="agce").build(hyperparameters())
    assert np.random.random() == wanted


def test_a_build_that_compiles_its_own_loss_is_refused(tmp_path):
    def own(hp):
        model = build(hp)
        model.compile("adam", "mse")
        return model

    hypermodel = RobustHyperModel(own)
    with pytest.raises(ValueError, match="the search is to choose the loss"):
        tuner_of(tmp_path, hypermodel=hypermodel)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"build": 3}, r"must be a function `build\(hp\)`. Received: build=3"),
        ({"build": lambda: None}, "which takes "),
        ({"callbacks": lambda hp: []}, r"`callbacks\(hp, tracker\)`"),
        ({"losses": ("agc",)}, "Did you mean 'agce'"),
        ({"losses": ("weighted_sum",)}, "cannot be tuned"),
        ({"score": "loss"}, "says nothing of which trained best"),
        ({"score": 3}, "Received: score=3"),
        ({"transition_matrix": np.eye(3)[:2]}, "must be square"),
        ({"seed": -1}, "`seed`"),
        ({"patience": 0}, "`patience`"),
    ],
)
def test_bad_arguments_are_refused_at_once(arguments, message):
    with pytest.raises(ValueError, match=message):
        RobustHyperModel(**{"build": build, **arguments})


@pytest.mark.parametrize("name", ["transition_matrix", "score"])
def test_a_matrix_of_other_classes_than_the_models(name, tmp_path):
    given = np.eye(4)
    given = NoiseCorrectedAccuracy(given) if name == "score" else given
    hypermodel = RobustHyperModel(build, losses=("mae",), **{name: given})
    with pytest.raises(ValueError, match=r"shape \(4, 4\), and a model of 3"):
        tuner_of(tmp_path, hypermodel=hypermodel)


def test_metrics_of_several_outputs_are_refused():
    def several(hp):
        model = build(hp)
        model.compile("adam", metrics={"dense": ["accuracy"]})
        return model

    with pytest.raises(ValueError, match="have one output"):
        RobustHyperModel(several).build(hyperparameters())


def test_the_value_of_a_loss_is_no_objective_over_losses(tmp_path):
    tuner = tuner_of(tmp_path, objective="val_loss")
    with pytest.raises(ValueError, match="each loss has a scale of its own"):
        search(tuner)


@pytest.mark.once
def test_the_folder_of_another_search_is_refused(tmp_path):
    search(tuner_of(tmp_path, max_trials=1))
    other = RobustHyperModel(build, losses=("agce", "mae"), seed=2)
    with pytest.raises(ValueError, match="holds another search.*seed=0 there"):
        search(tuner_of(tmp_path, hypermodel=other, max_trials=2))
    tuner = tuner_of(tmp_path, max_trials=2)
    with pytest.raises(ValueError, match="labels="):
        tuner.search(X, Y[::-1], validation_data=(X_VAL, Y_VAL), verbose=0)
    trimmed = X_VAL[:5], Y_VAL[:5]
    with pytest.raises(ValueError, match="with validation labels="):
        tuner.search(X, Y, validation_data=trimmed, verbose=0)
    with pytest.raises(ValueError, match="; validation_split=None there, 0.3"):
        tuner.search(X, Y, validation_split=0.3, verbose=0)


@pytest.mark.once
def test_trials_without_a_seed_and_without_trajectories(tmp_path):
    hypermodel = RobustHyperModel(build, losses="mae", seed=None, track=False)
    tuner = search(tuner_of(tmp_path, hypermodel=hypermodel, max_trials=1))
    (trial,) = tuner.oracle.trials
    assert not os.path.exists(trajectories_path(tuner, trial))
    first, second = (hypermodel.build(hyperparameters()) for _ in range(2))
    assert not np.array_equal(
        first.layers[0].get_weights()[0], second.layers[0].get_weights()[0]
    )


def test_a_folder_with_trials_of_other_losses():
    hp = hyperparameters(loss="agce")
    with pytest.raises(ValueError, match="'agce', which is not among them"):
        RobustHyperModel(build, losses=("ce",)).build(hp)


def test_a_tracker_among_the_callbacks_of_search_is_refused(tmp_path):
    with pytest.raises(ValueError, match="makes a new LossTrajectory for"):
        search(tuner_of(tmp_path), callbacks=[LossTrajectory()])


def test_missing_packages_are_named_with_the_pip_line(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *a: None if name == "tensorboard" else find(name, *a),
    )
    monkeypatch.setattr(keras.backend, "backend", lambda: "tensorflow")
    with pytest.raises(ImportError, match="pip install tensorboard"):
        RobustHyperModel(build)
    monkeypatch.setitem(sys.modules, "keras_tuner", None)
    with pytest.raises(ImportError, match=r"pip install 'keras-robust\[tune\]"):
        tuning.RobustHyperModel(build)
