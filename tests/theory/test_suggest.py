import numpy as np
import pytest

from keras_robust import losses
from keras_robust.noise import NoiseEstimate
from keras_robust.theory import is_asymmetric
from keras_robust.theory import suggest_loss


@pytest.fixture(scope="module")
def pairs():
    return suggest_loss("pair", 0.45, 10)


def test_the_order(pairs):
    assert [one.is_tolerated for one in pairs] == sorted(
        (one.is_tolerated for one in pairs), reverse=True
    )
    tolerant = [one for one in pairs if one.is_tolerated]
    starting = [one.profile.starts_cold for one in tolerant]
    assert starting == sorted(starting, reverse=True)
    pulls = [one.profile.far_off for one in tolerant if one.profile.starts_cold]
    assert pulls == sorted(pulls)
    assert pairs.best is pairs[0] is next(iter(pairs.ranked))
    assert pairs[-1].name == "ce"


def test_what_is_said_of_each(pairs):
    by_name = {one.name: one for one in pairs}
    assert len(by_name) == len(pairs) == 18
    # With 45 % pairs the published AGCE is outside of its condition.
    agce = by_name["agce"]
    assert agce.loss.get_config() == losses.get("agce", "cifar10").get_config()
    assert not agce.is_tolerated
    assert agce.margin == pytest.approx(
        agce.loss.asymmetry_ratio() * 11 / 9 - 1
    )
    assert "does not tolerate class 0" in agce.why
    assert "warm" in agce.why.lower()
    assert by_name["nce+agce"].margin == pytest.approx(11 / 9 - 1)
    assert "1.22 times as often as is enough" in by_name["nce+agce"].why
    assert "numeric evidence" in by_name["jal"].why
    assert np.isnan(by_name["jal"].margin)
    assert "Stopped early" in by_name["ce"].why
    assert by_name["gce"].dataset is None
    lines = str(pairs).splitlines()
    assert len(lines) == 18
    assert lines[0].startswith(f"1. {pairs.best.name}, ")


def test_the_names_can_be_tuned_over(pairs):
    for one in pairs:
        space = losses.search_space(one.name)
        assert type(space.loss()) is type(one.loss)


def test_the_verdicts_are_those_of_the_other_functions(pairs):
    matrix = 0.55 * np.eye(10) + 0.45 * np.roll(np.eye(10), 1, axis=1)
    for one in pairs:
        if one.name in ("agce", "aul", "nce+ael", "mae", "sce"):
            loss = losses.get(one.name, one.dataset, from_logits=True)
            assert is_asymmetric(loss, matrix) == one.is_tolerated


def test_an_estimate_and_logits_and_a_data_set():
    matrix = np.array([[0.7, 0.3, 0.0], [0.1, 0.8, 0.1], [0.0, 0.2, 0.8]])
    estimate = NoiseEstimate(matrix, np.full(3, 1 / 3), "anchor")
    assert is_asymmetric(losses.CategoricalMAE(), estimate)
    found = suggest_loss(estimate, dataset="webvision", from_logits=True)
    assert all(one.loss.from_logits for one in found)
    assert {one.dataset for one in found} == {"webvision", None}
    assert found[0].is_tolerated


def test_no_loss_tolerates_a_wrong_label_that_leads():
    found = suggest_loss([[0.4, 0.6], [0.0, 1.0]])
    assert not any(one.is_tolerated for one in found)
    assert "as often as the right one" in found.best.why


def test_bad_arguments():
    with pytest.raises(ValueError, match="`dataset` must be one that"):
        suggest_loss("pair", 0.2, 3, dataset="digits")
    with pytest.raises(ValueError, match="row 0 with the sum 0.9"):
        suggest_loss([[0.5, 0.4], [0.1, 0.9]])
