import numpy as np
import pytest

from keras_robust.detect import confident_learning
from keras_robust.detect import uq_led
from keras_robust.detect.probabilities.confident_learning import PRUNING
from keras_robust.detect.probabilities.uncertain_labels import METHODS
from keras_robust.detect.probabilities.uncertain_labels import joint_of_sure
from keras_robust.noise import confident_thresholds
from tests.detect.probabilities.predictions import predicted


def passes(num_passes=5, rate=0.3, seed=0):
    """Labels, the probabilities of passes `(S, N, K)`, and the truth."""
    labels, _, true = predicted(600, 4, rate, seed=seed)
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(num_passes, 600, 4))
    logits += 4.0 * np.eye(4)[true] * rng.random((600, 1))
    odds = np.exp(logits)
    return labels, odds / odds.sum(axis=2, keepdims=True), true


def test_the_mean_alone_is_confident_learning():
    labels, p, _ = passes()
    issues = uq_led(labels, p, method="cl_mcd")
    expected = confident_learning(labels, p.mean(axis=0))
    np.testing.assert_array_equal(
        issues.is_label_issue, expected.is_label_issue
    )
    np.testing.assert_allclose(issues.label_quality, expected.label_quality)


def joint_by_hand(labels, p, entropy):
    """Counts of the sure, one sample after another, and scaled."""
    t = confident_thresholds(labels, p)
    limit = [entropy[labels == k].mean() for k in range(p.shape[1])]
    joint = np.zeros((p.shape[1],) * 2)
    for label, row, h in zip(labels, p, entropy, strict=True):
        reached = np.flatnonzero(row >= t - 1e-6)
        if h <= limit[label] and reached.size:
            joint[label, row.argmax() if reached.size > 1 else reached[0]] += 1
    sizes = np.bincount(labels)
    return joint * (sizes / joint.sum(axis=1))[:, np.newaxis]


@pytest.mark.parametrize("told", [False, True])
def test_the_joint_is_of_the_sure(told):
    labels, p, _ = passes()
    mean = p.mean(axis=0)
    entropy = -(mean * np.log(mean)).sum(axis=1)
    if told:
        # That of the passes: another number.
        entropy = -(p * np.log(p)).sum(axis=2).mean(axis=0)
    joint = joint_of_sure(labels, mean, entropy if told else None)
    scaled = joint_by_hand(labels, mean, entropy)
    # It is rounded to whole labels.
    assert np.abs(joint - scaled).max() < 1
    assert np.abs(joint - joint_by_hand(labels, mean, 0 * entropy)).max() > 3
    issues = uq_led(labels, mean, entropy if told else None)
    expected = confident_learning(labels, mean, joint=joint)
    np.testing.assert_array_equal(
        issues.is_label_issue, expected.is_label_issue
    )


def test_wrong_labels_are_found():
    labels, p, true = passes(10, 0.2)
    for method in ("cl_mcd", "cl_mcd_e"):
        result = uq_led(labels, p, method=method).evaluate(true)
        assert result["auroc"] > 0.9 and result["f1"] > 0.6


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("filter_by", PRUNING)
def test_a_planted_wrong_label_is_found(method, filter_by):
    labels, p, true = predicted(rate=0.0, surely=9.0)
    labels[17] = (labels[17] + 1) % 4
    noise = np.random.default_rng(0).uniform(0.9, 1.1, size=(5, *p.shape))
    samples = p * noise
    samples /= samples.sum(axis=2, keepdims=True)
    issues = uq_led(labels, samples, method=method, filter_by=filter_by)
    assert issues.top(1) == [17]
    np.testing.assert_array_equal(np.flatnonzero(issues.is_label_issue), [17])
    assert issues.suggested_label[17] == true[17]


def test_float32_passes_in_blocks():
    labels, p, _ = passes(300)
    p = p.astype(np.float32)
    issues = uq_led(labels, p)
    expected = uq_led(labels, p.astype(np.float64))
    np.testing.assert_array_equal(
        issues.is_label_issue, expected.is_label_issue
    )


def test_one_entropy_for_all_counts_all():
    labels, p, _ = passes()
    p = p.mean(axis=0)
    issues = uq_led(labels, p, np.full(600, 0.1))
    np.testing.assert_array_equal(
        issues.is_label_issue, confident_learning(labels, p).is_label_issue
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "cl"}, "`method` must be one of cl_mcd, .*method='cl'"),
        ({"filter_by": "low_self_confidence"}, "`filter_by` must be one of"),
        ({"entropy": [1.0]}, r"`entropy` must hold one number .*shape=\(1,\)"),
        ({"entropy": np.full(600, -1.0)}, r"Received: entropy\[0\]=-1.0"),
        ({"entropy": np.full(600, np.nan)}, r"Received: entropy\[0\]=nan"),
        ({"pred_probs": np.zeros((0, 600, 4))}, "must have one pass at least"),
        ({"pred_probs": np.zeros((2, 600, 4))}, "row 0 does not"),
        ({"pred_probs": np.zeros((1, 2, 600, 4))}, r"the shape \(N, K\)"),
        ({"pred_probs": None}, "`pred_probs` must hold numbers"),
    ],
)
def test_arguments_that_are_none(options, message):
    labels, p, _ = passes()
    with pytest.raises(ValueError, match=message):
        uq_led(**{"labels": labels, "pred_probs": p, **options})
