"""Losses by name, with published parameters."""

import re

import keras
import numpy as np
import pytest

from keras_robust import losses
from keras_robust.losses.presets import NAMED
from keras_robust.losses.presets import PRESETS
from tests.losses.cases import BY_CLASS
from tests.losses.cases import snake_name


def raises(message):
    return pytest.raises(ValueError, match=re.escape(message))


# class -> its names, for the classes that have a short one
NAMES = {
    cls: [case.alias, snake_name(cls), cls.__name__]
    for cls, case in BY_CLASS.items()
    if case.alias
}
ALIASES = {alias: name for alias, name, _ in NAMES.values()}


@pytest.mark.parametrize("cls", NAMES)
def test_every_name_of_a_loss(cls):
    case = BY_CLASS[cls]
    # A loss around another needs that one.
    given = case.arguments(from_logits=True)
    parts = {key: given[key] for key in case.needed}
    wanted = cls(**parts, from_logits=True).get_config()
    for name in NAMES[cls]:
        for spelled in (name, name.upper(), f" {name} "):
            loss = losses.get(spelled, **parts, from_logits=True)
            assert type(loss) is cls
            assert loss.get_config() == wanted
        assert losses.canonical_name(name) == snake_name(cls)


def test_short_names_are_told_apart():
    assert len(ALIASES) == len(NAMES)
    assert not set(ALIASES) & set(ALIASES.values())


def test_available_is_the_table_of_the_losses():
    rows = {row["name"]: row for row in losses.available()}
    assert list(rows) == sorted(rows)
    for cls, case in BY_CLASS.items():
        row = rows[snake_name(cls)]
        assert row["class"] == cls.__name__
        assert row["alias"] == (case.alias or "")
        assert row["input"] == ("logits" if case.logits else "any")
        assert all(name in row["parameters"] for name in case.other)
        assert cls.__name__ in str(losses.available())


def test_parameters_and_options_are_passed_on():
    loss = losses.get(
        "agce", a=0.5, q=3, from_logits=True, axis=1, ignore_class=0,
        reduction="sum", name="mine", dtype="float64",
    )  # fmt: skip
    wanted = losses.AsymmetricGCE(0.5, 3, True, 1, 0, "sum", "mine", "float64")
    assert loss.get_config() == wanted.get_config()


def test_a_sum_by_name():
    loss = losses.get(
        "nce+agce", alpha=2, a=6, q=1.5, from_logits=True, axis=1,
        ignore_class=0, reduction="sum", name="mine", dtype="float64",
    )  # fmt: skip
    options = {"from_logits": True, "axis": 1, "ignore_class": 0}
    wanted = losses.ActivePassive(
        losses.NormalizedCrossEntropy(**options),
        losses.AsymmetricGCE(6, 1.5, **options),
        alpha=2,
        reduction="sum",
        name="mine",
        dtype="float64",
    )
    assert loss.get_config() == wanted.get_config()
    loss = losses.get(" NCE + asymmetric_unhinged ")
    assert type(loss.passive) is losses.AsymmetricUnhinged
    assert (loss.alpha, loss.beta) == (1, 1)


