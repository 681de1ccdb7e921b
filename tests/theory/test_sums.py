"""Sums and losses of all classes: what they say agrees with a search."""

import numpy as np
import pytest
from keras import ops

from keras_robust import losses
from keras_robust.losses import RobustLoss
from keras_robust.losses.base import LOSSES
from keras_robust.losses.search_space import SPACES
from keras_robust.theory import asymmetry_ratio
from keras_robust.theory import classification_calibration
from keras_robust.theory import is_symmetric
from keras_robust.theory import max_noise_rate
from keras_robust.theory import noise_tolerance
from keras_robust.theory import ratio_and_error
from keras_robust.theory.minimisers import Minimisers
from keras_robust.theory.parts import parts_of
from keras_robust.theory.pointwise import is_pointwise
from tests.theory.asked import Ask

LOGITS = {"from_logits": True}


def declaring():
    """Every loss of the library whose defaults have a ratio."""
    found = {}
    for name, cls in LOSSES.items():
        if not issubclass(cls, RobustLoss):
            continue
        try:
            loss = cls(**LOGITS)
        except TypeError:
            continue
        if loss.asymmetry_ratio() is not None:
            found[name] = loss
    for name in ("nce+agce", "nce+aul", "nce+ael", "nfl+mae"):
        found[name] = losses.get(name, "cifar10", **LOGITS)
    return found


DECLARING = declaring()
# Their slope has no bound at p = 0, but grows slowly: of a ratio that is 0 the
# search in steps sees no more than that.
SLOWLY = {"generalized_cross_entropy": 0.02, "jensen_shannon": 0.06}


@pytest.mark.parametrize("name", DECLARING)
def test_what_a_loss_says_of_itself(name):
    loss = DECLARING[name]
    says = loss.asymmetry_ratio()
    if is_pointwise(loss, 5):
        found = asymmetry_ratio(Ask(loss), 5)
        assert found == pytest.approx(says, abs=SLOWLY.get(name, 1e-3))
        return
    # Of a loss of all classes: no weights for which it should be enough have
    # a better prediction than being sure.
    minimisers = Minimisers(Ask(loss), 4)
    rng = np.random.default_rng(0)
    tried = 0
    while tried < 8:
        weights = rng.dirichlet(np.ones(4))
        weights[rng.random(4) < 0.2] = 0.0
        first, second = np.sort(weights)[::-1][:2]
        if second and says * first / second >= 1.001:
            assert minimisers.find(weights).is_corner
            tried += 1


@pytest.mark.parametrize("name", [n for n in DECLARING if SPACES.get(n)])
def test_what_a_loss_says_of_all_its_parameters(name):
    """A new loss gets this for its closed form and its ranges."""
    space = losses.search_space(name)
    rng = np.random.default_rng(0)
    for share in (0.0, 1.0, *rng.random((6, len(space.ranges)))):
        shares = np.broadcast_to(share, len(space.ranges))
        values = {
            parameter: one.low + at * (one.high - one.low)
            for (parameter, one), at in zip(
                space.ranges.items(), shares, strict=True
            )
        }
        for parameter, one in space.ranges.items():
            if one.sampling == "integer":
                values[parameter] = round(values[parameter])
        loss = space.loss(values, **LOGITS)
        says = loss.asymmetry_ratio()
        if says is None or not is_pointwise(loss, 3):
            continue
        found = asymmetry_ratio(Ask(loss), 3)
        # Of a 0 at an unbounded slope the search sees less.
        assert says <= found + 1e-3, loss
        assert not says or says == pytest.approx(found, abs=1e-3), loss


def test_symmetric_is_not_all():
    """A label may cost more than where the prediction is sure of another."""
    loss = losses.NormalizedGCE(q=0.7, **LOGITS)
    assert is_symmetric(loss)
    assert loss.asymmetry_ratio() is None
    assert max_noise_rate(loss, "symmetric", 10) == 0.9
    # Beside the corner of one class the other gains p^q, the first loses q p.
    assert max_noise_rate(loss, "pair", 10) < 0.03
    u = np.zeros(10)
    u[:2] = 0.82, 0.18
    total = 10 - (u**0.7).sum()
    risk = (0.6 * (1 - 0.82**0.7) + 0.4 * (1 - 0.18**0.7)) / total
    assert risk < 0.4 / 9
    assert losses.NormalizedGCE(q=1.0).asymmetry_ratio() == 1.0


def amse_pair(a):
    """`rho >= (a + 1) / (a - 1)`: one other class has all the rest."""
    return 1 / (1 + (a + 1) / (a - 1))


@pytest.mark.parametrize("dataset", ["cifar10", "cifar100", "webvision"])
@pytest.mark.parametrize("hidden", [False, True])
def test_a_normalised_part_costs_nothing(dataset, hidden):
    loss = losses.get("jal-ce", dataset, **LOGITS)
    expected = amse_pair(loss.a)
    asked = Ask(loss) if hidden else loss
    assert max_noise_rate(asked, "pair", 10) == pytest.approx(
        expected, abs=1e-3
    )


