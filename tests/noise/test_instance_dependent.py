import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from keras_robust.noise import instance_dependent
from keras_robust.noise.instance_dependent import _truncated_normal


def samples(count=6000, classes=4, width=8, scale=1.0):
    rng = np.random.default_rng(0)
    x = scale * rng.normal(size=(count, width))
    return np.arange(count) % classes, x


@settings(max_examples=40, deadline=None)
@given(
    labels=st.lists(st.integers(0, 4), min_size=1, max_size=60),
    rate=st.floats(0, 1),
    seed=st.integers(0, 2**32),
)
def test_exact_rates_and_never_the_label_itself(labels, rate, seed):
    labels = np.array(labels, np.int16)
    x = np.random.default_rng(seed).normal(size=(labels.size, 2, 3))
    noisy = instance_dependent(labels, x, rate, num_classes=5, seed=seed)
    total = round(rate * labels.size)
    assert (noisy.labels != labels).sum() == noisy.is_wrong.sum() == total
    sizes = np.bincount(labels, minlength=5)
    wrong = np.bincount(labels[noisy.is_wrong], minlength=5)
    assert (np.abs(wrong - total * sizes / labels.size) < 1).all()
    again = instance_dependent(labels, x, rate, num_classes=5, seed=seed)
    np.testing.assert_array_equal(noisy.labels, again.labels)
    assert noisy.labels.dtype == np.int16


def test_rates_of_the_samples_are_a_truncated_normal():
    drawn = _truncated_normal(0.4, 100_000, np.random.default_rng(0))
    assert abs(drawn.mean() - 0.4) < 5 * 0.1 / np.sqrt(100_000)
    assert abs(drawn.std() - 0.1) < 0.002
    near_zero = _truncated_normal(0.0, 100_000, np.random.default_rng(0))
    assert near_zero.min() >= 0
    # The mean of half a normal distribution.
    assert abs(near_zero.mean() - 0.1 * np.sqrt(2 / np.pi)) < 0.001
    assert _truncated_normal(1.0, 1000, np.random.default_rng(0)).max() <= 1


def test_bernoulli_within_five_sigma():
    labels, x = samples(50_000)
    noisy = instance_dependent(labels, x, 0.4, seed=0, exact=False)
    sigma = np.sqrt(0.4 * 0.6 / 50_000)
    assert 0 < abs(noisy.rate - 0.4) < 5 * sigma


def test_samples_flip_by_chances_of_their_own():
    # The same seed draws the same chances, those of the first numbers.
    labels, x = samples(2000, classes=2)
    chances = _truncated_normal(0.3, 2000, np.random.default_rng(0))
    for exact in (True, False):
        noisy = instance_dependent(labels, x, 0.3, seed=0, exact=exact)
        wrong = noisy.is_wrong
        # Those that flip have q^2 / q on average: 0.3 + 0.1^2 / 0.3.
        assert abs(chances[wrong].mean() - 0.333) < 0.02
        assert abs(chances[~wrong].mean() - 0.286) < 0.02


def test_what_a_sample_becomes_depends_on_how_it_looks():
    labels = np.zeros(4000, int)
    x = np.repeat(10 * np.eye(8)[:4], 1000, axis=0)
    noisy = instance_dependent(labels, x, 1.0, num_classes=10, seed=0)
    groups = noisy.labels.reshape(4, 1000)
    # Samples that look the same mostly take the same wrong class ...
    most = [np.bincount(group).max() for group in groups]
    assert min(most) > 500
    # ... which is another one for other samples, and in other classes.
    assert len({int(np.bincount(group).argmax()) for group in groups}) > 1
    other = instance_dependent(labels + 1, x, 1.0, num_classes=10, seed=0)
    assert (other.labels != noisy.labels).mean() > 0.5


def test_the_law_of_the_wrong_class_by_hand():
    # One sample, many times: the shares are the softmax over other classes.
    x = np.full((40_000, 1), 0.7)
    labels = np.full(40_000, 2)
    noisy = instance_dependent(labels, x, 1.0, num_classes=4, seed=5)
    rng = np.random.default_rng(5)
    _truncated_normal(1.0, 40_000, rng)
    rng.standard_exponential(40_000)
    seeds = rng.integers(2**63, size=4)
    logits = 0.7 * np.random.default_rng(seeds[2]).standard_normal((1, 4))[0]
    p = np.exp(logits)
    p[2] = 0
    p /= p.sum()
    found = np.bincount(noisy.labels, minlength=4) / 40_000
    assert (np.abs(found - p) <= 5 * np.sqrt(p * (1 - p) / 40_000)).all()


def test_blocks_change_nothing(monkeypatch):
    labels, x = samples(300)
    whole = instance_dependent(labels, x, 0.5, seed=3).labels
    module = instance_dependent.__globals__
    few = module["row_blocks"]
    monkeypatch.setitem(
        module, "row_blocks", lambda n, width: few(n, width, numbers=50)
    )
    parts = instance_dependent(labels, x, 0.5, seed=3).labels
    np.testing.assert_array_equal(whole, parts)


def test_pixels_of_one_byte_and_large_numbers():
    labels, x = samples(200)
    pixels = np.random.default_rng(0).integers(0, 256, (200, 9), np.uint8)
    assert instance_dependent(labels, pixels, 0.5, seed=0).rate == 0.5
    assert instance_dependent(labels, 1e300 * x, 0.5, seed=0).rate == 0.5
    assert instance_dependent(labels, x[:, 0], 0.5, seed=0).rate == 0.5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": np.ones((2, 4))}, r"one row for each label.*\(2, 4\), 3 lab"),
        ({"x": [[1.0], [np.nan], [0]]}, r"NaN or infinity in x\[1\]"),
        ({"x": [[1.0], [2], [np.inf]]}, r"NaN or infinity in x\[2\]"),
        ({"x": ["a", "b", "c"]}, r"array of numbers.*dtype=<U1"),
        ({"x": [[1], [1, 2], [3]]}, r"array of numbers.*type list"),
        ({"x": np.ones((3, 0))}, r"numbers in each.*shape=\(3, 0\)"),
        ({"x": None}, r"array of numbers.*dtype=object"),
        ({"x": np.full((3, 99), 1e308), "rate": 1}, r"too large .* x\[[0-2]\]"),
        ({"x": 1.0}, r"at least one sample.*shape=\(\)"),
        ({"rate": -1}, r"`rate` must be"),
        ({"exact": 0}, r"`exact` must be"),
        ({"labels": [0, 1, -3]}, r"labels\[2\]=-3"),
    ],
)
def test_errors(change, message):
    arguments = {"labels": [0, 1, 2], "x": np.ones((3, 4)), "rate": 0.5}
    arguments["seed"] = 0
    with pytest.raises(ValueError, match=message):
        instance_dependent(**{**arguments, **change})
