"""Data Maps and forgetting: as the authors have them, and by hand."""

from pathlib import Path

import numpy as np
import pytest

from keras_robust.detect import data_map
from keras_robust.detect.scores.forgetting import forgotten
from keras_robust.detect.scores.score import compute_score
from keras_robust.trajectories import Trajectories
from tests.detect.samples import from_logits

GOLDEN = Path(__file__).parents[2] / "golden"
NAN = np.nan


def golden(name):
    with np.load(GOLDEN / "aum.npz") as runs:
        trajectories = from_logits(
            runs[f"{name}/logits"].swapaxes(0, 1),
            runs[f"{name}/labels"].astype(int),
        )
    return trajectories, np.load(GOLDEN / "data_maps.npz")


@pytest.mark.parametrize(
    ("name", "epochs"), [("t0", 15), ("t0", 7), ("t1", 30), ("t1", 15)]
)
def test_the_map_equals_the_authors(name, epochs):
    trajectories, numbers = golden(name)
    found = data_map(trajectories.select(epochs=slice(0, epochs)))
    wanted = {
        key: numbers[f"{name}/{epochs}/{key}"]
        for key in ("confidence", "variability", "correctness")
    }
    wanted["correctness"] = wanted["correctness"] / epochs
    wanted["closeness"] = numbers[f"{name}/{epochs}/threshold_closeness"]
    never = numbers[f"{name}/{epochs}/forgetfulness"]
    wanted["forgetfulness"] = np.where(never == 1000, epochs, never)
    assert set(found) == set(wanted)
    for key, values in wanted.items():
        np.testing.assert_allclose(found[key], values, atol=1e-6, err_msg=key)


@pytest.mark.parametrize("name", ["t0", "t1"])
def test_forgetting_equals_the_authors(name):
    trajectories, numbers = golden(name)
    count = forgotten(trajectories.signal("correct"))
    np.testing.assert_array_equal(
        count, numbers[f"{name}/forgetting/count_never_learned_is_E"]
    )
    events = numbers[f"{name}/forgetting/events"]
    assert (
        count[count < trajectories.num_epochs]
        == events[count < trajectories.num_epochs]
    ).all()
    score = compute_score("forgetting", trajectories)
    np.testing.assert_allclose(
        score.quality, 1 - count / trajectories.num_epochs
    )
    np.testing.assert_allclose(score.evidence, -np.sqrt(count))


@pytest.mark.parametrize(
    ("trend", "events"),
    [
        ([1, 0, 1, 0], 2),
        ([0, 0, 0, 0], 4),
        ([0, 1, 1, 1], 0),
        ([1, NAN, 0, 1], 1),
        ([NAN, NAN, 0, NAN], 4),
        ([NAN, 1, NAN, 1], 0),
        ([NAN] * 4, NAN),
    ],
)
def test_forgetting_events(trend, events):
    found = forgotten(np.array(trend, np.float32)[:, None])
    np.testing.assert_array_equal(found, [events])


def of(p, correct=None):
    p = np.array(p, float).T
    with np.errstate(divide="ignore"):
        signals = {"cross_entropy": -np.log(p)}
    signals["correct"] = p > 0.5 if correct is None else correct
    shape = p.shape
    return Trajectories(
        np.arange(shape[1]), np.arange(shape[0]), signals, [0] * shape[1], 2
    )


P = [[0.9, 0.8, 1.0], [0.1, 0.1, 0.1], [0.1, 0.9, 0.5]]


def test_the_scores_of_a_map_by_hand():
    runs, p = of(P), np.array(P)
    mean, spread = p.mean(axis=1), p.std(axis=1)
    score = compute_score("confidence", runs)
    np.testing.assert_allclose(score.quality, mean, rtol=1e-6)
    np.testing.assert_allclose(
        score.evidence, np.log(mean / (1 - mean)), atol=1e-6
    )
    score = compute_score("variability", runs)
    np.testing.assert_allclose(score.quality, 1 - 2 * spread, atol=1e-7)
    np.testing.assert_allclose(score.evidence, -spread, atol=1e-7)
    score = compute_score("data_maps", runs)
    np.testing.assert_allclose(
        score.quality, np.minimum(mean + spread, 1), rtol=1e-6
    )
    share = (mean + spread) / ((1 + np.sqrt(2)) / 2)
    np.testing.assert_allclose(
        score.evidence, np.log(share / (1 - share)), rtol=1e-6
    )
    # Only what was low throughout is below one half.
    assert (score.quality < 0.5).tolist() == [False, True, False]


def test_correctness_counts_the_epochs_seen():
    correct = np.array([[1, 1, 1, 0], [0, NAN, NAN, 1], [0, 0, 0, 0]]).T
    runs = of(np.full((3, 4), 0.5), correct)
    score = compute_score("correctness", runs)
    np.testing.assert_allclose(score.quality, [0.75, 0.5, 0.0])
    np.testing.assert_allclose(
        score.evidence, np.log([3.5 / 1.5, 1.5 / 1.5, 0.5 / 4.5])
    )


def test_the_least_and_the_most_that_a_map_can_hold():
    runs = of([[0.0, 1.0], [0.0, 0.0], [1.0, 1.0]])
    for name in ("confidence", "variability", "data_maps"):
        score = compute_score(name, runs)
        assert np.isfinite(score.evidence).all()
    found = data_map(runs)
    np.testing.assert_allclose(found["variability"], [0.5, 0, 0])
    np.testing.assert_allclose(found["closeness"], [0.25, 0, 0])


def test_a_signal_that_is_missing():
    runs = of(P)
    del runs.signals["correct"]
    with pytest.raises(ValueError, match=r'LossTrajectory\(.*"correct"\)'):
        data_map(runs)
