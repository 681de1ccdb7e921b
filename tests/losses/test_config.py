"""Configs, signatures and the functions beside the classes."""

import inspect
import json

import keras
import numpy as np
import pytest

from keras_robust import losses
from tests.backend import to_numpy
from tests.losses.cases import FUNCTIONS
from tests.losses.cases import LABELS
from tests.losses.cases import LOSSES
from tests.losses.cases import SIGNATURES
from tests.losses.cases import predictions

OPTIONS = {"from_logits": True, "axis": 1, "ignore_class": 2}


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("options", [{}, OPTIONS], ids=["default", "given"])
def test_config_survives_json(name, options):
    loss = LOSSES[name](**options)
    config = json.loads(json.dumps(keras.losses.serialize(loss)))
    assert config["registered_name"] == f"keras_robust>{type(loss).__name__}"
    again = keras.losses.deserialize(config)
    assert type(again) is type(loss)
    assert again.get_config() == loss.get_config()
    assert dir(again) == dir(loss)
    for key, value in options.items():
        assert getattr(again, key) == value
    y_pred = predictions(loss.from_logits)
    assert to_numpy(again(LABELS, y_pred)) == to_numpy(loss(LABELS, y_pred))


@pytest.mark.parametrize("cls", SIGNATURES)
def test_positional_arguments_are_frozen(cls):
    assert list(inspect.signature(cls).parameters) == SIGNATURES[cls]


@pytest.mark.parametrize("cls", SIGNATURES)
def test_shared_defaults(cls):
    parameters = inspect.signature(cls).parameters
    sums = issubclass(cls, losses.WeightedSum)
    assert parameters["from_logits"].default is (None if sums else False)
    assert parameters["axis"].default == (None if sums else -1)
    assert parameters["ignore_class"].default is None
    assert parameters["reduction"].default == "sum_over_batch_size"
    assert parameters["dtype"].default is None


@pytest.mark.parametrize(
    "loss",
    [
        losses.AsymmetricGCE(0.6, 0.7, True, 1, 3, "sum", "mine", "float64"),
        losses.CrossEntropy(-0.5, True, 1, 3, "sum", "mine", "float64"),
        losses.NormalizedCrossEntropy(True, 1, 3, "sum", "mine", "float64"),
        losses.Blurry(0.1, False, True, 1, 3, "sum", "mine", "float64"),
    ],
    ids=repr,
)
def test_every_option_is_in_the_config(loss):
    config = loss.get_config()
    assert list(config) == [
        *loss.parameters,
        *(k for k in config if k not in loss.parameters),
    ]
    assert sorted(config) == sorted(SIGNATURES[type(loss)])
    shared = ("from_logits", "axis", "ignore_class")
    assert [config[key] for key in shared] == [True, 1, 3]
    assert (config["reduction"], config["name"]) == ("sum", "mine")
    assert config["dtype"] == "float64"


@pytest.mark.parametrize("name", LOSSES)
def test_name_is_the_snake_case_of_the_class(name):
    loss = LOSSES[name]()
    assert loss.name == losses_name(type(loss))


def losses_name(cls):
    special = {"AsymmetricGCE": "asymmetric_gce"}
    words = "".join(f"_{c}" if c.isupper() else c for c in cls.__name__)
    return special.get(cls.__name__, words.lower().lstrip("_"))


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_function_has_the_arguments_of_its_class(function):
    ours = inspect.signature(function).parameters
    theirs = inspect.signature(FUNCTIONS[function]).parameters
    wanted = [k for k in theirs if k not in ("reduction", "name", "dtype")]
    assert list(ours) == ["y_true", "y_pred", *wanted]
    for key in wanted:
        assert ours[key].default == theirs[key].default
    assert function.__name__ == FUNCTIONS[function]().name


# Not the defaults, so that an argument lost on the way shows.
ARGUMENTS = {
    "label_smoothing": 0.2,
    "a": 2.5,
    "q": 0.4,
    "gamma": 0.3,
    "stop_gradient": False,
    "cutoff": 0.3,
}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_function_is_its_class(function):
    cls = FUNCTIONS[function]
    own = {k: v for k, v in ARGUMENTS.items() if k in cls.parameters}
    for options in ({}, own, {**own, "from_logits": True, "ignore_class": 2}):
        y_pred = predictions(options.get("from_logits", False))
        np.testing.assert_array_equal(
            to_numpy(function(LABELS, y_pred, **options)),
            to_numpy(cls(**options).call(LABELS, y_pred)),
        )
    y_pred = predictions(False).T
    np.testing.assert_array_equal(
        to_numpy(function(LABELS, y_pred, axis=0)),
        to_numpy(cls().call(LABELS, y_pred.T)),
    )


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_function_survives_json(function):
    config = json.loads(json.dumps(keras.losses.serialize(function)))
    assert keras.losses.deserialize(config) is function


def test_numpy_parameters_become_plain_numbers():
    loss = losses.AsymmetricGCE(a=np.float32(0.5), q=np.int64(3))
    assert loss.get_config()["a"] == 0.5 and type(loss.a) is float
    assert loss.get_config()["q"] == 3.0 and type(loss.q) is float
    loss = losses.CrossEntropy(axis=np.int32(-1), ignore_class=np.uint8(255))
    assert type(loss.axis) is int and type(loss.ignore_class) is int
    json.dumps(loss.get_config())


def test_repr_shows_the_parameters():
    assert repr(losses.Blurry(0.2)) == "Blurry(gamma=0.2, stop_gradient=True)"
    assert repr(losses.NormalizedCrossEntropy()) == "NormalizedCrossEntropy()"
