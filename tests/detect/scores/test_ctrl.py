from pathlib import Path

import numpy as np
import pytest

from keras_robust.detect import CtrlParameters
from keras_robust.detect import ctrl_clean
from keras_robust.detect import find_label_issues
from keras_robust.detect.scores.ctrl import silhouette
from keras_robust.detect.scores.ctrl import smoothed
from tests.detect.samples import from_logits
from tests.detect.samples import noisy

GOLDEN = Path(__file__).parents[2] / "golden"


@pytest.mark.parametrize("name", ["t0", "t1"])
def test_it_equals_the_authors(name):
    with np.load(GOLDEN / "aum.npz") as golden:
        logits = golden[f"{name}/logits"].swapaxes(0, 1)
        given = golden[f"{name}/labels"].astype(int)
        true = golden[f"{name}/true"].astype(int)
    # Their k-means saw float64.
    log_p = logits.astype("float64")
    log_p -= log_p.max(axis=2, keepdims=True)
    log_p -= np.log(np.exp(log_p).sum(axis=2, keepdims=True))
    losses = -log_p[:, np.arange(len(given)), given].T
    compared = 0
    with np.load(GOLDEN / "selection.npz") as golden:
        for key in golden.files:
            if not key.startswith(f"{name}/ctrl/k"):
                continue
            case = key.split("/")[-1]
            k, s, w, t, by_class, width = (
                int("".join(filter(str.isdigit, part)))
                for part in case.split("_")
            )
            labels = given if by_class else np.zeros(len(given), int)
            clean, curves = ctrl_clean(
                losses,
                labels,
                CtrlParameters(k, s, w, t),
                2 * np.log(logits.shape[2]),
                width,
            )
            np.testing.assert_array_equal(clean, golden[key], err_msg=case)
            np.testing.assert_allclose(
                curves, golden[f"{name}/ctrl/moving_avg_ma{width}"], atol=1e-6
            )
            groups = [np.flatnonzero(labels == c) for c in np.unique(labels)]
            np.testing.assert_allclose(
                silhouette(curves, clean, groups),
                golden[f"{name}/ctrl_silhouette/{case}"],
                atol=1e-9,
            )
            compared += 1
    assert compared == 8
    # The parameters that it finds by itself do about as well as the best.
    issues = find_label_issues(from_logits(logits, given), "ctrl", "threshold")
    assert issues.evaluate(true)["f1"] > 0.95


def test_curves_are_averaged_over_the_epochs_before():
    losses = np.array([[9.0, 1.0, 2.0, 3.0, 8.0]])
    np.testing.assert_allclose(
        smoothed(losses, 4.0, 2), [[1.5, 1.5, 1.5, 2.5, 3.5]]
    )
    np.testing.assert_allclose(smoothed(losses, 9.0, 1)[0, 1:], losses[0, 1:])
    # Fewer epochs than the width, and a single one.
    np.testing.assert_allclose(smoothed(losses[:, :3], 4.0, 9), [[1.5] * 3])
    np.testing.assert_allclose(smoothed(losses[:, :1], 4.0, 9), [[4.0]])


def test_votes_by_hand():
    """Two groups a class; the wrong ones are so in the second window only."""
    low, high = np.zeros(4), np.full(4, 3.0)
    right = np.r_[low, low]
    wrong = np.r_[low, high]
    # k-means sees some spread in the first window too.
    seesaw = np.r_[high, low]
    losses = np.stack([right] * 6 + [wrong] * 3 + [seesaw] * 2)
    given = np.zeros(11, int)
    for votes, expected in ((1, 11), (2, 6)):
        parameters = CtrlParameters(2, 1, 2, votes)
        clean, _ = ctrl_clean(losses, given, parameters, clamp=5.0, width=1)
        assert clean.sum() == expected and clean[:6].all()


def test_the_split_of_its_score_is_its_mask():
    trajectories, _ = noisy(num_samples=200, rate=0.3, num_epochs=10)
    clean, _ = ctrl_clean(
        trajectories.signal("cross_entropy").T, trajectories.given_label
    )
    issues = find_label_issues(trajectories, "ctrl", "threshold")
    np.testing.assert_array_equal(issues.is_label_issue, ~clean)


def test_a_class_of_few_samples_is_left_alone():
    losses = np.r_[np.zeros((5, 8)), np.full((1, 8), 2.0), np.ones((1, 8))]
    given = np.array([0, 0, 0, 0, 0, 0, 1])
    clean, _ = ctrl_clean(losses, given, CtrlParameters(2, 1, 1, 1))
    assert clean.tolist() == [True] * 5 + [False, True]


def test_bad_input():
    with pytest.raises(
        ValueError, match=r"`losses` must be without NaN.*1 NaN"
    ):
        ctrl_clean([[0.1, np.nan]], [0])
    with pytest.raises(ValueError, match=r"axes \(N, E\).*shape=\(2,\)"):
        ctrl_clean([0.1, 0.2], [0, 1])
    with pytest.raises(ValueError, match=r"one entry for each sample.*\(2,\)"):
        ctrl_clean([[0.1, 0.2]], [0, 1])
