"""Sums of losses, written with `*` and `+`."""

import json
import re

import keras
import numpy as np
import pytest

from keras_robust import losses
from tests.backend import float64
from tests.backend import to_numpy
from tests.losses.cases import LABELS
from tests.losses.cases import LOGITS
from tests.losses.cases import expected
from tests.losses.cases import predictions

NCE = losses.NormalizedCrossEntropy
AGCE = losses.AsymmetricGCE


def raises(message, error=ValueError):
    return pytest.raises(error, match=re.escape(message))


def test_two_losses_make_an_active_passive_one():
    loss = 1.0 * NCE() + 4.0 * AGCE(a=6, q=1.5)
    wanted = losses.ActivePassive(NCE(), AGCE(a=6, q=1.5), 1.0, 4.0)
    assert type(loss) is losses.ActivePassive
    assert loss.get_config() == wanted.get_config()
    assert (loss.alpha, loss.beta) == (1, 4)
    assert type(loss.active) is NCE and type(loss.passive) is AGCE
    values = to_numpy(loss.call(LABELS, predictions(False)))
    np.testing.assert_allclose(values, expected("nce_agce", LABELS), rtol=2e-5)


def test_every_way_to_write_a_weight():
    for loss in (
        3 * AGCE(),
        AGCE() * 3,
        np.float64(3) * AGCE(),
        AGCE() * np.float32(3),
        np.int64(3) * AGCE(),
        losses.WeightedSum([AGCE()], [np.float64(3)]),
    ):
        assert type(loss) is losses.WeightedSum
        assert loss.weights == [3.0] and type(loss.weights[0]) is float
        values = to_numpy(loss.call(LABELS, predictions(False)))
        wanted = 3 * expected("agce", LABELS)
        np.testing.assert_allclose(values, wanted, rtol=2e-5)


def test_sums_inside_sums_are_flattened():
    loss = 2 * (NCE() + 3 * AGCE()) + 0.5 * (losses.CrossEntropy() * 4)
    assert [type(x) for x in loss.losses] == [NCE, AGCE, losses.CrossEntropy]
    assert loss.weights == [2, 6, 2]
    assert type(loss) is losses.WeightedSum
    assert type(0.5 * (NCE() + AGCE())) is losses.ActivePassive
    values = to_numpy(loss.call(LABELS, predictions(False)))
    wanted = 2 * expected("nce", LABELS) + 6 * expected("agce", LABELS)
    wanted += 2 * expected("cross_entropy", LABELS)
    np.testing.assert_allclose(values, wanted, rtol=2e-5)


def test_operands_are_left_as_they_were():
    part = NCE() + AGCE()
    before = part.get_config()
    2 * part + losses.CrossEntropy()
    assert part.get_config() == before


def test_a_weight_of_zero_leaves_a_part_out():
    loss = 0 * losses.CrossEntropy() + AGCE()
    values = to_numpy(loss.call(LABELS, predictions(False)))
    np.testing.assert_allclose(values, expected("agce", LABELS), rtol=2e-5)


OPTIONS = {"from_logits": True, "axis": 1, "ignore_class": 2}


def test_a_sum_takes_the_options_of_its_parts():
    loss = NCE(**OPTIONS) + AGCE(**OPTIONS)
    for key, value in OPTIONS.items():
        assert getattr(loss, key) == value
    labels = LABELS != 2
    wanted = (expected("nce", LABELS) + expected("agce", LABELS))[labels]
    assert float(to_numpy(loss(LABELS, LOGITS))) == pytest.approx(
        wanted.mean(), rel=2e-5
    )
    same = losses.ActivePassive(NCE(**OPTIONS), AGCE(**OPTIONS), **OPTIONS)
    assert same.get_config() == loss.get_config()


def test_a_sum_reduces_as_its_parts_do():
    loss = NCE(reduction="sum") + 2 * AGCE(reduction="sum")
    assert loss.reduction == "sum"
    assert (3 * loss).reduction == "sum"
    with raises("must agree on `reduction`"):
        NCE(reduction="sum") + AGCE()


