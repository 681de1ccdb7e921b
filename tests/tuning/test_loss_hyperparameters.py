import keras
import numpy as np
import pytest

from keras_robust import losses
from keras_robust.tuning import loss_hyperparameters

keras_tuner = pytest.importorskip("keras_tuner")

SHORT = ("ce", "agce", "aul", "ael", "gce", "nce", "blurry", "pz")
SUMS = ("nce+agce", "nce+aul", "nce+ael")


def default_loss(name, **options):
    return loss_hyperparameters(
        keras_tuner.HyperParameters(), losses=(name,), **options
    )


@pytest.mark.parametrize("name", SHORT)
def test_starts_from_the_default_of_the_loss(name):
    assert default_loss(name).get_config() == losses.get(name).get_config()


@pytest.mark.parametrize("name", SUMS)
def test_sums_start_from_the_published_values(name):
    expected = losses.get(name, dataset="cifar10")
    assert default_loss(name).get_config() == expected.get_config()


@pytest.mark.parametrize(
    "name", ["asymmetric_gce", "nce+asymmetric_gce", "AsymmetricUnhinged"]
)
def test_long_names_are_known(name):
    parameters = default_loss(name).get_config()
    assert parameters["name"] == losses.get(name).get_config()["name"]


@pytest.mark.parametrize("name", [*SHORT, *SUMS])
@pytest.mark.parametrize("end", ["min_value", "max_value"])
def test_both_ends_of_every_range_are_valid(name, end):
    hp = keras_tuner.HyperParameters()
    loss_hyperparameters(hp, losses=(name,))
    values = {p.name: getattr(p, end, name) for p in hp.space}
    hp.values = {**values, "loss": name}
    loss = loss_hyperparameters(hp, losses=(name,))
    y_pred = np.array([[0.2, 0.8], [1.0, 0.0]])
    assert np.isfinite(float(loss(np.array([0, 1]), y_pred)))


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
    loss_hyperparameters(hp, losses=("ce", "agce", "nce+ael"))
    assert [p.name for p in hp.space] == [
        "loss",
        "loss_ce_label_smoothing",
        "loss_agce_a",
        "loss_agce_q",
        "loss_nce+ael_alpha",
        "loss_nce+ael_beta",
        "loss_nce+ael_a",
    ]
    assert list(hp.values) == ["loss", "loss_ce_label_smoothing"]


def test_one_name_may_stand_alone():
    hp = keras_tuner.HyperParameters()
    loss = loss_hyperparameters(hp, losses="gce")
    assert isinstance(loss, losses.GeneralizedCrossEntropy)


@pytest.mark.parametrize(
    "names, message",
    [
        (("ce", "agc"), "tunable are ce, .*Did you mean 'agce'.*'agc' in"),
        (("ce+gce",), "Received: 'ce.gce' in `losses`"),
        ((3,), "Received: 3 in `losses`"),
        ((), "must name at least one loss"),
        (("agce", "asymmetric_gce"), "must not name a loss twice"),
        (("ce", "ce"), "must not name a loss twice"),
    ],
)
def test_wrong_names_are_refused_before_anything_is_registered(names, message):
    hp = keras_tuner.HyperParameters()
    with pytest.raises(ValueError, match=message):
        loss_hyperparameters(hp, losses=names)
    assert hp.space == []


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
