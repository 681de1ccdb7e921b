"""What holds of every score of probabilities; a new one is in by itself."""

import numpy as np
import pytest

from keras_robust.detect import available_scores
from keras_robust.detect.scores.score import compute_score_of
from tests.detect.probabilities.predictions import predicted

# Those that are registered when the package is imported.
SCORES = available_scores("pred_probs")

every_score = pytest.mark.parametrize("name", SCORES)


def score_of(name, labels, p):
    return compute_score_of("pred_probs", name, np.asarray(labels), p)


@every_score
@pytest.mark.parametrize("rate", [0.1, 0.3])
def test_wrong_labels_are_found(name, rate):
    labels, p, true = predicted(400, rate=rate, surely=6.0)
    quality = score_of(name, labels, p).quality
    wrong = labels != true
    # A pair of a wrong and a right label is in the right order.
    assert (quality[wrong][:, None] < quality[~wrong]).mean() > 0.97


@every_score
def test_a_planted_wrong_label_is_the_worst(name):
    labels, p, _ = predicted(rate=0.0, surely=8.0)
    labels[17] = (labels[17] + 1) % 4
    score = score_of(name, labels, p)
    assert score.quality.argmin() == score.evidence.argmin() == 17


@every_score
def test_where_all_are_alike_nothing_is_told_apart(name):
    score = score_of(name, np.arange(20) % 4, np.full((20, 4), 0.25))
    assert np.unique(score.quality).size == 1
    assert np.isfinite(score.evidence).all()


@every_score
@pytest.mark.parametrize("num_samples", [1, 2, 3])
def test_little_is_enough(name, num_samples):
    labels, p, _ = predicted(num_samples)
    assert np.isfinite(score_of(name, labels, p).evidence).all()


@every_score
def test_certainty_is_no_infinity(name):
    score = score_of(name, [0, 1], np.eye(2)[[0, 0]])
    np.testing.assert_array_equal(score.quality, [1.0, 0.0])
    assert np.isfinite(score.evidence).all()


@every_score
def test_the_evidence_has_the_order_of_the_quality(name):
    labels, p, _ = predicted()
    score = score_of(name, labels, p)
    order = np.argsort(score.evidence)
    assert (np.diff(score.quality[order]) >= 0).all()


@every_score
def test_the_order_of_the_samples(name):
    labels, p, _ = predicted(100)
    order = np.random.default_rng(0).permutation(100)
    score = score_of(name, labels, p)
    moved = score_of(name, labels[order], p[order])
    np.testing.assert_array_equal(moved.evidence, score.evidence[order])
