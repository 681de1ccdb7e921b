"""The score "auto": its count of wrong labels, and its probabilities."""

import numpy as np
import pytest

from keras_robust.detect import find_label_issues
from keras_robust.detect.scores.confident_rate import confident_rate
from keras_robust.detect.scores.score import compute_score
from keras_robust.trajectories import Trajectories
from tests.detect.samples import from_logits
from tests.detect.samples import noisy


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.3, 0.5])
def test_the_rate_is_that_of_the_noise(rate):
    trajectories, _ = noisy(num_samples=2000, rate=rate, num_epochs=9)
    assert confident_rate(trajectories) == pytest.approx(rate, abs=0.03)


def by_hand(trajectories, window):
    """One sample after the other, in plain Python."""
    given, size = trajectories.given_label, trajectories.num_classes
    rates = []
    for e in range(-window, 0):
        loss = trajectories.signal("cross_entropy")[e]
        margin = trajectories.signal("margin")[e]
        predicted = trajectories.signal("predicted")[e]
        p = np.exp(-loss.astype(float))
        limits = [np.nanmean(p[given == k]) for k in range(size)]
        own, against = np.zeros((2, size))
        for i, label in enumerate(given):
            if np.isnan(loss[i]):
                continue
            other = int(predicted[i])
            if other == label:
                own[label] += p[i] >= limits[label] - 1e-6
            else:
                theirs = min(p[i] * np.exp(-float(margin[i])), 1 - p[i])
                against[label] += theirs >= limits[other] - 1e-6
        share = against / np.maximum(own + against, 1)
        rates.append((share * np.bincount(given, minlength=size)).sum())
    return np.mean(rates) / given.size


def test_the_count_by_hand():
    logits = np.random.default_rng(0).normal(size=(7, 60, 3)) * 2
    given = np.arange(60) % 3
    trajectories = from_logits(logits, given)
    for values in trajectories.signals.values():
        values[-1, :5] = np.nan
    found = confident_rate(trajectories)
    assert 0.1 < found < 0.9
    assert found == pytest.approx(by_hand(trajectories, 2), abs=1e-9)


def test_the_probabilities_add_up_to_the_count():
    trajectories, true = noisy(num_samples=1000, rate=0.2, num_epochs=9)
    wrong = 1 - compute_score("auto", trajectories).quality
    assert wrong.mean() == pytest.approx(confident_rate(trajectories), abs=1e-3)
    is_wrong = trajectories.given_label != true
    assert wrong[is_wrong].mean() > 0.9 > 0.1 > wrong[~is_wrong].mean()


def test_a_hard_class_is_not_all_suspicious():
    rng = np.random.default_rng(0)
    given = np.repeat([0, 1], 100)
    margin = rng.normal(size=(6, 200)) * 0.1 + np.where(given == 0, 6.0, 1.0)
    margin[:, [3, 150]] -= 2.5
    evidence = compute_score("auto", recorded(margin, given)).evidence
    # The one of the easy class is as far below its class as the other.
    assert set(np.argsort(margin.mean(0))[:2]) != {3, 150}
    assert abs(evidence[3] - evidence[given == 0].mean() + 2.5) < 0.3
    assert abs(evidence[150] - evidence[given == 1].mean() + 2.5) < 0.3


def recorded(margin, given):
    loss = np.log1p(np.exp(-margin))
    predicted = np.where(margin > 0, given, 1 - given)
    return Trajectories(
        np.arange(given.size),
        np.arange(len(margin)),
        {"cross_entropy": loss, "margin": margin, "predicted": predicted},
        given,
        2,
    )


def test_learnt_by_heart_it_finds_nothing():
    margin = np.full((6, 50), 4.0) + np.arange(50) / 50
    trajectories = recorded(margin, np.arange(50) % 2)
    assert confident_rate(trajectories) == 0.0
    issues = find_label_issues(trajectories, "auto", "threshold")
    assert issues.num_issues == 0
    assert issues.top(1)[0] == 0


def test_nothing_seen():
    margin = np.full((3, 4), np.nan)
    trajectories = Trajectories(
        np.arange(4),
        np.arange(3),
        {n: margin for n in ("cross_entropy", "margin", "predicted")},
        [0, 1, 0, 1],
        2,
        counts=np.zeros((3, 4), int),
    )
    with pytest.warns(UserWarning, match="4 of 4 samples have no record"):
        issues = find_label_issues(trajectories, "auto", "threshold")
    assert issues.num_issues == 0
