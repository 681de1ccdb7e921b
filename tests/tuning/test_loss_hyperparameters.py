import keras
import numpy as np
import pytest

from keras_robust import losses
from keras_robust.tuning import loss_hyperparameters
from keras_robust.tuning import warm_up_epochs

keras_tuner = pytest.importorskip("keras_tuner")

SHORT = ("ce", "agce", "aul", "taylor", "pz", "nce", "anl-ce", "nce+agce")
SYMMETRIC = 0.6 * np.eye(10) + 0.4 / 9 * (1 - np.eye(10))
PAIR = 0.6 * np.eye(10) + 0.4 * np.roll(np.eye(10), 1, axis=1)


def hyperparameters(**values):
    hp = keras_tuner.HyperParameters()
    hp.values = values
    return hp


def robust(hp, names, **options):
    options = {"cross_entropy": False, **options}
    return loss_hyperparameters(hp, losses=names, **options)


@pytest.mark.parametrize("name", SHORT)
def test_starts_from_the_defaults_of_the_search_space(name):
    loss = robust(hyperparameters(), (name,))
    assert loss.get_config() == losses.search_space(name).loss().get_config()


@pytest.mark.parametrize(
    "name", ["asymmetric_gce", "nce+asymmetric_gce", "AsymmetricUnhinged"]
)
def test_long_names_are_known(name):
    parameters = robust(hyperparameters(), (name,)).get_config()
    assert parameters["name"] == losses.get(name).get_config()["name"]


def test_chosen_values_reach_the_loss():
    hp = keras_tuner.HyperParameters()
    hp.values = {
        "robust": "agce",
        "robust_agce_a": np.float64(0.5),
        "robust_agce_q": np.float64(0.25),
    }
    loss = loss_hyperparameters(hp, prefix="robust", from_logits=True)
    assert isinstance(loss, losses.AsymmetricGCE)
    config = loss.get_config()
    assert (config["a"], config["q"]) == (0.5, 0.25)
    assert type(config["a"]) is float
    assert config["from_logits"] is True


def test_whole_space_is_known_after_one_build():
    hp = keras_tuner.HyperParameters()
    loss_hyperparameters(hp, losses=("ce", "agce", "nce+ael"), max_warm_up=4)
    assert [p.name for p in hp.space] == [
        "loss",
        "loss_ce_label_smoothing",
        "loss_agce_a",
        "loss_agce_q",
        "loss_nce+ael_alpha",
        "loss_nce+ael_beta",
        "loss_nce+ael_a",
        "loss_warm_up",
    ]
    assert list(hp.values) == ["loss", "loss_ce_label_smoothing"]


def test_one_name_may_stand_alone():
    hp = hyperparameters()
    loss = loss_hyperparameters(hp, losses="gce")
    assert isinstance(loss, losses.GeneralizedCrossEntropy)


def test_cross_entropy_is_a_choice_unless_left_out():
    hp = hyperparameters()
    loss_hyperparameters(hp, losses=("gce",))
    assert hp.space[0].values == ["gce", "ce"]
    hp = hyperparameters()
    loss_hyperparameters(hp, losses=("CrossEntropy", "gce"))
    assert hp.space[0].values == ["CrossEntropy", "gce"]
    hp = hyperparameters()
    robust(hp, ("gce", "agce"))
    assert hp.space[0].values == ["gce", "agce"]


def test_the_warm_up_is_one_number_for_all_losses_but_cross_entropy():
    hp = hyperparameters(loss="gce", loss_warm_up=2)
    loss_hyperparameters(hp, losses=("gce", "mae"), max_warm_up=4)
    assert warm_up_epochs(hp) == 2
    hp = hyperparameters(loss="ce", loss_ce_label_smoothing=0.1)
    loss = loss_hyperparameters(hp, losses=("gce", "mae"), max_warm_up=4)
    assert loss.label_smoothing == 0.1
    assert warm_up_epochs(hp) == 0
    hp = hyperparameters()
    loss_hyperparameters(hp, losses=("gce",))
    assert warm_up_epochs(hp) == 0


def test_integers_and_single_values_are_hyperparameters_too():
    hp = hyperparameters()
    loss = robust(hp, ("taylor",), transition_matrix=PAIR)
    # Of pair noise at 40 % only what is the mean absolute error is tolerated.
    assert loss.order == 1
    assert type(hp.space[1]).__name__ == "Fixed"
    hp = hyperparameters(loss="taylor", loss_taylor_order=7)
    assert robust(hp, ("taylor",)).order == 7


@pytest.mark.parametrize("name", ["agce", "aul", "ael", "gce", "nce+agce"])
@pytest.mark.parametrize("matrix", [SYMMETRIC, PAIR], ids=["sym", "pair"])
def test_all_that_is_left_meets_the_asymmetry_condition(name, matrix):
    rng = np.random.default_rng(0)
    hp = hyperparameters()
    robust(hp, (name,), transition_matrix=matrix)
    lead = 0.6 / (0.4 / 9 if matrix is SYMMETRIC else 0.4)
    for _ in range(20):
        values = {
            p.name: p.default
            if type(p).__name__ == "Fixed"
            else p.prob_to_value(rng.choice([0.0, 1.0, rng.random()]))
            for p in hp.space[1:]
        }
        drawn = hyperparameters(loss=name, **values)
        loss = robust(drawn, (name,), transition_matrix=matrix)
        assert loss.asymmetry_ratio() * lead >= 1 - 1e-6


