"""The benchmark of the detectors: how it judges, and how it chooses."""

import numpy as np
import pytest

from benchmarks import detection
from benchmarks import left_out
from benchmarks.detectors import DETECTORS
from benchmarks.detectors import Found
from benchmarks.detectors import Run
from benchmarks.detectors import calibration_error
from benchmarks.detectors import judged
from tests.detect.samples import noisy


def run_of(seed, rate=0.2):
    trajectories, true = noisy(300, rate, num_epochs=9, seed=seed)
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(4), 300)
    probabilities[np.arange(300), true] += 2.0
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return Run(
        trajectories.given_label,
        true,
        trajectories,
        trajectories,
        probabilities,
        {"one": 1.0, "folds": 5.0},
    )


def test_judged_by_hand():
    run = run_of(0)
    wrong = run.wrong
    surely = wrong.astype(float)
    perfect = judged(Found(surely, wrong, surely), run)
    assert perfect["AP"] == perfect["F1"] == perfect["flagged / wrong"] == 1
    assert perfect["worst class recall"] == 1
    assert perfect["false flags"] == perfect["ECE"] == 0
    inverse = judged(Found(-surely, ~wrong), run)
    assert inverse["F1"] == 0
    assert inverse["flagged / wrong"] == pytest.approx(4.0)
    assert "ECE" not in inverse


def test_calibration_error_by_hand():
    probability = np.array([0.05, 0.05, 0.95, 1.0])
    wrong = np.array([False, True, True, True])
    # Half of the mass is off by .45, half by .025.
    assert calibration_error(probability, wrong) == pytest.approx(0.2375)


def test_the_choice_does_not_look_at_the_set_left_out():
    def found(**liked):
        given = {("evidence", n): 0.1 for n in left_out.EVIDENCE}
        given |= {("last", share): -1.0 for share in left_out.LAST}
        given |= {
            ("slope", (n, share, slope)): -1.0
            for n in left_out.EVIDENCE
            for share in left_out.LAST
            for slope in left_out.SLOPES
        }
        given["evidence", liked["evidence"]] = 0.9
        given["last", liked["last"]] = 0.0
        where = (liked["evidence"], liked["last"], liked["slope"])
        given["slope", where] = 0.0
        return given

    first = {"evidence": "mean margin", "last": 1 / 2, "slope": 3.0}
    second = {"evidence": "mean difference", "last": 1 / 6, "slope": 1.0}
    made = {("a", 0): found(**first), ("b", 0): found(**second)}
    assert left_out.chosen_without("b", made) == tuple(first.values())
    assert left_out.chosen_without("a", made) == tuple(second.values())


def test_every_detector_has_a_row():
    runs = {("one", 0): run_of(0), ("two", 0): run_of(1, 0.3)}
    found, choices = detection.judge_all(runs)
    assert set(choices) == {"one", "two"}
    rows = detection.rows_of(found, ["one", "two"])
    of_ap = {
        r["detector"]: float(r["mean"]) for r in rows if r["measure"] == "AP"
    }
    assert set(of_ap) == {detection.LEFT_OUT, *DETECTORS}
    # Nothing is judged that no row shows.
    assert {row["measure"] for row in rows} == {
        measure for result in found.values() for measure in result
    }
    # Labels that no model could miss.
    assert of_ap["auto"] > 0.95 < of_ap["AUM"]
    assert detection.cost_rows(runs)["five folds, CPU s"]["one"] == "5"
