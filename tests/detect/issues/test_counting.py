import numpy as np
import pytest

from keras_robust.detect import find_label_issues
from keras_robust.detect.statistics.proportions import wilson_interval
from tests.detect.issues.samples import build
from tests.detect.samples import noisy


def test_noise_table_equals_a_loop():
    trajectories, _ = noisy(num_samples=300, rate=0.3)
    issues = find_label_issues(trajectories, "aum")
    for row in issues.noise_table():
        own = issues.given_label == row["class"]
        flagged = own & issues.is_label_issue
        assert row["count"] == own.sum()
        assert row["flagged"] == flagged.sum()
        assert row["share"] == flagged.sum() / own.sum()
        counts = np.bincount(issues.suggested_label[flagged], minlength=4)
        assert row["suggestion"] == counts.argmax()
        assert row["suggested"] == counts.max()
        assert row["low"] < row["share"] < row["high"]


def test_a_class_without_labels_or_suggestions():
    issues = build(num_classes=5, suggested_label=[0, -1, -1, 0])
    rows = issues.noise_table()
    assert [row["count"] for row in rows] == [2, 1, 1, 0, 0]
    assert np.isnan(rows[4]["share"])
    assert (rows[4]["low"], rows[4]["high"]) == (0.0, 1.0)
    assert [row["suggestion"] for row in rows] == [-1] * 5
    assert "nan" in repr(issues.noise_table())


def test_among_equal_suggestions_the_smaller_class():
    issues = build(
        given_label=[3, 3, 3, 3],
        is_label_issue=np.ones(4, bool),
        suggested_label=[2, 1, 1, 2],
    )
    assert issues.noise_table()[3]["suggestion"] == 1


def test_confusion_equals_a_loop():
    trajectories, _ = noisy(num_samples=300, rate=0.3)
    issues = find_label_issues(trajectories, "aum")
    expected = np.zeros((4, 4), int)
    for given, suggested in zip(
        issues.given_label, issues.suggested_label, strict=True
    ):
        expected[given, suggested] += 1
    np.testing.assert_array_equal(issues.confusion(), expected)


def test_confusion_without_what_fits_nothing():
    # d is not flagged: its suggestion does not count.
    issues = build(suggested_label=[0, -1, 0, 1])
    assert issues.confusion().tolist() == [[2, 0, 0], [0, 0, 0], [1, 0, 0]]
    assert build(num_classes=4).confusion().shape == (4, 4)


@pytest.mark.parametrize("hits, total", [(0, 10), (10, 10), (3, 10), (7, 400)])
def test_wilson_solves_its_equation(hits, total):
    """Its ends are where the normal test of the share just fails."""
    z = 1.959963984540054
    for end in wilson_interval(hits, total):
        distance = abs(hits / total - end)
        error = z * np.sqrt(end * (1 - end) / total)
        assert distance == pytest.approx(error, abs=1e-12)


def test_wilson_without_cases_and_by_confidence():
    assert [float(end) for end in wilson_interval(0, 0)] == [0.0, 1.0]
    wide, narrow = wilson_interval(3, 9, 0.99), wilson_interval(3, 9, 0.5)
    assert wide[0] < narrow[0] < 1 / 3 < narrow[1] < wide[1]
    for confidence in (0, 1, 95, np.nan, "0.9", True):
        with pytest.raises(ValueError, match=r"`confidence` must be .* \(0, 1"):
            wilson_interval(3, 9, confidence)
