from pathlib import Path

import numpy as np
import pytest

from keras_robust.detect import clean_probability
from keras_robust.detect.scores.score import compute_score
from tests.detect.samples import from_logits

GOLDEN = Path(__file__).parents[2] / "golden"
NAN = np.nan


@pytest.mark.parametrize("name", ["t0", "t1"])
@pytest.mark.parametrize(("mean", "epochs"), [("last", 1), ("mean_last5", 5)])
def test_it_equals_the_authors(name, mean, epochs):
    with np.load(GOLDEN / "aum.npz") as golden:
        logits = golden[f"{name}/logits"].swapaxes(0, 1)
        given = golden[f"{name}/labels"].astype(int)
    with np.load(GOLDEN / "selection.npz") as golden:
        expected = golden[f"{name}/dividemix/{mean}"]
    trajectories = from_logits(logits, given)
    found, odds = clean_probability(
        trajectories.signal("cross_entropy"), epochs
    )
    # Where theirs depends on its seed, by as much.
    unseeded = (name, mean) == ("t0", "mean_last5")
    np.testing.assert_allclose(found, expected, atol=0.03 if unseeded else 1e-5)
    with np.errstate(over="ignore"):
        np.testing.assert_allclose(1 / (1 + np.exp(-odds)), found, atol=1e-12)
    if epochs == 1:
        score = compute_score("gmm", trajectories)
        np.testing.assert_array_equal(score.quality, found)
        np.testing.assert_array_equal(score.evidence, odds)


def two_groups():
    rng = np.random.default_rng(0)
    return np.r_[rng.normal(0.1, 0.02, 80), rng.normal(2.0, 0.3, 20)]


def test_the_scale_of_the_losses_does_not_matter():
    losses = two_groups()
    found, _ = clean_probability(losses[None])
    scaled, _ = clean_probability(7.0 * losses[None] + 3.0)
    np.testing.assert_allclose(scaled, found, atol=1e-9)
    assert (found[:80] > 0.5).all() and (found[80:] < 0.5).all()


def test_the_mean_is_that_of_the_epochs_seen():
    losses = np.stack([two_groups(), two_groups()])
    both, _ = clean_probability(losses, epochs=2)
    # One epoch more, and it is of no account.
    more, _ = clean_probability(np.r_[losses[:1] * NAN, losses], epochs=2)
    np.testing.assert_array_equal(more, both)
    losses[0, :5] = losses[1, 99] = NAN
    found, _ = clean_probability(losses, epochs=2)
    assert (found[:80] > 0.5).all() and (found[80:] < 0.5).all()
    last, odds = clean_probability(losses, epochs=1)
    assert np.isnan(last[99]) and np.isnan(odds[99])
    assert not np.isnan(last[:99]).any()


def test_an_infinite_loss_is_the_largest():
    losses = two_groups()
    losses[losses.argmax()] = np.inf
    found, _ = clean_probability(losses[None])
    assert (found[:80] > 0.5).all() and (found[80:] < 0.5).all()
    assert found[np.isinf(losses)] < 1e-6