# As published: a, q for one loss, alpha, beta, a, q for a sum.
PUBLISHED = {
    ("agce", "mnist"): {"a": 4, "q": 0.2},
    ("agce", "cifar10"): {"a": 0.6, "q": 0.6},
    ("agce", "cifar100"): {"a": 0.6, "q": 0.6},
    ("agce", "webvision"): {"a": 1e-5, "q": 0.5},
    ("agce", "clothing1m"): {"a": 1e-5, "q": 0.5},
    ("aul", "mnist"): {"a": 3, "q": 0.1},
    ("aul", "cifar10"): {"a": 5.5, "q": 3},
    ("aul", "cifar100"): {"a": 5.5, "q": 3},
    ("ael", "mnist"): {"a": 3.5},
    ("ael", "cifar10"): {"a": 2.5},
    ("ael", "cifar100"): {"a": 2.5},
    ("sce", "mnist"): {"alpha": 0.01, "beta": 1, "log_zero": -4},
    ("sce", "cifar10"): {"alpha": 0.1, "beta": 1, "log_zero": -4},
    ("sce", "cifar100"): {"alpha": 6, "beta": 0.1, "log_zero": -4},
    ("js", "cifar10"): {"pi": 0.7},
    ("js", "cifar100"): {"pi": 0.3},
    ("anl", "mnist"): {"alpha": 1, "beta": 1},
    ("anl", "cifar10"): {"alpha": 5, "beta": 5},
    ("anl", "cifar100"): {"alpha": 10, "beta": 1},
    ("anl", "webvision"): {"alpha": 20, "beta": 1},
    ("jal", "cifar10"): {"a": 30, "alpha": 1, "beta": 1},
    ("jal", "cifar100"): {"a": 20, "alpha": 5, "beta": 1},
    ("jal", "webvision"): {"a": 30, "alpha": 50, "beta": 1},
    ("jal", "clothing1m"): {"a": 5, "alpha": 5, "beta": 0.1},
    **{
        (f"{active}+{passive}", dataset): (*weights, own)
        for active in ("nce", "nfl")
        for passive, own in (("mae", {}), ("rce", {"log_zero": np.log(1e-4)}))
        for dataset, weights in {
            "mnist": (1, 10),
            "cifar10": (1, 1),
            "cifar100": (10, 0.1),
        }.items()
    },
    ("nce+agce", "mnist"): (0, 1, {"a": 4, "q": 0.2}),
    ("nce+agce", "cifar10"): (1, 4, {"a": 6, "q": 1.5}),
    ("nce+agce", "cifar100"): (10, 0.1, {"a": 1.8, "q": 3}),
    ("nce+agce", "webvision"): (50, 0.1, {"a": 2.5, "q": 3}),
    ("nce+agce", "clothing1m"): (50, 0.1, {"a": 2.5, "q": 3}),
    ("nce+aul", "mnist"): (0, 1, {"a": 3, "q": 0.1}),
    ("nce+aul", "cifar10"): (1, 4, {"a": 6.3, "q": 1.5}),
    ("nce+aul", "cifar100"): (10, 0.015, {"a": 6, "q": 3}),
    ("nce+ael", "mnist"): (0, 1, {"a": 3.5}),
    ("nce+ael", "cifar10"): (1, 4, {"a": 5}),
    ("nce+ael", "cifar100"): (10, 0.1, {"a": 1.5}),
}


@pytest.mark.parametrize("name, dataset", PUBLISHED)
def test_published_parameters(name, dataset):
    loss, wanted = losses.get(name, dataset=dataset), PUBLISHED[name, dataset]
    if isinstance(wanted, tuple):
        alpha, beta, wanted = wanted
        assert (loss.alpha, loss.beta) == (alpha, beta)
        assert type(loss.active) is type(losses.get(name.split("+")[0]))
        loss = loss.passive
    assert type(loss) is type(losses.get(name.split("+")[-1]))
    # What is not published stays at its default.
    wanted = {**losses.get(name.split("+")[-1]).get_config(), **wanted}
    assert {k: getattr(loss, k) for k in loss.parameters} == {
        k: wanted[k] for k in loss.parameters
    }


@pytest.mark.parametrize("name", NAMED)
def test_published_names(name):
    known, fixed = NAMED[name]
    for spelled in (name, name.replace("-", "_"), name.upper()):
        loss = losses.get(spelled, alpha=3)
        assert loss.name == known and loss.alpha == 3
        assert loss.base == fixed["base"]
    assert losses.get(name, dataset="cifar100").beta == 1


def test_every_preset_is_a_published_one():
    short = {full: alias for alias, full in ALIASES.items()}
    presets = {
        (short.get(name, name), dataset)
        for name, table in PRESETS.items()
        for dataset in table
    }
    assert presets == set(PUBLISHED)


