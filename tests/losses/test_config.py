"""Configs, signatures and the functions beside the classes."""

import inspect
import json

import keras
import numpy as np
import pytest

from keras_robust import losses
from tests.backend import to_numpy
from tests.losses.cases import BY_CLASS
from tests.losses.cases import CASES
from tests.losses.cases import LABELS
from tests.losses.cases import LOSSES
from tests.losses.cases import SIGNATURES
from tests.losses.cases import every_class
from tests.losses.cases import every_loss
from tests.losses.cases import function_of
from tests.losses.cases import predictions
from tests.losses.cases import snake_name

OPTIONS = {"from_logits": True, "axis": 1, "ignore_class": 2}
ONLY_CLASS = ("reduction", "name", "dtype")
# A loss made of other losses has no function: those have no plain arguments.
every_function = pytest.mark.parametrize(
    "cls",
    [cls for cls, case in BY_CLASS.items() if not case.wraps],
    ids=lambda cls: cls.__name__,
)


def assert_survives_json(loss):
    config = json.loads(json.dumps(keras.losses.serialize(loss)))
    assert config["registered_name"] == f"keras_robust>{type(loss).__name__}"
    again = keras.losses.deserialize(config)
    assert type(again) is type(loss)
    assert again.get_config() == loss.get_config()
    assert dir(again) == dir(loss)
    y_pred = predictions(loss.from_logits)
    assert to_numpy(again(LABELS, y_pred)) == to_numpy(loss(LABELS, y_pred))
    return again


@every_loss
@pytest.mark.parametrize("options", [{}, OPTIONS], ids=["default", "given"])
def test_config_survives_json(name, options):
    options = {"from_logits": CASES[name].logits, **options}
    again = assert_survives_json(LOSSES[name](**options))
    for key, value in options.items():
        assert getattr(again, key) == value


@every_class
def test_own_arguments_survive_json(cls):
    case = BY_CLASS[cls]
    loss = case.build(from_logits=case.logits)
    again = assert_survives_json(loss)
    for key, value in case.other.items():
        if isinstance(value, (bool, int, float, str)):
            assert getattr(again, key) == value


@every_class
def test_positional_arguments_are_frozen(cls):
    assert list(inspect.signature(cls).parameters) == SIGNATURES[cls]
    assert tuple(cls.parameters) == tuple(BY_CLASS[cls].other)


@every_class
def test_other_arguments_are_not_the_defaults(cls):
    # So that an argument lost on the way shows.
    taken = inspect.signature(cls).parameters
    for key, value in BY_CLASS[cls].other.items():
        assert taken[key].default != value


@every_class
def test_shared_defaults(cls):
    parameters = inspect.signature(cls).parameters
    # A sum or a wrapper takes what the losses in it have.
    whole = BY_CLASS[cls].wraps
    assert parameters["from_logits"].default is (None if whole else False)
    assert parameters["axis"].default == (None if whole else -1)
    assert parameters["ignore_class"].default is None
    assert parameters["reduction"].default == "sum_over_batch_size"
    assert parameters["name"].default == snake_name(cls)
    assert parameters["dtype"].default is None
    assert parameters["multi_label"].default is (None if whole else False)


@every_class
def test_every_option_is_in_the_config(cls):
    case = BY_CLASS[cls]
    multi_label = not case.logits
    shared = {"from_logits": True, "axis": 1, "ignore_class": 3}
    shared["multi_label"] = multi_label
    own = case.arguments(**shared).values()
    loss = cls(*own, True, 1, 3, "sum", "mine", "float64", multi_label)
    config = loss.get_config()
    assert list(config)[: len(case.other)] == list(case.other) or case.wraps
    assert sorted(config) == sorted(SIGNATURES[cls])
    assert {key: config[key] for key in shared} == shared
    assert (config["reduction"], config["name"]) == ("sum", "mine")
    assert config["dtype"] == "float64"


@every_loss
def test_name_is_the_snake_case_of_the_class(name):
    loss = LOSSES[name](from_logits=CASES[name].logits)
    assert loss.name == snake_name(type(loss))


@every_function
def test_function_has_the_arguments_of_its_class(cls):
    function = function_of(cls)
    assert function.__name__ in losses.__all__
    ours = inspect.signature(function).parameters
    theirs = inspect.signature(cls).parameters
    wanted = [k for k in theirs if k not in ONLY_CLASS]
    assert list(ours) == ["y_true", "y_pred", *wanted]
    for key in wanted:
        assert ours[key].default == theirs[key].default
    assert function.__name__ == snake_name(cls)


@every_function
def test_function_is_its_class(cls):
    case, function = BY_CLASS[cls], function_of(cls)
    first = {"from_logits": True} if case.logits else {}
    first.update({key: case.other[key] for key in case.needed})
    for options in (
        first,
        {**case.other, **first},
        {**case.other, "from_logits": True, "ignore_class": 2},
    ):
        y_pred = predictions(options.get("from_logits", False))
        np.testing.assert_array_equal(
            to_numpy(function(LABELS, y_pred, **options)),
            to_numpy(cls(**options).call(LABELS, y_pred)),
        )
    y_pred = predictions(case.logits)
    np.testing.assert_array_equal(
        to_numpy(function(LABELS, y_pred.T, axis=0, **first)),
        to_numpy(cls(**first).call(LABELS, y_pred)),
    )


@every_function
def test_function_survives_json(cls):
    function = function_of(cls)
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
