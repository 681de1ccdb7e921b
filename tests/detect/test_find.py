from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from keras_robust.detect import find_label_issues
from keras_robust.detect.splits import split
from keras_robust.trajectories import Trajectories
from tests.detect.samples import from_logits
from tests.detect.samples import noisy
from tests.detect.samples import subset

GOLDEN = Path(__file__).parents[1] / "golden" / "aum.npz"
SCORES = ["aum", "mean_cross_entropy"]
NAN = np.nan


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("rate", [0.02, 0.2, 0.5])
def test_wrong_labels_are_found_and_mended(score, rate):
    trajectories, true = noisy(num_samples=400, rate=rate)
    issues = find_label_issues(trajectories, score=score)
    result = issues.evaluate(true)
    assert result["f1"] > 0.95
    assert result["average_precision"] > 0.99
    np.testing.assert_array_equal(issues.predicted_label, true)
    np.testing.assert_array_equal(issues.suggested_label, true)
    assert issues.score == score
    assert issues.split == "gmm"


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("name", ["t0", "t1"])
def test_on_the_reference_trajectories(score, name):
    with np.load(GOLDEN) as golden:
        logits = golden[f"{name}/logits"].swapaxes(0, 1)
        given_label = golden[f"{name}/labels"].astype(int)
        true = golden[f"{name}/true"].astype(int)
    issues = find_label_issues(from_logits(logits, given_label), score)
    assert issues.evaluate(true)["f1"] > 0.97


def test_clean_labels_are_left_alone():
    trajectories, _ = noisy(num_samples=400, rate=0.0)
    assert find_label_issues(trajectories, "aum").num_issues <= 4


@given(order=st.permutations(range(40)), score=st.sampled_from(SCORES))
@settings(max_examples=25, deadline=None)
def test_the_order_of_the_samples_does_not_matter(order, score):
    trajectories, _ = noisy(num_samples=40)
    issues = find_label_issues(trajectories, score)
    moved = find_label_issues(subset(trajectories, order), score)
    for name in (
        "ids",
        "is_label_issue",
        "label_quality",
        "given_label",
        "predicted_label",
        "suggested_label",
        "evidence",
    ):
        np.testing.assert_array_equal(
            getattr(moved, name), getattr(issues, name)[order]
        )


def build(predicted, given_label, margin):
    predicted = np.array(predicted, float).T
    signals = {"margin": np.broadcast_to(margin, predicted.shape)}
    if predicted.size:
        signals["predicted"] = predicted
    num_epochs, num_samples = predicted.shape
    return Trajectories(
        np.arange(num_samples),
        np.arange(num_epochs),
        signals,
        given_label,
        num_classes=5,
    )


def test_predicted_and_suggested_labels():
    trajectories = build(
        predicted=[
            [0, 0, 0, 0],  # not flagged: the given label stays
            [0, 1, 1, 0],  # not flagged, though another one is as frequent
            [2, 2, 3, 2],  # flagged: the most frequent
            [1, 1, 3, 4],  # flagged: the most frequent besides the given
            [1, 1, 1, 1],  # flagged, and no other was ever predicted
            [NAN, 2, NAN, 3],  # flagged, seldom seen: the later one
        ],
        given_label=[0, 1, 1, 1, 1, 1],
        margin=[5, 5, -5, -5, -5, -5],
    )
    issues = find_label_issues(trajectories, "aum")
    assert issues.is_label_issue.tolist() == [False] * 2 + [True] * 4
    assert issues.predicted_label.tolist() == [0, 0, 2, 1, 1, 3]
    assert issues.suggested_label.tolist() == [0, 1, 2, 4, 1, 3]


def test_without_predictions_no_label_is_suggested():
    trajectories, _ = noisy(num_samples=20)
    del trajectories.signals["predicted"]
    issues = find_label_issues(trajectories, "aum")
    assert issues.num_issues > 0
    assert (issues.predicted_label == -1).all()
    assert (issues.suggested_label == -1).all()


def test_samples_never_seen_are_counted_and_not_flagged():
    trajectories, true = noisy()
    for values in trajectories.signals.values():
        values[:, [3, 8]] = NAN
    with pytest.warns(UserWarning, match=r"^2 of 200 samples .* \"aum\""):
        issues = find_label_issues(trajectories, "aum")
    unseen = np.array([3, 8])
    assert not issues.is_label_issue[unseen].any()
    assert (issues.label_quality[unseen] == 1).all()
    assert (issues.predicted_label[unseen] == -1).all()
    np.testing.assert_array_equal(
        issues.suggested_label[unseen], issues.given_label[unseen]
    )
    assert set(issues.top(200)[-2:]) == {3, 8}
    seen = np.delete(np.arange(200), unseen)
    others = find_label_issues(subset(trajectories, seen), "aum")
    np.testing.assert_array_equal(
        others.is_label_issue, issues.is_label_issue[seen]
    )


