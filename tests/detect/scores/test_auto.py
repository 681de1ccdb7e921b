"""The score "auto": its count of wrong labels, and its probabilities."""

import numpy as np
import pytest

from keras_robust.detect import find_label_issues
from keras_robust.detect.scores.auto import sharper_rate
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
    score = compute_score("auto", trajectories)
    wrong = 1 - score.quality
    rate = sharper_rate(score.evidence, confident_rate(trajectories))
    assert wrong.mean() == pytest.approx(rate, abs=1e-3)
    is_wrong = trajectories.given_label != true
    assert wrong[is_wrong].mean() > 0.9 > 0.1 > wrong[~is_wrong].mean()


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
    with pytest.warns(UserWarning, match="50 labels, fewer than 200"):
        issues = find_label_issues(trajectories)
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
    with pytest.warns(UserWarning) as warned:
        issues = find_label_issues(trajectories)
    assert "4 of 4 samples have no record" in str(warned[0].message)
    assert issues.num_issues == 0


def evidence_by_hand(trajectories):
    own = np.exp(-trajectories.signal("cross_entropy").astype(float))
    other = own * np.exp(-trajectories.signal("margin").astype(float))
    other = np.minimum(other, 1 - own)
    return np.log(own.mean(axis=0)) - np.log(other.mean(axis=0))


def test_the_evidence_by_hand():
    logits = np.random.default_rng(1).normal(size=(6, 40, 3)) * 3
    trajectories = from_logits(logits, np.arange(40) % 3)
    found = compute_score("auto", trajectories)
    np.testing.assert_allclose(
        found.evidence, evidence_by_hand(trajectories), rtol=1e-5
    )
    # One logistic curve for all: slope 2.5, whatever its middle is.
    odds = np.log(found.quality / (1 - found.quality))
    np.testing.assert_allclose(
        odds - 2.5 * found.evidence,
        odds[0] - 2.5 * found.evidence[0],
        atol=1e-6,
    )


@pytest.mark.parametrize(
    "apart, count, taken",
    [(6.0, 0.25, True), (6.0, 0.1, False), (2.0, 0.25, False)],
)
def test_of_two_counts_the_sharper_one_if_they_agree(apart, count, taken):
    rng = np.random.default_rng(0)
    evidence = rng.normal(size=2000) + apart * (np.arange(2000) >= 400)
    found = sharper_rate(np.append(evidence, np.nan), count)
    if taken:
        assert found == pytest.approx(0.2, abs=0.01)
    else:
        assert found == count


def test_one_count_where_there_is_nothing_to_fit():
    for evidence in (np.full(50, 3.0), np.full(50, np.nan), np.empty(0)):
        assert sharper_rate(evidence, 0.3) == 0.3
    assert sharper_rate(np.arange(50.0), 0.0) == 0.0


def test_large_margins_do_not_overflow():
    margin = np.tile([2000.0, -2000.0, 3.0, -3.0], (6, 1))
    loss = np.maximum(-margin, 0) + np.log1p(np.exp(-np.abs(margin)))
    trajectories = Trajectories(
        np.arange(4),
        np.arange(6),
        {
            "cross_entropy": loss,
            "margin": margin,
            "predicted": np.where(margin > 0, 0, 1) + np.zeros((6, 4)),
        },
        [0, 0, 0, 0],
        2,
    )
    found = compute_score("auto", trajectories)
    assert np.isfinite(found.evidence).all()
    assert np.argsort(found.evidence).tolist() == [1, 3, 2, 0]


def test_its_split_flags_as_many_as_it_counts():
    trajectories, true = noisy(num_samples=1000, rate=0.2, num_epochs=9)
    issues = find_label_issues(trajectories)
    assert (issues.score, issues.split) == ("auto", "expected")
    rate = sharper_rate(issues.evidence, confident_rate(trajectories))
    assert issues.num_issues == round(1000 * rate)
    np.testing.assert_allclose(
        issues.wrong_probability, 1 - issues.label_quality
    )
    assert issues.evaluate(true)["f1"] > 0.9
    assert issues.distrust == ()


def distrusted(trajectories, match):
    with pytest.warns(UserWarning, match=match):
        issues = find_label_issues(trajectories)
    assert any(match in reason for reason in issues.distrust)


def test_it_says_when_not_to_trust_it():
    few, _ = noisy(num_samples=400, rate=0.2, num_epochs=4)
    distrusted(few, "4 epochs were recorded")
    small, _ = noisy(num_samples=150, rate=0.2, num_epochs=9)
    distrusted(small, "150 labels, fewer than 200")
    rng = np.random.default_rng(0)
    given = np.arange(400) % 4
    alike = rng.normal(size=(9, 400, 4)) * 0.1 + [3.0, 0, 0, 0]
    distrusted(from_logits(alike, given), "predicts one class")
    logits = rng.normal(size=(9, 400, 4)) + 6.0 * np.eye(4)[given]
    # Right labels but for a class that is another one throughout.
    logits[:, given == 3] = np.roll(logits[:, given == 3], 1, axis=2)
    logits[:, :12] = rng.normal(size=(9, 12, 4)) + 6.0 * np.eye(4)[given[:12]]
    distrusted(from_logits(logits, given), "of the labels 3 are flagged")
    # Contradicted in the middle, learnt in the end.
    by_heart = rng.normal(size=(9, 400, 4)) + 6.0 * np.eye(4)[given]
    by_heart[:6, :100] = np.roll(by_heart[:6, :100], 1, axis=2)
    distrusted(from_logits(by_heart, given), "by heart")


def test_no_epoch_in_the_middle():
    for epochs in (1, 2):
        trajectories, _ = noisy(num_samples=400, num_epochs=epochs)
        with pytest.warns(UserWarning, match="recorded, fewer than 5"):
            find_label_issues(trajectories)
