import numpy as np
import pytest

from keras_robust.detect import Score
from keras_robust.detect import estimate_noise_rate
from keras_robust.trajectories import Trajectories
from tests.detect.samples import noisy

RATES = [0.0, 0.02, 0.1, 0.2, 0.4, 0.6]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("score", ["aum", "mean_cross_entropy", "confidence"])
@pytest.mark.parametrize("split", ["gmm", "bmm", "threshold", "noise_rate"])
def test_it_is_near_the_truth(rate, score, split):
    trajectories, _ = noisy(num_samples=1000, rate=rate, num_epochs=10)
    found = estimate_noise_rate(trajectories, score, split)
    assert isinstance(found, float)
    assert abs(found - rate) < 0.03


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("spread", [1.5, 2.5])
def test_groups_that_overlap(rate, spread):
    rng = np.random.default_rng(0)
    wrong = np.arange(4000) < rate * 4000
    evidence = rng.normal(np.where(wrong, -4.0, 5.0), spread)
    score = Score(1 / (1 + np.exp(-evidence)), evidence)
    assert abs(estimate_noise_rate(score) - rate) < 0.03


def test_class_by_class():
    trajectories, true = noisy(num_samples=2000, rate=0.3, num_epochs=10)
    found = estimate_noise_rate(trajectories, per_class=True)
    assert abs(found - 0.3) < 0.03


def test_samples_never_seen_do_not_count():
    evidence = np.r_[np.full(30, -4.0), np.full(70, 5.0), np.full(100, np.nan)]
    evidence += np.linspace(-0.1, 0.1, 200)
    with np.errstate(invalid="ignore"):
        score = Score(1 / (1 + np.exp(-evidence)), evidence)
    with pytest.warns(UserWarning, match="100 of 200"):
        assert abs(estimate_noise_rate(score) - 0.3) < 0.01


def test_what_says_nothing():
    nan = np.full(3, np.nan)
    with pytest.raises(ValueError, match="No sample has a record.*3 samples"):
        estimate_noise_rate(Score(nan, nan))
    for bad, message in (
        (Score([0.5], [0.1, 0.2]), r"shape \(N,\)"),
        (Score(["a"], [1.0]), "must hold numbers"),
        (Score([0.5, 1.5], [0.0, 1.0]), r"Received: quality\[1\]=1.5"),
        (Score([0.5, np.nan], [0.0, 1.0]), r"Received: quality\[1\]=nan"),
        (None, "must be a Trajectories"),
        ([0.5], "must be a Trajectories"),
    ):
        with pytest.raises(ValueError, match=message):
            estimate_noise_rate(bad)
    with pytest.raises(ValueError, match="needs the given labels"):
        estimate_noise_rate(Score([0.5], [0.0]), per_class=True)
    empty = Score(np.zeros(0), np.zeros(0))
    with pytest.raises(ValueError, match="Received: 0 samples"):
        estimate_noise_rate(empty)


def test_one_sample():
    one = Trajectories([0], [0], {"margin": [[-3.0]]}, [0], 2)
    assert estimate_noise_rate(one) == 0.0
    assert estimate_noise_rate(one, split="threshold") == 1.0