def test_no_sample_was_ever_seen():
    signals = {"margin": np.full((2, 3), NAN)}
    trajectories = Trajectories([0, 1, 2], [0, 1], signals, [0, 0, 0], 2)
    with pytest.warns(UserWarning, match="3 of 3 samples"):
        issues = find_label_issues(trajectories, "aum")
    assert issues.num_issues == 0


def test_infinite_margins():
    trajectories, _ = noisy()
    wanted = find_label_issues(trajectories, "aum").is_label_issue
    worst, best = np.argmax(wanted), np.argmin(wanted)
    trajectories.signals["margin"][:, worst] = -np.inf
    trajectories.signals["margin"][:, best] = np.inf
    issues = find_label_issues(trajectories, "aum")
    assert issues.is_label_issue[worst]
    assert not issues.is_label_issue[best]
    assert issues.top(1).tolist() == [worst]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"score": "amu"}, r'Unknown score: did you mean "aum"\?'),
        ({"split": "gmmm"}, r'Unknown split: did you mean "gmm"\?'),
    ],
)
def test_unknown_names(arguments, message):
    with pytest.raises(ValueError, match=message):
        find_label_issues(noisy()[0], **arguments)


def test_a_missing_signal():
    trajectories, _ = noisy()
    del trajectories.signals["margin"]
    with pytest.raises(ValueError, match=r'LossTrajectory\(.*"margin"\)'):
        find_label_issues(trajectories, "aum")


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.zeros(3, bool), r'"mine" must return a boolean.*shape=\(3,\)'),
        (np.zeros(200), r"dtype=float64"),
    ],
)
def test_a_split_that_returns_something_else(monkeypatch, mask, message):
    monkeypatch.setitem(split._splits.entries, "mine", lambda score: mask)
    with pytest.raises(ValueError, match=message):
        find_label_issues(noisy()[0], "aum", split="mine")


def test_many_classes_cost_no_memory_by_class():
    # A table of samples by classes would take 80 GB here.
    predicted = np.arange(10_000)[None] % 3
    trajectories = Trajectories(
        np.arange(10_000),
        [0],
        {"margin": np.where(predicted == 0, -3.0, 3.0), "predicted": predicted},
        np.full(10_000, 999_999),
        num_classes=1_000_000,
    )
    assert find_label_issues(trajectories, "aum").num_issues == 3334


def test_the_confidence_in_a_suggestion_is_its_share_of_the_epochs():
    given = np.arange(240) % 3
    logits = np.full((8, 240, 3), -4.0)
    logits[:, np.arange(240), given] = 4.0
    # Of class 0: another class in all epochs, and two in six and in two.
    logits[:, 0] = [-4.0, 4.0, -4.0]
    logits[:6, 3], logits[6:, 3] = [-4.0, -4.0, 4.0], [-4.0, 4.0, -4.0]
    issues = find_label_issues(from_logits(logits, given))
    assert np.flatnonzero(issues.is_label_issue).tolist() == [0, 3]
    assert issues.suggested_label[[0, 3]].tolist() == [1, 2]
    assert issues.suggestion_confidence[[0, 3, 6]].tolist() == [1.0, 0.75, 1.0]


def test_samples_of_no_class_are_told_from_wrong_labels():
    given = np.arange(300) % 3
    logits = np.random.default_rng(0).normal(0.0, 0.3, (10, 300, 3))
    logits[:, np.arange(300), given] += 4.0
    wrong, no_class = np.arange(0, 60, 3), np.arange(60, 90, 3)
    logits[:, wrong] = 1.5 * np.roll(logits[:, wrong], 1, axis=2)
    logits[:, no_class] = [-6.0, 0.0, 0.1]
    issues = find_label_issues(from_logits(logits, given))
    assert issues.is_label_issue[[*wrong, *no_class]].all()
    assert np.flatnonzero(issues.fits_no_class()).tolist() == no_class.tolist()
    likeliest = np.exp([0.1, 0.0, -6.0])
    assert issues.max_probability[60] == pytest.approx(
        likeliest[0] / likeliest.sum(), abs=1e-6
    )
    corrected = issues.corrected_labels(0.9)
    assert (corrected[wrong] == 1).all() and (corrected[no_class] == 0).all()
