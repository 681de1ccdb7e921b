import numpy as np
import pytest

from keras_robust.detect import available_scores
from keras_robust.detect import label_quality
from keras_robust.detect.scores.score import compute_score_of
from keras_robust.detect.statistics.odds import log_odds_of_doubles
from tests.detect.probabilities.predictions import SETS
from tests.detect.probabilities.predictions import golden
from tests.detect.probabilities.predictions import predicted

METHODS = (
    "self_confidence",
    "normalized_margin",
    "confidence_weighted_entropy",
)


# cleanlab does not adjust the last of them either.
PAIRS = [(method, False) for method in METHODS]
PAIRS += [(method, True) for method in METHODS[:2]]


@pytest.mark.parametrize("method, adjust", PAIRS)
@pytest.mark.parametrize("name", SETS)
def test_it_equals_cleanlab(name, adjust, method):
    stored, labels, p = golden(name)
    expected = p[np.arange(len(labels)), labels]
    if adjust or method != "self_confidence":
        key = f"quality{'_adjusted' * adjust}/{method}"
        expected = stored[key]
    found = label_quality(labels, p, method, adjust)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_a_registered_score_has_the_same_quality(method):
    labels, p, _ = predicted()
    score = compute_score_of("pred_probs", method, labels, p)
    np.testing.assert_array_equal(
        score.quality, label_quality(labels, p, method)
    )
    assert method in available_scores("pred_probs")
    assert method not in available_scores()


@pytest.mark.parametrize("num_classes", [3, 150])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_by_hand(dtype, num_classes):
    """Both ways to find the largest, in more than one block."""
    labels, p, _ = predicted(70_000 // num_classes * 2, num_classes)
    p = p.astype(dtype).astype(np.float64)
    each = np.arange(len(labels))
    given = p[each, labels]
    others = p.copy()
    others[each, labels] = 0.0
    h = -(p * np.log(p)).sum(axis=1) / np.log(num_classes) / given
    for method, expected, within in (
        ("self_confidence", given, 0),
        ("normalized_margin", (given - others.max(axis=1) + 1) / 2, 0),
        ("confidence_weighted_entropy", np.log(1 + h) / h, 1e-5),
    ):
        found = label_quality(labels, p.astype(dtype), method)
        np.testing.assert_allclose(found, expected, rtol=within)
        assert found.dtype == np.float64


def test_what_the_model_is_entirely_sure_of():
    """Where cleanlab's clipping would turn them round."""
    p = np.array([[1.0, 0.0], [1 - 1e-9, 1e-9], [0.5, 0.5]])
    sure = label_quality([0, 0, 0], p, "confidence_weighted_entropy")
    np.testing.assert_allclose(sure, [1.0, 1.0, np.log(3) / 2], atol=1e-7)
    ruled_out = label_quality([1, 1, 1], p, "confidence_weighted_entropy")
    assert ruled_out[0] == 0.0 and ruled_out[1] < 0.2


def test_a_hair_outside_is_in_range():
    p = np.array([[1 + 5e-7, -5e-7], [-5e-7, 1 + 5e-7]])
    for method in METHODS:
        found = label_quality([0, 0], p, method)
        assert 0.0 <= found[1] < 0.01 and 0.99 < found[0] <= 1.0


def test_log_odds_are_finite_and_in_order():
    quality = np.array([0.0, 1e-300, 0.5, 1 - 2**-53, 1.0])
    evidence = log_odds_of_doubles(quality)
    assert np.isfinite(evidence).all() and (np.diff(evidence) > 0).all()
    assert evidence[2] == 0.0


def test_adjusting_does_not_change_what_is_given():
    labels, p, _ = predicted()
    before = p.copy()
    label_quality(labels, p, adjust=True)
    np.testing.assert_array_equal(p, before)


def test_a_class_without_labels_can_be_adjusted():
    p = np.array([[0.5, 0.3, 0.2], [0.1, 0.7, 0.2]])
    found = label_quality([0, 1], p, adjust=True)
    # Its threshold is 2: p - t + 2 is (2, 1.6, 0.2) and (1.6, 2, 0.2).
    np.testing.assert_allclose(found, 2.0 / 3.8)


def test_arguments_that_are_none():
    labels, p, _ = predicted()
    with pytest.raises(ValueError, match="`method` must be .*method='margin'"):
        label_quality(labels, p, "margin")
    with pytest.raises(ValueError, match="`adjust` is for self_confidence"):
        label_quality(labels, p, "confidence_weighted_entropy", adjust=True)