def test_a_sum_that_clips_is_judged_by_its_parts():
    # Of probabilities the normalised part is clipped at 1e-7, and next to the
    # corner the sum is a little smaller than at it.
    loss = losses.JointAsymmetric()
    hidden = noise_tolerance(Ask(loss), "pair", 0.3, 10).classes[0]
    assert hidden.verdict == "not tolerated"
    assert hidden.best[0] > 0.99
    one = noise_tolerance(loss, "pair", 0.3, 10).classes[0]
    assert one.verdict == "tolerated"
    assert "each of the losses that it adds up" in one.why
    assert "numeric evidence" in one.why
    assert np.isnan(one.margin)
    outside = noise_tolerance(loss, "pair", 0.495, 10).classes[0]
    assert outside.verdict == "not tolerated"


def test_passive_parts_are_searched_together():
    whole = losses.AsymmetricNorm(a=2.0, p=1.5) + losses.AsymmetricMSE(a=2.0)
    parts = [max_noise_rate(one, "pair", 3) for one in parts_of(whole)]
    found = max_noise_rate(whole, "pair", 3)
    assert min(parts) < max(parts)
    assert min(parts) - 1e-3 <= found <= max(parts) + 1e-3


def test_parts_of_sums_in_sums():
    mae, ce = losses.CategoricalMAE(), losses.CrossEntropy()
    inner = losses.ActivePassive(mae, ce, alpha=1.0, beta=0.0)
    whole = losses.WeightedSum([inner, losses.AsymmetricMSE()], [2.0, 1.0])
    assert [type(one).__name__ for one in parts_of(whole)] == [
        "CategoricalMAE",
        "AsymmetricMSE",
    ]
    assert parts_of(ce) == [ce]


def slopes(at_zero, at_one, weight):
    """The ratio of a convex part and of `weight` times a linear one."""
    return (at_one + weight) / (at_zero + weight)


@pytest.mark.parametrize(
    "loss, expected",
    [
        (
            losses.AsymmetricGCE(a=0.6, q=0.6) + losses.CategoricalMAE(),
            slopes(0.6**-0.4, 1.6**-0.4, 1.0),
        ),
        (
            losses.AsymmetricExponential(a=1.5)
            + 100.0 * losses.CategoricalMAE(),
            slopes(1 / 1.5, np.exp(-1 / 1.5) / 1.5, 100.0),
        ),
    ],
)
def test_a_sum_of_pointwise_parts_is_searched(loss, expected):
    ratio, error = ratio_and_error(loss, 3)
    assert ratio == pytest.approx(expected, abs=1e-3)
    assert ratio > loss.asymmetry_ratio() + 0.1
    assert 0 < error < 1e-2
    rate = max_noise_rate(loss, "pair", 3)
    assert rate == pytest.approx(expected / (1 + expected), abs=1e-3)
    by_parts, between, outside = (
        noise_tolerance(loss, "pair", at, 3).classes[0]
        for at in (
            loss.asymmetry_ratio() / (1 + loss.asymmetry_ratio()) - 1e-3,
            rate - 1e-3,
            rate + 1e-3,
        )
    )
    assert by_parts.verdict == between.verdict == "tolerated"
    assert "numeric evidence" not in by_parts.why
    assert between.why.startswith("numeric evidence: its label is ")
    assert outside.verdict == "not tolerated"


def test_a_sum_with_a_trace_of_cross_entropy():
    # Of probabilities, clipped at 1e-7: the slope there is 1 + 1e-9 / 1e-7.
    trace = 1e-9 * losses.CrossEntropy() + losses.CategoricalMAE()
    assert asymmetry_ratio(trace, 3) == pytest.approx(1.0, abs=0.02)
    # From logits it is as good as infinite at 0.
    trace = 1e-9 * losses.CrossEntropy(**LOGITS)
    trace += losses.CategoricalMAE(**LOGITS)
    assert asymmetry_ratio(trace, 3) < 1e-9


def test_a_sum_that_cannot_do_better_is_a_closed_form():
    straight = losses.AsymmetricGCE(q=3) + losses.CategoricalMAE()
    assert ratio_and_error(straight, 3) == (1.0, 0.0)
    part = losses.AsymmetricExponential(a=1.5)
    of_all = losses.NormalizedCrossEntropy() + part
    assert ratio_and_error(of_all, 3) == (part.asymmetry_ratio(), 0.0)


@pytest.mark.parametrize(
    "loss",
    [
        losses.LogitClip(losses.CrossEntropy(**LOGITS)),
        losses.LDRKL(**LOGITS),
    ],
)
def test_a_loss_of_more_than_the_softmax(loss):
    for ask in (max_noise_rate, is_symmetric):
        with pytest.raises(ValueError, match="added to all logits"):
            ask(loss)


def test_a_tie_is_a_counterexample():
    def cut(y_true, y_pred):
        p = ops.sum(ops.cast(y_true, y_pred.dtype) * y_pred, axis=-1)
        return ops.where(p < 0.05, 0.0, 1 - p)

    found = classification_calibration(cut, 3)
    assert found.verdict == "counterexample"
    assert found.best.argmax() != found.weights.argmax()
