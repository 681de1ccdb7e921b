"""The conditions of the paper are tight: by looking at the whole simplex."""

import numpy as np
import pytest
from keras import ops

from keras_robust import losses
from keras_robust.theory import asymmetry_ratio
from keras_robust.theory import max_noise_rate
from keras_robust.theory import noise_tolerance
from keras_robust.theory import robustness_gap
from keras_robust.theory.minimisers import Minimisers

CASES = {
    "agce": (losses.AsymmetricGCE(a=0.6, q=0.6), (1.6 / 0.6) ** 0.4),
    "aul": (losses.AsymmetricUnhinged(a=5.5, q=3), (5.5 / 4.5) ** 2),
    "ael": (losses.AsymmetricExponential(a=2.5), np.exp(0.4)),
}
every_case = pytest.mark.parametrize("name", CASES)


@every_case
@pytest.mark.parametrize("num_classes", [2, 3, 10])
@pytest.mark.parametrize("kind", ["all", "one"])
def test_thresholds_are_tight(name, num_classes, kind):
    loss, needed = CASES[name]
    assert 1 / asymmetry_ratio(loss) == pytest.approx(needed, rel=1e-9)
    minimisers = Minimisers(loss, num_classes)
    weights = np.ones(num_classes) if kind == "all" else np.zeros(num_classes)
    weights[0] = 1.0
    weights[1] = needed * 1.001
    assert minimisers.find(weights).is_corner
    weights[1] = needed * 0.999
    assert not minimisers.find(weights).is_corner


def random_loss(rng):
    kind = rng.integers(3)
    if kind == 0:
        return losses.AsymmetricGCE(
            a=rng.uniform(0.1, 6), q=rng.uniform(0.1, 4)
        )
    if kind == 1:
        return losses.AsymmetricUnhinged(
            a=rng.uniform(1.1, 8), q=rng.uniform(0.1, 4)
        )
    return losses.AsymmetricExponential(a=rng.uniform(0.5, 6))


def test_the_verdict_is_that_of_the_ratio():
    rng = np.random.default_rng(0)
    for _ in range(20):
        loss = random_loss(rng)
        limit = max_noise_rate(loss, "pair", 5)
        inside = noise_tolerance(loss, "pair", limit * 0.998, 5)
        assert inside.is_tolerated and inside.margin >= 0
        outside = noise_tolerance(loss, "pair", min(limit * 1.002, 1), 5)
        assert outside.classes[0].verdict == "not tolerated"
        assert not outside


@pytest.mark.parametrize("a", [7.0, 30.0])
def test_amse_needs_what_its_authors_say(a):
    # The other nine classes weigh nine times the runner-up together.
    needed = (a + 9) / (a - 1)
    found = max_noise_rate(losses.AsymmetricMSE(a=a), "symmetric", 10)
    assert found == pytest.approx(9 / (9 + needed), abs=1e-3)


@pytest.mark.parametrize("p, pair", [(0.9, 0.5), (1.5, None)])
def test_anorm_needs_what_its_authors_say(p, pair):
    loss = losses.AsymmetricNorm(a=2.0, p=p)
    if pair is None:
        needed = (2.0 ** (p - 1) + 1) / 1.0 ** (p - 1)
        pair = 1 / (1 + needed)
    assert max_noise_rate(loss, "pair", 4) == pytest.approx(pair, abs=1e-3)


def test_the_gap_is_none_inside_and_some_outside():
    loss = CASES["ael"][0]
    limit = max_noise_rate(loss, "pair", 3)
    assert robustness_gap(loss, "pair", limit * 0.99, 3).gap == 0
    outside = robustness_gap(loss, "pair", limit * 1.05, 3)
    assert outside.gap > 0.01
    assert (outside.minimisers.argmax(axis=1) == np.arange(3)).all()
    wrong = robustness_gap(loss, "pair", 0.6, 3)
    assert (wrong.minimisers.argmax(axis=1) == [1, 2, 0]).all()
    assert wrong.gap == pytest.approx(1.0)


def test_cross_entropy_predicts_the_shares():
    found = robustness_gap(
        losses.CrossEntropy(), [[0.7, 0.2, 0.1], [0.0, 1.0, 0.0], [0, 0.3, 0.7]]
    )
    np.testing.assert_allclose(
        found.minimisers, [[0.7, 0.2, 0.1], [0, 1, 0], [0, 0.3, 0.7]], atol=0.02
    )
    assert found.classes[1] == 0


def test_many_classes_with_the_same_noise_have_the_same_answer():
    found = noise_tolerance(losses.CrossEntropy(), "pair", 0.3, 4)
    for label, one in enumerate(found.classes):
        assert one.label == label
        assert one.best.argmax() == label
        assert one.best[(label + 1) % 4] == pytest.approx(0.3, abs=0.02)
    assert str(found).startswith("every class: not tolerated (another")
    assert str(found).count("not tolerated") == 1


def test_open_where_the_ratio_is_too_small_and_nothing_is_better():
    def flat_between(y_true, y_pred):
        p = ops.sum(ops.cast(y_true, y_pred.dtype) * y_pred, axis=-1)
        return 1 - 1.25 * (ops.minimum(p, 0.4) + ops.maximum(p, 0.6) - 0.6)

    assert asymmetry_ratio(flat_between, 2) < 1e-6
    found = noise_tolerance(flat_between, "pair", 0.2, 2)
    assert [one.verdict for one in found.classes] == ["open", "open"]
    assert "no better prediction" in found.classes[0].why
    assert not found


def test_a_class_that_is_not_the_likeliest():
    found = noise_tolerance(losses.CategoricalMAE(), [[0.4, 0.6], [0.1, 0.9]])
    assert found.classes[0].verdict == "not tolerated"
    assert "as often" in found.classes[0].why
    assert found.classes[1].verdict == "tolerated"


@pytest.mark.parametrize(
    "noise, options, message",
    [
        ([[0.5, 0.4], [0.1, 0.9]], {}, "row 0 with the sum 0.9"),
        ([[0.5, 0.5], [-0.1, 1.1]], {}, "row 1"),
        ([[np.nan, 1.0], [0.0, 1.0]], {}, "row 0"),
        ([[1.0, 0.0]], {}, "square matrix"),
        ([[1.0]], {}, "at least 2 classes"),
        ("symetric", {"rate": 0.1, "num_classes": 3}, "mean 'symmetric'"),
        ("symmetric", {"num_classes": 3}, "needs a `rate`"),
        ("symmetric", {"rate": 1.5, "num_classes": 3}, "rate=1.5"),
        ("pair", {"rate": 0.5}, "num_classes=None"),
        ("pair", {"rate": 0.5, "num_classes": 1}, "num_classes=1"),
        (np.eye(3), {"rate": 0.5}, "leave `rate`"),
        (object(), {}, "square matrix"),
    ],
)
def test_noise_that_is_none(noise, options, message):
    with pytest.raises(ValueError, match=message):
        noise_tolerance(losses.CategoricalMAE(), noise, **options)
