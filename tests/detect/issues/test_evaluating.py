import dataclasses

import numpy as np
import pytest

from keras_robust.detect import find_label_issues
from tests.detect.issues.samples import build
from tests.detect.samples import noisy


def test_evaluate():
    result = build().evaluate([0, 1, 0, 1])
    # Wrong are c and d; flagged are b and c; the order is c, b, a, d.
    assert result == {
        "precision": 0.5,
        "recall": 0.5,
        "f1": 0.5,
        "average_precision": pytest.approx(0.5 * 1 + 0.5 * 2 / 4),
        "auroc": pytest.approx(0.5),
    }
    assert all(type(value) is float for value in result.values())


def test_evaluate_equals_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics")
    trajectories, true = noisy(rate=0.3)
    issues = find_label_issues(trajectories, "aum")
    flags = issues.is_label_issue.copy()
    flags[::7] = ~flags[::7]
    quality = issues.label_quality.round(1)
    issues = dataclasses.replace(
        issues, is_label_issue=flags, label_quality=quality, evidence=quality
    )
    wrong = true != issues.given_label
    result = issues.evaluate(true[:, None])
    suspicion = 1 - quality
    assert result == pytest.approx(
        {
            "precision": metrics.precision_score(wrong, flags),
            "recall": metrics.recall_score(wrong, flags),
            "f1": metrics.f1_score(wrong, flags),
            "average_precision": metrics.average_precision_score(
                wrong, suspicion
            ),
            "auroc": metrics.roc_auc_score(wrong, suspicion),
        }
    )


def test_the_order_counts_below_the_precision_of_one_minus_quality():
    quality = np.array([1e-20, 1e-30, 1e-25, 0.9])
    issues = build(label_quality=quality, evidence=np.log(quality))
    result = issues.evaluate([0, 0, 2, 0])
    assert result["average_precision"] == 1.0


def test_evaluate_is_nan_where_it_is_not_defined():
    clean = build().evaluate([0, 1, 2, 0])
    assert clean["precision"] == 0.0
    for name in ("recall", "f1", "average_precision", "auroc"):
        assert np.isnan(clean[name])
    all_wrong = build().evaluate([1, 2, 0, 1])
    assert np.isnan(all_wrong["auroc"])
    assert all_wrong["recall"] == 0.5
    assert all_wrong["average_precision"] == 1.0
    unflagged = build(is_label_issue=np.zeros(4, bool)).evaluate([1, 1, 2, 0])
    assert np.isnan(unflagged["precision"])
    assert unflagged["recall"] == unflagged["f1"] == 0.0


@pytest.mark.parametrize(
    "true_labels", [[0, 1, 2], [0.0, 1.0, 2.0, 0.0], np.zeros((4, 2), int), 1]
)
def test_evaluate_takes_one_integer_a_sample(true_labels):
    with pytest.raises(ValueError, match=r"shape \(4,\), in the order of"):
        build().evaluate(true_labels)
