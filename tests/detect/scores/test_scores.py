from pathlib import Path

import numpy as np
import pytest

from keras_robust.detect import Score
from keras_robust.detect import available_scores
from keras_robust.detect import el2n
from keras_robust.detect.scores.area_under_margin import aum
from keras_robust.detect.scores.mean_losses import mean_cross_entropy
from keras_robust.detect.scores.score import _scores
from keras_robust.detect.scores.score import compute_score
from keras_robust.detect.scores.score import compute_score_of
from keras_robust.detect.scores.score import register_score
from keras_robust.trajectories import Trajectories
from keras_robust.trajectories import blocks
from tests.detect.samples import from_logits
from tests.detect.samples import noisy

GOLDEN = Path(__file__).parents[2] / "golden" / "aum.npz"
NAN = np.nan


def one_signal(name, values):
    values = np.asarray(values, float)
    num_epochs, num_samples = values.shape
    return Trajectories(
        np.arange(num_samples),
        np.arange(num_epochs),
        {name: values},
        np.zeros(num_samples, int),
        2,
    )


@pytest.mark.parametrize("name", ["t0", "t1"])
def test_aum_equals_the_authors(name):
    with np.load(GOLDEN) as golden:
        logits = golden[f"{name}/logits"].swapaxes(0, 1)
        given = golden[f"{name}/labels"].astype(int)
        expected = golden[f"{name}/aum"]
    score = aum(from_logits(logits, given))
    np.testing.assert_allclose(score.evidence, expected, atol=1e-6)
    np.testing.assert_allclose(
        score.quality, 1 / (1 + np.exp(-expected)), atol=1e-6
    )


def test_mean_cross_entropy_is_the_geometric_mean_probability():
    p = np.array([[0.5, 0.1, 1.0], [0.125, 0.1, 1.0]])
    score = mean_cross_entropy(one_signal("cross_entropy", -np.log(p)))
    np.testing.assert_allclose(score.quality, [0.25, 0.1, 1.0], rtol=1e-6)
    np.testing.assert_allclose(score.evidence**2, -np.log(score.quality))


def test_a_loss_just_below_zero_is_zero():
    score = mean_cross_entropy(one_signal("cross_entropy", [[-1e-7]]))
    assert score.quality.tolist() == [1.0]
    assert score.evidence.tolist() == [0.0]


@pytest.mark.parametrize(
    ("function", "signal", "sign"),
    [(aum, "margin", 1), (mean_cross_entropy, "cross_entropy", -1)],
)
def test_quality_does_not_tie_at_the_low_end(function, signal, sign):
    values = sign * -np.linspace(20, 700, 1000)
    score = function(one_signal(signal, values[None]))
    assert (np.diff(score.quality) < 0).all()
    assert (np.diff(score.evidence) < 0).all()


def test_quality_stays_finite_at_the_ends():
    score = aum(one_signal("margin", [[-1e30, -np.inf, 0, 1e30, np.inf]]))
    assert score.quality.tolist() == [0, 0, 0.5, 1, 1]
    losses = [[0, 1e30, np.inf]]
    score = mean_cross_entropy(one_signal("cross_entropy", losses))
    assert score.quality.tolist() == [1, 0, 0]


@pytest.fixture
def registered(monkeypatch):
    table = _scores["trajectories"]
    monkeypatch.setattr(table, "entries", dict(table.entries))

    def register(quality, evidence=None, signals=()):
        evidence = quality if evidence is None else evidence
        register_score("mine", signals)(
            lambda trajectories: Score(quality, evidence)
        )
        return "mine"

    return register


def test_a_score_of_ones_own(registered):
    name = registered(np.array([0.9, 0.2]))
    score = compute_score(name, one_signal("margin", [[1, 2]]))
    assert score.quality.tolist() == [0.9, 0.2]


def test_a_missing_signal_is_told_before_the_score_runs(registered):
    name = registered(None, signals=("loss",))
    with pytest.raises(ValueError, match=r'LossTrajectory\(.*"loss"\)'):
        compute_score(name, one_signal("margin", [[1, 2]]))


@pytest.mark.parametrize(
    ("quality", "message"),
    [
        ([0.5], r'"mine" must return .* shape \(2,\). Received: \(1,\)'),
        ([0.5, 1.5], r'"mine" must return a quality in \[0, 1\].*to 1.5'),
        ([-0.1, 0.5], r"values from -0.1 to 0.5"),
    ],
)
def test_a_score_that_returns_something_else(registered, quality, message):
    name = registered(np.array(quality))
    with pytest.raises(ValueError, match=message):
        compute_score(name, one_signal("margin", [[1, 2]]))


@pytest.mark.parametrize("reads", ["trajectories", "pred_probs", "embeddings"])
@pytest.mark.parametrize("returned", [None, 0.5, "ab", ["a", "b"]])
def test_a_score_that_returns_no_score(reads, returned, monkeypatch):
    table = _scores[reads]
    monkeypatch.setattr(table, "entries", dict(table.entries))
    register_score("mine", reads=reads)(lambda *_: returned)
    kind = type(returned).__name__
    with pytest.raises(ValueError, match=rf'"mine" must .*Score.*: {kind}$'):
        if reads == "trajectories":
            compute_score("mine", one_signal("margin", [[1, 2]]))
        else:
            compute_score_of(reads, "mine", np.zeros(2, int), np.eye(2))


