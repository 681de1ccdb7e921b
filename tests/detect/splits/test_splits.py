import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from keras_robust.detect import Score
from keras_robust.detect import register_split
from keras_robust.detect import splits
from keras_robust.detect.splits import get_split
from keras_robust.detect.splits.deciding import decision
from keras_robust.detect.statistics import histogram


def score(evidence):
    evidence = np.asarray(evidence, float)
    return Score(1 / (1 + np.exp(-np.clip(evidence, -700, 700))), evidence)


def gmm(scores):
    return splits.GaussianMixture()(scores).mask


def groups(num_samples, rate, seed=0):
    rng = np.random.default_rng(seed)
    wrong = rng.permutation(num_samples) < round(rate * num_samples)
    means = np.where(wrong, -4.0, 5.0)
    return score(rng.normal(means, 1.5)), wrong


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.2, 0.4, 0.6, 0.9])
def test_two_groups_are_told_apart(rate):
    scores, wrong = groups(2000, rate)
    mask = gmm(scores)
    assert mask.dtype == bool
    assert (mask != wrong).sum() <= 10


@pytest.mark.parametrize("seed", range(5))
def test_one_good_group_is_left_alone(seed):
    scores, _ = groups(2000, 0.0, seed)
    assert gmm(scores).sum() <= 5


def test_nothing_above_one_half_is_flagged():
    mask = gmm(score(np.r_[np.full(50, 2.0), np.full(50, 9.0)]))
    assert not mask.any()
    mask = gmm(score(np.r_[np.full(50, -2.0), np.full(50, 9.0)]))
    assert mask[:50].all()
    assert not mask[50:].any()


@pytest.mark.parametrize(
    "evidence",
    [
        [],
        [-3.0],
        [-3.0, -3.0],
        [-3.0] * 50,
        [-0.1 - 1e-17] * 3 + [-0.1] * 7,
        [2.0, 9.0],
        [0.0, 0.0, 0.0],
    ],
)
def test_where_nothing_can_be_split_nothing_is_flagged(evidence):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mask = gmm(score(evidence))
    assert mask.shape == (len(evidence),)
    assert not mask.any()


def test_two_samples_are_enough():
    assert gmm(score([-4.0, 4.0])).tolist() == [True, False]


@pytest.mark.parametrize("outlier", [-1e6, -1e38, 1e6])
def test_one_broken_sample_does_not_hide_the_others(outlier):
    scores, wrong = groups(2000, 0.2)
    evidence = scores.evidence.copy()
    evidence[0] = outlier
    mask = gmm(score(evidence))
    assert (mask[1:] != wrong[1:]).sum() <= 10
    assert mask[0] == (outlier < 0)


@pytest.mark.parametrize("split", ["gmm", "bmm", "noise_rate"])
@pytest.mark.parametrize("odd", [-np.inf, np.inf])
def test_an_infinity_among_few_is_no_group_by_itself(split, odd):
    scores, wrong = groups(300, 0.2)
    evidence = scores.evidence.copy()
    evidence[0] = odd
    found = decision(score(evidence), "mine", split)
    assert (found.flagged[1:] != wrong[1:]).sum() <= 6
    assert found.flagged[0] == (odd < 0)
    assert abs(found.evidence[0]) > 1e30


def test_many_samples_are_fitted_on_some_of_them(monkeypatch):
    scores, _ = groups(20_000, 0.3)
    full = gmm(scores)
    monkeypatch.setattr(histogram, "FEW", 2000)
    assert (gmm(scores) != full).mean() < 0.001


values = st.lists(
    st.floats(-50, 50, allow_subnormal=False), min_size=1, max_size=60
)


@given(evidence=values, data=st.data())
@settings(max_examples=25, deadline=None)
def test_one_threshold_and_the_order_does_not_matter(evidence, data):
    evidence = np.array(evidence)
    mask = gmm(score(evidence))
    if mask.any() and not mask.all():
        assert evidence[mask].max() < evidence[~mask].min()
    assert not mask[evidence >= 0].any()
    order = data.draw(st.permutations(range(evidence.size)))
    np.testing.assert_array_equal(gmm(score(evidence[order])), mask[order])


def test_found_by_name():
    assert get_split("gmm") == splits.GaussianMixture()
    with pytest.raises(ValueError, match=r'Unknown split: did you mean "gmm"'):
        get_split("gm")
    with pytest.raises(ValueError, match="already is a split"):
        register_split("gmm")(score)


def test_the_threshold_is_one_half():
    mask = get_split("threshold")(score([-1.0, 0.0, 1.0]))
    assert mask.tolist() == [True, False, False]


def test_as_many_as_the_qualities_expect():
    quality = np.array([0.9, 0.3, 0.55, 0.6, 0.7, 0.95])
    # They add up to 2 of 6, of which one has P(wrong) above 1/2.
    found = get_split("expected")(Score(quality, quality))
    assert np.flatnonzero(found.mask).tolist() == [1, 2]
    np.testing.assert_allclose(found.wrong_probability, 1.0 - quality)
    assert get_split("expected")(score([])).mask.shape == (0,)
    ties = np.full(4, 0.5)
    assert not get_split("expected")(Score(ties, ties)).mask.any()
