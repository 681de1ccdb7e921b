"""Every loss says where to search for its parameters, or why not at all."""

import keras
import numpy as np
import pytest

from keras_robust import losses
from keras_robust.losses.base import LOSSES
from keras_robust.losses.search_space import INNER
from keras_robust.losses.search_space import NOT_TUNABLE
from keras_robust.losses.search_space import SPACES

SUMS = ("nce+agce", "nce+aul", "nce+ael", "nce+rce", "nfl+mae", "agce+gce")
NAMED = ("anl-ce", "anl-fl", "jal-ce", "jal-fl")
MATRIX = [[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.0, 0.0, 1.0]]

every_space = pytest.mark.parametrize("name", [*SPACES, *SUMS, *NAMED])


def space_of(name):
    return losses.search_space(name, transition_matrix=MATRIX)


def made(space, values):
    options = {"from_logits": True} if space.takes_logits else {}
    return space.loss(values, **options)


def test_every_loss_is_in_the_table_or_has_a_reason():
    assert set(SPACES) | set(NOT_TUNABLE) == set(LOSSES)
    assert not set(SPACES) & set(NOT_TUNABLE)
    assert set(INNER) < set(SPACES)


@every_space
def test_defaults_lie_in_the_ranges(name):
    for one in space_of(name).ranges.values():
        assert one.low <= one.default <= one.high
        assert one.low < one.high
        assert one.low > 0 or one.sampling == "linear"
        assert one.sampling in ("linear", "log", "integer")


@pytest.mark.parametrize("name", SPACES)
def test_defaults_are_those_of_the_loss(name):
    space = space_of(name)
    config = made(space, {}).get_config()
    given = losses.get(
        name,
        **space.fixed,
        **({"from_logits": True} if space.takes_logits else {}),
    ).get_config()
    # What has none of its own until it sees the classes.
    if name != "logit_bias":
        assert config == given


@pytest.mark.parametrize("name", ["nce+agce", "nce+aul", "nce+ael"])
def test_sums_start_from_the_published_values(name):
    wanted = losses.get(name, dataset="cifar10").get_config()
    assert space_of(name).loss().get_config() == wanted


@every_space
@pytest.mark.parametrize("end", ["low", "high"])
def test_both_ends_make_a_valid_loss_that_is_saved_and_loaded(name, end):
    space = space_of(name)
    values = {k: getattr(one, end) for k, one in space.ranges.items()}
    # As a search with Gaussian processes hands them out.
    loss = made(space, {k: np.float64(v) for k, v in values.items()})
    config = keras.saving.serialize_keras_object(loss)
    again = keras.saving.deserialize_keras_object(config)
    assert again.get_config() == loss.get_config()
    y_pred = np.array([[-1.0, 2.0, 0.0], [3.0, 0.5, 1.0]], "float32")
    y_true = np.eye(3, dtype="float32")[:2]
    value = float(loss(y_true, y_pred))
    assert np.isfinite(value)
    assert value == float(again(y_true, y_pred))


def test_values_reach_the_loss_as_plain_numbers():
    loss = losses.search_space("taylor").loss({"order": np.float64(3.0)})
    assert type(loss.order) is int and loss.order == 3
    loss = losses.search_space("agce").loss({"q": np.float32(0.5)})
    assert type(loss.q) is float and (loss.a, loss.q) == (1.0, 0.5)


def test_parts_of_a_sum_share_a_range_where_they_share_a_name():
    ranges = losses.search_space("agce+gce").ranges
    assert (ranges["q"].low, ranges["q"].high) == (0.1, 1.0)
    assert ranges["q"].default == 1.0


@pytest.mark.parametrize(
    "name, message",
    [
        ("agc", "Did you mean 'agce'.*Received: 'agc'"),
        (3, "named by a string, such as 'agce'.*Received: 3"),
        ("weighted_sum", "cannot be tuned: it is made of losses: name a sum"),
        ("ogc", "'gradient_clipping' cannot be tuned: its callback"),
        ("db", "needs the frequency of every class.*Received: 'db'"),
        ("nce+mae+ce", "A sum by name has two parts"),
        ("nce+eps", "'epsilon_softmax' cannot be tuned as a part of a sum"),
        ("nce+lp", "'lp' cannot be tuned as a part of a sum"),
        ("agce+ael", None),
        ("blurry+dal", None),
        ("phuber+sr", "cannot be tuned as a part of a sum"),
        ("lr+rda", None),
        ("forward", "needs the transition matrix.*transition_matrix=None"),
    ],
)
def test_what_cannot_be_tuned_is_refused_with_the_reason(name, message):
    if message is None:
        assert losses.search_space(name).loss() is not None
        return
    with pytest.raises(ValueError, match=message):
        losses.search_space(name)
