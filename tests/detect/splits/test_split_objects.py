"""Splits with numbers of their own: what they flag, and P(wrong)."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from keras_robust.detect import LabelIssues
from keras_robust.detect import Score
from keras_robust.detect import find_label_issues
from keras_robust.detect import register_split
from keras_robust.detect.splits import BetaMixture
from keras_robust.detect.splits import Flagged
from keras_robust.detect.splits import Fraction
from keras_robust.detect.splits import GaussianMixture
from keras_robust.detect.splits import NoiseRate
from keras_robust.detect.splits import Threshold
from keras_robust.detect.splits import ThresholdSamples
from keras_robust.detect.splits import get_split
from keras_robust.detect.splits import split
from keras_robust.detect.statistics import histogram
from keras_robust.detect.statistics.beta_mixture import fit_two_betas
from keras_robust.detect.statistics.histogram import Histogram
from keras_robust.detect.statistics.histogram import histogram_of
from keras_robust.detect.statistics.mixtures import fit_two_normals
from keras_robust.detect.statistics.mixtures import two_normals
from tests.detect.samples import noisy

MIXTURES = [GaussianMixture(), BetaMixture(), BetaMixture(on="quality")]
mixture = pytest.mark.parametrize("split", MIXTURES, ids=repr)


def score(evidence):
    evidence = np.asarray(evidence, float)
    return Score(1 / (1 + np.exp(-np.clip(evidence, -700, 700))), evidence)


def groups(num_samples, rate, seed=0, spread=1.5):
    rng = np.random.default_rng(seed)
    wrong = rng.permutation(num_samples) < round(rate * num_samples)
    return score(rng.normal(np.where(wrong, -4.0, 5.0), spread)), wrong


@mixture
@pytest.mark.parametrize("rate", [0.05, 0.2, 0.4])
def test_mixtures_tell_two_groups_apart(split, rate):
    scores, wrong = groups(2000, rate)
    found = split(scores)
    assert (found.mask != wrong).sum() <= 20
    assert found.mask.dtype == bool
    np.testing.assert_array_equal(
        found.mask, (found.wrong_probability > 0.5) & (scores.quality < 0.5)
    )


def test_the_probability_is_that_of_the_groups():
    """Of two normal distributions it is known."""
    rate, spread = 0.3, 2.5
    scores, wrong = groups(50_000, rate, spread=spread)
    x = scores.evidence
    odds = np.log(rate / (1 - rate)) + ((x - 5) ** 2 - (x + 4) ** 2) / (
        2 * spread**2
    )
    truth = 1 / (1 + np.exp(-odds))
    found = GaussianMixture()(scores).wrong_probability
    below = scores.quality < 0.5
    np.testing.assert_allclose(found[below], truth[below], atol=0.02)
    # Above one half it says no more than one half.
    np.testing.assert_allclose(
        found[~below], np.minimum(truth[~below], 0.5), atol=0.02
    )


@mixture
def test_where_there_is_one_group_nothing_is_wrong(split):
    scores = score(np.random.default_rng(0).normal(5.0, 1.0, 500))
    found = split(scores)
    assert not found.mask.any()
    assert found.wrong_probability.max() == 0.0


@mixture
@given(
    evidence=st.lists(
        st.floats(-50, 50, allow_subnormal=False), min_size=1, max_size=40
    ),
    data=st.data(),
)
@settings(max_examples=20, deadline=None)
def test_mixtures_have_one_threshold_in_any_order(split, evidence, data):
    evidence = np.array(evidence)
    found = split(score(evidence))
    # The more suspicious, the more probably wrong.
    order = np.argsort(evidence, kind="stable")
    assert (np.diff(found.wrong_probability[order]) <= 1e-9).all()
    assert not found.mask[evidence >= 0].any()
    order = data.draw(st.permutations(range(evidence.size)))
    moved = split(score(evidence[order]))
    np.testing.assert_array_equal(
        moved.wrong_probability, found.wrong_probability[order]
    )


@mixture
@pytest.mark.parametrize("evidence", [[], [-3.0], [-3.0] * 9, [2.0, 9.0]])
def test_where_nothing_can_be_split(split, evidence):
    found = split(score(evidence))
    assert found.mask.shape == (len(evidence),)
    assert not found.mask.any()
    assert not found.wrong_probability.any()


@mixture
def test_a_histogram_is_as_good_as_all(split, monkeypatch):
    scores, _ = groups(50_000, 0.3, spread=2.5)
    monkeypatch.setattr(histogram, "FEW", 10)
    few = split(scores)
    monkeypatch.setattr(histogram, "FEW", 10**9)
    whole = split(scores)
    np.testing.assert_allclose(
        few.wrong_probability, whole.wrong_probability, atol=2e-3
    )
    assert (few.mask != whole.mask).mean() < 1e-3


@pytest.mark.parametrize("common", [True, False])
def test_the_fit_is_that_of_scikit_learn(common):
    scores, _ = groups(1000, 0.3)
    values = np.sort(scores.evidence)
    found = fit_two_normals(
        histogram_of(values, values[0], values[-1]), common, 200, 1e-9, 1e-6
    )
    kind = "tied" if common else "full"
    theirs = two_normals(
        values, covariance_type=kind, max_iter=200, tol=1e-9, random_state=0
    )
    order = np.argsort(theirs.means_[:, 0])
    np.testing.assert_allclose(found.means, theirs.means_[order, 0], atol=1e-4)
    np.testing.assert_allclose(found.weights, theirs.weights_[order], atol=1e-4)
    variances = np.broadcast_to(theirs.covariances_.reshape(-1), 2)
    variances = variances if common else variances[order]
    np.testing.assert_allclose(found.variances, variances, rtol=1e-3)


def test_counted_values_are_values_that_are_there_as_often():
    points, counts = np.array([0.1, 0.3, 0.8]), np.array([3, 1, 2])
    repeated = np.repeat(points, counts)
    for fit in (
        fit_two_betas,
        lambda h: fit_two_normals(h, True, 10, 1e-9, 1e-6),
    ):
        one = fit(Histogram(points, counts))
        other = fit(Histogram(repeated, np.ones(6)))
        for a, b in zip(one, other, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9)


def test_two_beta_distributions_are_found():
    rng = np.random.default_rng(0)
    values = np.sort(np.r_[rng.beta(2, 9, 7000), rng.beta(12, 3, 3000)])
    counts = np.ones(values.size)
    found = fit_two_betas(Histogram(values, counts), steps=300)
    np.testing.assert_allclose(found.weights, [0.7, 0.3], atol=0.02)
    np.testing.assert_allclose(found.means, [2 / 11, 0.8], atol=0.01)
    np.testing.assert_allclose(found.alphas, [2, 12], rtol=0.15)
    # The odds are of the densities, by hand.
    x, (a, b) = 0.4, (found.alphas, found.betas)
    gamma = np.vectorize(math.gamma)
    density = x ** (a - 1) * (1 - x) ** (b - 1)
    density *= found.weights * gamma(a + b) / gamma(a) / gamma(b)
    np.testing.assert_allclose(
        found.odds_of_lower(np.array([x]))[0],
        np.log(density[0] / density[1]),
    )


@pytest.mark.parametrize(
    ("fraction", "wanted"),
    [
        (0.0, []),
        (0.2, [3]),
        (0.4, [3, 0]),
        # Of three equal ones all or none, whichever is nearer.
        (0.59, [3, 0]),
        (1.0, [0, 1, 2, 3, 4]),
    ],
)
def test_a_fraction_is_of_the_lowest(fraction, wanted):
    quality = np.array([0.2, 0.7, 0.7, 0.1, 0.7])
    mask = Fraction(fraction)(Score(quality, quality))
    assert sorted(np.flatnonzero(mask)) == sorted(wanted)
    assert mask.dtype == bool


def test_ties_at_the_fraction_come_nearest():
    quality = np.array([0.1, 0.2, 0.2, 0.2, 0.9, 0.9])
    for fraction, count in ((2 / 6, 1), (0.5, 4), (4 / 6, 4), (5 / 6, 4)):
        assert Fraction(fraction)(Score(quality, quality)).sum() == count
    alike = np.full(6, 0.3)
    assert not Fraction(0.9)(Score(alike, alike)).any()
    assert Fraction(0.5)(score([])).shape == (0,)


def test_a_known_noise_rate_is_a_fraction():
    scores, _ = groups(300, 0.3)
    np.testing.assert_array_equal(
        NoiseRate(0.15)(scores), Fraction(0.15)(scores)
    )
    assert NoiseRate(0.15)(scores).sum() == 45


def test_an_unknown_noise_rate_is_estimated():
    # So far into one another that a threshold misses some.
    scores, wrong = groups(5000, 0.2, spread=3.0)
    assert abs(NoiseRate()(scores).mean() - 0.2) < 0.02
    assert not NoiseRate()(score([])).any()


def test_a_threshold_of_ones_own():
    quality = np.array([0.1, 0.3, 0.6])
    assert Threshold(0.3)(Score(quality, quality)).sum() == 1
    assert Threshold()(Score(quality, quality)).sum() == 2


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (Fraction, "fraction"),
        (Threshold, "quality"),
        (NoiseRate, "rate"),
        (lambda v: ThresholdSamples(percentile=101 if v == 1.5 else v), "perc"),
    ],
)
def test_numbers_out_of_range(make, name):
    for bad in (-0.1, 1.5, np.nan, np.inf, True, "0.1", [0.1]):
        with pytest.raises(ValueError, match=f"`{name}.*must be a number in"):
            make(bad)
    make(np.float32(0.5))


def test_a_mixture_is_on_one_of_two():
    with pytest.raises(ValueError, match='`on` must be "evidence" or "qua'):
        BetaMixture(on="loss")


@pytest.mark.parametrize("name", ["gmm", "bmm", "threshold", "noise_rate"])
def test_names_are_of_splits_with_their_defaults(name):
    kinds = (GaussianMixture(), BetaMixture(), Threshold(), NoiseRate())
    assert get_split(name) in kinds
    trajectories, true = noisy(num_samples=400)
    by_name = find_label_issues(trajectories, "aum", split=name)
    by_object = find_label_issues(trajectories, "aum", split=get_split(name))
    assert by_name.evaluate(true)["f1"] > 0.97
    assert by_name.split == name and "(" in by_object.split
    np.testing.assert_array_equal(
        by_object.is_label_issue, by_name.is_label_issue
    )
    known = name in ("gmm", "bmm")
    assert (by_name.wrong_probability is not None) == known


def test_functions_are_splits():
    trajectories, _ = noisy()
    issues = find_label_issues(
        trajectories, "aum", split=lambda score: score.quality < 0.5
    )
    assert isinstance(issues, LabelIssues)
    assert issues.num_issues == 40


def test_a_split_of_ones_own_may_know_probabilities(monkeypatch):
    table = split._splits
    monkeypatch.setattr(table, "entries", dict(table.entries))

    @register_split("mine")
    def mine(score):
        return Flagged(score.quality < 0.5, 1.0 - score.quality)

    issues = find_label_issues(noisy()[0], "aum", split="mine")
    np.testing.assert_allclose(
        issues.wrong_probability, 1 - issues.label_quality
    )
    for bad in ([0.5], np.full(200, 1.5), np.full(200, np.nan)):
        with pytest.raises(ValueError, match="must return probabilities in"):
            find_label_issues(
                noisy()[0],
                "aum",
                split=lambda s, bad=bad: Flagged(s.quality < 0.5, bad),
            )


@pytest.mark.parametrize("bad", [Fraction, GaussianMixture])
def test_a_class_is_no_split(bad):
    with pytest.raises(ValueError, match=f"write `split={bad.__name__}"):
        get_split(bad)


@pytest.mark.parametrize("bad", [None, 0.1, ["gmm"], b"gmm"])
def test_what_is_no_split_at_all(bad):
    with pytest.raises(ValueError, match="Unknown split: There are: gmm"):
        find_label_issues(noisy()[0], "aum", split=bad)