@pytest.mark.parametrize(
    "loss",
    [
        NCE(**OPTIONS) + 4.0 * AGCE(a=6, q=1.5, **OPTIONS),
        2.0 * losses.Blurry(0.1, stop_gradient=False),
        losses.CrossEntropy() + NCE() + 0.5 * AGCE(),
        losses.ActivePassive(
            NCE(), AGCE(), 2, 3, reduction="sum", name="n", dtype="float64"
        ),
        losses.ActivePassive(2 * NCE(), AGCE() + losses.CrossEntropy()),
    ],
    ids=str,
)
def test_config_round_trip(loss):
    config = json.loads(json.dumps(keras.losses.serialize(loss)))
    again = keras.losses.deserialize(config)
    assert type(again) is type(loss)
    assert again.get_config() == loss.get_config()
    assert repr(again) == repr(loss)
    y_pred = predictions(loss.from_logits)
    with float64():
        value = to_numpy(loss(LABELS, y_pred))
        assert to_numpy(again(LABELS, y_pred)) == value


def test_it_trains_and_saves(tmp_path):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4)])
    model.compile(
        "adam",
        loss=1.0 * NCE(from_logits=True)
        + 4.0 * AGCE(a=6, q=1.5, from_logits=True),
    )
    model.optimizer.learning_rate = 0.1
    history = model.fit(LOGITS, LABELS, epochs=5, verbose=0).history["loss"]
    assert history[-1] < history[0]
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.loss.get_config() == model.loss.get_config()
    assert again.evaluate(LOGITS, LABELS, verbose=0) == pytest.approx(
        model.evaluate(LOGITS, LABELS, verbose=0), rel=1e-6
    )


def test_parts_that_disagree():
    message = "must agree on `{}`: give every one of them the same"
    for option, values in [
        ("from_logits", [False, True]),
        ("axis", [-1, 1]),
        ("ignore_class", [None, 3]),
        ("multi_label", [False, True]),
    ]:
        one, other = ({option: value} for value in values)
        with raises(message.format(option)) as error:
            NCE(**one) + AGCE(**other)
        assert f"Received: {option}={values}" in str(error.value)
        with raises(message.format(option)):
            losses.ActivePassive(NCE(**one), AGCE(**other))
    with raises(message.format("from_logits")):
        losses.ActivePassive(NCE(), AGCE(), from_logits=True)


def test_losses_that_are_not_robust():
    theirs = keras.losses.SparseCategoricalCrossentropy()
    with raises("Only robust losses can be added up"):
        losses.ActivePassive(NCE(), theirs)
    with raises("Only robust losses can be added up") as error:
        losses.WeightedSum(["agce"], [1.0])
    assert "Received: 'agce'" in str(error.value)
    for left, right in [(NCE(), theirs), (theirs, NCE()), (NCE(), 1.0)]:
        with raises("unsupported operand", TypeError):
            left + right


@pytest.mark.parametrize("weight", [-1, float("nan"), float("inf"), "2", True])
def test_weights_out_of_range(weight):
    received = f"Received: {{}}={weight!r}"
    with raises(received.format("weight")):
        weight * NCE()
    with raises(received.format("alpha")):
        losses.ActivePassive(NCE(), AGCE(), alpha=weight)
    with raises(received.format("beta")):
        losses.ActivePassive(NCE(), AGCE(), beta=weight)
    with raises(received.format("weights")):
        losses.WeightedSum([NCE()], [weight])


def test_lists_that_do_not_match():
    for parts, weights in [([], []), ([NCE()], []), ([NCE()], [1, 2])]:
        with raises(
            "`losses` and `weights` must be lists of the same length, at least "
            f"1. Received: {len(parts)} losses, {len(weights)} weights"
        ):
            losses.WeightedSum(parts, weights)


def test_two_losses_cannot_be_multiplied():
    with raises("`weight` must be a finite number at least 0"):
        NCE() * AGCE()


def test_a_weight_of_0_switches_a_part_off():
    nce = losses.NormalizedCrossEntropy(from_logits=True)
    agce = losses.AsymmetricGCE(from_logits=True)
    both = losses.ActivePassive(nce, agce, alpha=0.0, beta=2.0)
    assert both.totals() == ()
    np.testing.assert_array_equal(
        to_numpy(both.call(LABELS, LOGITS)),
        2 * to_numpy(agce.call(LABELS, LOGITS)),
    )
    neither = losses.WeightedSum([nce, agce], [0.0, 0.0])
    assert not to_numpy(neither.call(LABELS, LOGITS)).any()
    pointwise = losses.WeightedSum([agce], [0.0])
    assert not to_numpy(pointwise.call(LABELS, LOGITS)).any()