def test_the_box_of_what_is_tolerated_is_as_large_as_it_can_be():
    hp = hyperparameters()
    robust(hp, ("ael",), transition_matrix=PAIR)
    # exp(1 / a) <= 1.5 from a = 1 / log 1.5 on.
    low = hp.space[1].min_value
    assert 0 < low * np.log(1.5) - 1 < 1e-3
    assert (hp.space[1].max_value, hp.space[1].default) == (10.0, 3.0)


def test_losses_without_a_closed_form_are_searched():
    hp = hyperparameters()
    robust(hp, ("amse",), transition_matrix=PAIR)
    # (a + 1) / (a - 1) <= 1.5 from 5 on.
    assert 0 <= hp.space[1].min_value - 5 < 1


def test_what_never_tolerates_the_noise_is_left_out_and_said():
    hp = hyperparameters()
    with pytest.warns(UserWarning, match="nothing shows.*parameters: fl"):
        loss_hyperparameters(hp, ("fl", "mae"), transition_matrix=PAIR)
    assert hp.space[0].values == ["mae", "ce"]


@pytest.mark.once
def test_what_theory_cannot_judge_is_left_out():
    hp = hyperparameters()
    pair = 0.8 * np.eye(3) + 0.2 * np.roll(np.eye(3), 1, axis=1)
    # One is of the logits, one of regression.
    names = ("ldr", "lp", "mae")
    with pytest.warns(UserWarning, match="parameters: ldr, lp"):
        loss_hyperparameters(
            hp, names, from_logits=True, transition_matrix=pair
        )
    assert hp.space[0].values == ["mae", "ce"]


def test_losses_that_correct_for_the_matrix_get_it():
    hp = hyperparameters()
    loss = robust(hp, ("forward", "mae"), transition_matrix=PAIR)
    assert isinstance(loss, losses.ForwardCorrection)
    np.testing.assert_allclose(loss.transition_matrix, PAIR)


@pytest.mark.parametrize(
    "names, message",
    [
        (("ce", "agc"), "Unknown loss. Did you mean 'agce'.*'agc'"),
        (("ce", "ogc"), "cannot be tuned: its callback finds its threshold"),
        ((3,), "named by a string.*Received: 3"),
        ((), "must name at least one loss"),
        (("agce", "asymmetric_gce"), "must not name a loss twice"),
        (("ce", "ce"), "must not name a loss twice"),
        (("ce", "ldr"), "LDRKL is a function of the logits"),
    ],
)
def test_wrong_names_are_refused_before_anything_is_registered(names, message):
    hp = keras_tuner.HyperParameters()
    with pytest.raises(ValueError, match=message):
        loss_hyperparameters(hp, losses=names)
    assert hp.space == []


@pytest.mark.parametrize(
    "matrix, message",
    [
        (np.eye(3)[:2], r"must be square.*shape=\(2, 3\)"),
        ("symmetric", "must be an array of numbers"),
        (2 * np.eye(3), r"must sum to 1.*\[0\].sum\(\)=2"),
        ([[0.5, 0.5], [0.0, 1.0]], r"row 0: \[0.5, 0.5\]"),
    ],
)
def test_bad_matrices_are_refused(matrix, message):
    with pytest.raises(ValueError, match=message):
        robust(hyperparameters(), ("agce",), transition_matrix=matrix)


def test_no_loss_that_tolerates_the_noise_is_an_error():
    with pytest.raises(ValueError, match="None of these losses tolerates"):
        robust(hyperparameters(), ("fl",), transition_matrix=PAIR)


@pytest.mark.once
@pytest.mark.parametrize("search", ["RandomSearch", "BayesianOptimization"])
def test_a_search_runs(search, tmp_path):
    x = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
    y = (x[:, 0] > 0).astype("int32")
    tried = []

    def build(hp):
        model = keras.Sequential(
            [keras.Input((4,)), keras.layers.Dense(2, activation="softmax")]
        )
        loss = loss_hyperparameters(hp)
        tried.append(type(loss).__name__)
        model.compile(optimizer="sgd", loss=loss, metrics=["accuracy"])
        return model

    tuner = getattr(keras_tuner, search)(
        build,
        objective="val_accuracy",
        max_trials=4,
        seed=1,
        directory=tmp_path,
        project_name="search",
    )
    tuner.search(
        x, y, validation_data=(x, y), epochs=1, batch_size=16, verbose=0
    )
    trials = tuner.oracle.trials.values()
    assert [trial.status for trial in trials] == ["COMPLETED"] * 4
    assert len(set(tried)) > 1
    best = tuner.get_best_hyperparameters()[0]
    active = {name.rsplit("_", 1)[0] for name in best.values} - {"loss"}
    assert active <= {
        f"loss_{best.values['loss']}",
        f"loss_{best.values['loss']}_label",
    }


def test_a_wrong_name_stops_the_search_before_its_first_trial(tmp_path):
    def build(hp):
        loss_hyperparameters(hp, losses=("agc",))

    with pytest.raises(ValueError, match="Did you mean 'agce'"):
        keras_tuner.RandomSearch(
            build, objective="val_accuracy", max_trials=1, directory=tmp_path
        )