def test_own_parameters_win_over_published_ones():
    loss = losses.get("agce", dataset="cifar10", q=3, from_logits=True)
    assert (loss.a, loss.q, loss.from_logits) == (0.6, 3, True)
    loss = losses.get("nce+agce", dataset="cifar10", beta=2)
    assert (loss.alpha, loss.beta, loss.passive.a) == (1, 2, 6)
    assert losses.get("agce").a == 1  # and the table is left as it was
    assert losses.get("agce", dataset="cifar10").q == 0.6


def test_an_instance_or_a_config_is_taken():
    loss = losses.AsymmetricGCE(q=3)
    assert losses.get(loss) is loss
    again = losses.get(keras.losses.serialize(loss))
    assert again.get_config() == loss.get_config()


def test_unknown_names():
    with raises("Unknown loss. Did you mean 'agce'? Known names: "):
        losses.get("agec")
    with raises("Did you mean 'normalized_cross_entropy'?"):
        losses.get("normalised_cross_entropy")
    with raises("Did you mean 'asymmetricgce'?"):
        losses.get("AsymetricGCE")
    with raises("Received: 'foo'") as error:
        losses.get("nce+foo")
    known = {name for names in NAMES.values() for name in names[:2]}
    assert all(name in str(error.value) for name in known)
    with raises("Unknown loss."):
        losses.get("")
    with raises("add more with `+` between losses. Received: identifier='nce+"):
        losses.get("nce+agce+ce")


def test_unknown_data_sets():
    with raises(
        "No parameters of 'aul' are published for this data set (there are: "
        "cifar10, cifar100, mnist). Leave `dataset` out and give the "
        "parameters yourself. Received: dataset='webvision'"
    ):
        losses.get("aul", dataset="webvision")
    with raises("No parameters of 'nce' are published for this data set (there "
                "are: none)"):  # fmt: skip
        losses.get("nce", dataset="cifar10")
    with raises("No parameters of 'nce+gce' are published"):
        losses.get("nce+gce", dataset="cifar10")


def test_unknown_parameters():
    with raises("AsymmetricGCE has no parameter 'gamma'. It takes: a, q, from_l"
                ) as error:  # fmt: skip
        losses.get("agce", gamma=2)
    assert "Received: gamma=2" in str(error.value)
    with raises("Neither part of 'normalized_cross_entropy+asymmetric_gce' has "
                "the parameter 'gamma'. Received: gamma=2"):  # fmt: skip
        losses.get("nce+agce", gamma=2)
    with raises("`q` must be a finite number above 0. Received: q=-1"):
        losses.get("agce", q=-1)
    with raises("has no parameter 'alpha'"):
        losses.get("agce", alpha=1)


def test_what_is_no_identifier():
    for identifier in (None, 3, losses.AsymmetricGCE, losses.asymmetric_gce):
        with raises("named by a string, a config dict or an instance"):
            losses.get(identifier)
    theirs = keras.losses.MeanSquaredError()
    with raises("named by a string, a config dict or an instance"):
        losses.get(theirs)
    with raises("The config is not one of a robust loss."):
        losses.get(keras.losses.serialize(theirs))
    for identifier in (losses.AsymmetricGCE(), {"class_name": "X"}):
        with raises("Parameters can only be given with a name."):
            losses.get(identifier, q=3)
    with raises("Parameters can only be given with a name."):
        losses.get(losses.AsymmetricGCE(), dataset="cifar10")


def test_numbers_of_a_search_are_taken():
    loss = losses.get("agce", a=np.float64(0.5), q=np.int64(3))
    assert type(loss.a) is float and type(loss.q) is float


def test_a_loss_with_a_large_matrix_has_a_short_name():
    loss = losses.ForwardCorrection(np.eye(1000))
    assert len(repr(loss)) < 200
    inside = losses.ActivePassive(
        losses.NormalizedCrossEntropy(), losses.AsymmetricGCE(q=3)
    )
    assert "AsymmetricGCE(a=1.0, q=3" in repr(inside)