def test_what_a_score_is_registered_with():
    with pytest.raises(ValueError, match="a list of names.*'margin'"):
        register_score("mine", "margin")
    for more in (
        {"signals": ("margin",)},
        {"per_sample": True},
        {"split": "threshold"},
    ):
        with pytest.raises(ValueError, match="leave them out.*'pred_probs'"):
            register_score("mine", reads="pred_probs", **more)
    assert "mine" not in available_scores()


def test_a_quality_that_is_nan_is_refused(registered):
    name = registered(np.array([NAN, 0.5]), np.array([0.5, 0.5]))
    with pytest.raises(ValueError, match=r"a quality in \[0, 1\]"):
        compute_score(name, one_signal("margin", [[1, 2]]))


def test_scores_of_probabilities_are_named_apart():
    with pytest.raises(ValueError, match="`reads` must be one of traject"):
        register_score("x", reads="logits")
    assert "aum" not in available_scores("pred_probs")


def test_cumulative_sample_loss_is_the_mean_cross_entropy():
    trajectories, _ = noisy()
    mean = compute_score("mean_cross_entropy", trajectories)
    other = compute_score("cumulative_sample_loss", trajectories)
    np.testing.assert_array_equal(other.quality, mean.quality)
    np.testing.assert_array_equal(other.evidence, mean.evidence)


def test_last_cross_entropy_is_of_the_latest_epoch_seen():
    losses = [[3.0, 2.0, NAN], [1.0, NAN, NAN]]
    score = compute_score(
        "last_cross_entropy", one_signal("cross_entropy", losses)
    )
    np.testing.assert_allclose(score.quality, [np.exp(-1), np.exp(-2), 1.0])
    np.testing.assert_allclose(score.evidence, [-1, -np.sqrt(2), NAN])


def test_el2n_is_of_the_first_epochs():
    lengths = np.full((30, 2), np.sqrt(2))
    lengths[:20, 0] = np.linspace(0.0, 0.4, 20)
    lengths[:3, 1] = 0.1
    trajectories = one_signal("el2n", lengths)
    score = compute_score("el2n", trajectories)
    second = (3 * 0.1 + 17 * np.sqrt(2)) / 20
    np.testing.assert_allclose(
        score.quality, 1 - np.array([0.2, second]) / np.sqrt(2), rtol=1e-6
    )
    first = el2n(trajectories, epochs=3)
    np.testing.assert_allclose(first.quality[1], 1 - 0.1 / np.sqrt(2))
    odds = np.log(first.quality / (1 - first.quality))
    np.testing.assert_allclose(first.evidence, odds)


@pytest.mark.parametrize("bad", [0, -1, 1.5, True, None])
def test_el2n_takes_a_whole_number_of_epochs(bad):
    with pytest.raises(ValueError, match="`epochs` must be an integer"):
        el2n(one_signal("el2n", [[1.0]]), epochs=bad)


def test_entropy_is_a_share_of_the_most_there_can_be():
    score = compute_score(
        "entropy", one_signal("entropy", np.log(2) * np.array([[0, 1, 0.2]]))
    )
    np.testing.assert_allclose(score.quality, [1, 0, 0.8], atol=1e-6)
    np.testing.assert_allclose(score.evidence[2], np.log(4), rtol=1e-5)


@pytest.mark.parametrize("name", available_scores())
def test_blocks_of_samples_change_nothing(name, monkeypatch):
    trajectories, _ = noisy(num_samples=50)
    whole = compute_score(name, trajectories)
    monkeypatch.setattr(blocks, "BLOCK", 7)
    parts = compute_score(name, trajectories)
    np.testing.assert_array_equal(parts.quality, whole.quality)
    np.testing.assert_array_equal(parts.evidence, whole.evidence)


def test_a_score_of_ones_own_by_blocks(monkeypatch):
    table = _scores["trajectories"]
    monkeypatch.setattr(table, "entries", dict(table.entries))
    monkeypatch.setattr(blocks, "BLOCK", 2)
    sizes = []

    @register_score("mine", ("margin",), per_sample=True)
    def mine(trajectories):
        sizes.append(len(trajectories))
        share = trajectories.signal("margin")[0]
        return Score(share, share)

    @register_score(
        "lowest", ("margin",), summary=lambda part: part.signal("margin")[0]
    )
    def lowest(margin):
        return Score(margin / margin.max(), margin)

    trajectories = one_signal("margin", [[0.1, 0.4, 0.2, 0.8, 0.4]])
    margin = trajectories.signal("margin")[0]
    found = compute_score("mine", trajectories)
    np.testing.assert_array_equal(found.quality, margin)
    assert sizes == [2, 2, 1]
    found = compute_score("lowest", trajectories)
    np.testing.assert_allclose(found.quality, margin / margin.max())
