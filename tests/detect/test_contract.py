"""What holds of every score there is; a new one is in here by itself."""

import numpy as np
import pytest

import keras_robust as kr
from keras_robust.detect import available_scores
from keras_robust.detect import find_label_issues
from keras_robust.detect import signals_of
from keras_robust.detect.scores.score import compute_score
from keras_robust.trajectories import Trajectories
from tests.detect.samples import from_logits
from tests.detect.samples import noisy
from tests.detect.samples import subset

# Those that are registered when the package is imported.
SCORES = available_scores()
# Its clusters may depend on the order of the samples, and it says so.
ORDERED = {"ctrl"}
# Whose own decision is the threshold.
DECIDED = {"gmm", "ctrl"}
# What these read is the same for a right and a wrong label; why they are
# scores all the same, each says.
BLIND = {
    "entropy": "it does not read the given label",
    "variability": "a label refused in every epoch hardly varies",
}
NAN = np.nan

every_score = pytest.mark.parametrize("name", SCORES)
seeing_score = pytest.mark.parametrize(
    "name", [name for name in SCORES if name not in BLIND]
)


def like(trajectories, change):
    """The trajectories with every signal changed in place by `change`."""
    signals = {n: v.copy() for n, v in trajectories.signals.items()}
    for values in signals.values():
        change(values)
    return Trajectories(
        trajectories.ids,
        trajectories.epochs,
        signals,
        trajectories.given_label,
        trajectories.num_classes,
    )


@seeing_score
@pytest.mark.parametrize("rate", [0.1, 0.3])
def test_wrong_labels_are_found(name, rate):
    trajectories, true = noisy(num_samples=400, rate=rate, num_epochs=10)
    split = "threshold" if name in DECIDED else "gmm"
    result = find_label_issues(trajectories, name, split).evaluate(true)
    assert result["f1"] > 0.93
    assert result["average_precision"] > 0.97


@seeing_score
def test_a_planted_wrong_label_is_the_worst(name):
    trajectories, true = noisy(rate=0.0, num_epochs=10)
    given = true.copy()
    given[17] = (given[17] + 1) % 4
    logits = np.random.default_rng(0).normal(size=(10, 200, 4))
    logits += 5.0 * (np.arange(4) == true[:, None])
    planted = from_logits(logits, given)
    assert compute_score(name, planted).quality.argmin() == 17
    assert find_label_issues(planted, name).is_label_issue[17]


@every_score
def test_a_sample_without_record_has_quality_one(name):
    trajectories, _ = noisy(num_samples=40)

    def unseen(values):
        values[:, 3] = NAN

    score = compute_score(name, like(trajectories, unseen))
    assert score.quality[3] == 1.0
    assert np.isnan(score.evidence[3])
    assert np.isfinite(np.delete(score.evidence, 3)).all()


@every_score
def test_samples_may_miss_epochs(name):
    trajectories, true = noisy(num_samples=200, rate=0.2, num_epochs=10)
    missed = np.random.default_rng(1).random((10, 200)) < 0.1
    # Bounds are of the last three epochs.
    missed[-3] = False

    def part(values):
        values[missed] = NAN

    score = compute_score(name, like(trajectories, part))
    assert np.isfinite(score.evidence).all()
    if name not in BLIND:
        wrong = trajectories.given_label != true
        assert score.quality[wrong].mean() < score.quality[~wrong].mean() - 0.3


def test_the_blind_find_what_they_say():
    """Two classes at once, and labels learned by heart halfway."""
    logits = np.random.default_rng(0).normal(size=(10, 200, 4))
    true = np.arange(200) % 4
    logits += 5.0 * (np.arange(4) == true[:, None])
    logits[:, 17, :2] = 5.0
    logits[:5, 23] -= 10.0 * (np.arange(4) == true[23])
    both = from_logits(logits, true)
    assert compute_score("entropy", both).quality.argmin() == 17
    assert compute_score("variability", both).quality.argmin() == 23


@every_score
@pytest.mark.filterwarnings("ignore:Do not trust")
@pytest.mark.parametrize("value", [0.0, 1.0, np.inf])
def test_where_all_are_alike_nothing_is_told_apart(name, value):
    trajectories, _ = noisy(num_samples=20)
    alike = like(trajectories, lambda values: values.fill(value))
    for signal in ("predicted", "correct"):
        np.minimum(alike.signals[signal], 1.0, out=alike.signals[signal])
    score = compute_score(name, alike)
    assert np.unique(score.quality).size == 1
    assert not np.isnan(score.evidence).any()
    for split in ("gmm", "threshold"):
        flagged = find_label_issues(alike, name, split).is_label_issue
        assert not flagged.any() or flagged.all()


@every_score
@pytest.mark.parametrize(
    ("num_samples", "num_epochs"), [(1, 1), (2, 1), (3, 2)]
)
def test_little_is_enough(name, num_samples, num_epochs):
    trajectories, _ = noisy(num_samples, rate=0.0, num_epochs=num_epochs)
    score = compute_score(name, trajectories)
    assert np.isfinite(score.evidence).all()


@every_score
def test_the_evidence_has_the_order_of_the_quality(name):
    score = compute_score(name, noisy(num_epochs=10)[0])
    order = np.argsort(score.evidence)
    assert (np.diff(score.quality[order]) >= 0).all()


@every_score
def test_the_order_of_the_samples(name):
    trajectories, _ = noisy(num_samples=100, num_epochs=10)
    order = np.random.default_rng(0).permutation(100)
    score = compute_score(name, trajectories)
    moved = compute_score(name, subset(trajectories, order))
    if name in ORDERED:
        agree = (moved.quality < 0.5) == (score.quality[order] < 0.5)
        assert agree.mean() > 0.9
    else:
        np.testing.assert_array_equal(moved.evidence, score.evidence[order])


@every_score
def test_reweight_says_which_signals_it_needs(name):
    needed = signals_of(name)
    assert needed
    others = {"entropy", "el2n", "loss"} - set(needed)
    tracker = kr.callbacks.LossTrajectory(signals=sorted(others))
    with pytest.raises(ValueError, match=f"does not record.*{needed[0]}"):
        kr.callbacks.Reweight(tracker, score=name)
    kr.callbacks.Reweight(kr.callbacks.LossTrajectory(needed), score=name)
