"""AUM's threshold samples: the labels of both trainings, and what they say."""

import numpy as np
import pytest

from keras_robust.detect import aum_threshold
from keras_robust.detect import find_label_issues
from keras_robust.detect import threshold_labels
from keras_robust.detect.splits import ThresholdSamples
from keras_robust.trajectories import Trajectories
from tests.detect.samples import from_logits

NAN = np.nan


def runs(num_samples=400, seed=0):
    """Two runs of a model that sees through labels, the fake class too."""
    rng = np.random.default_rng(seed)
    true = rng.integers(4, size=num_samples)
    given = true.copy()
    wrong = rng.random(num_samples) < 0.2
    given[wrong] = (true[wrong] + rng.integers(1, 4, size=wrong.sum())) % 4
    made = []
    for labels in threshold_labels(given, num_classes=4, seed=seed):
        logits = rng.normal(size=(8, num_samples, 5))
        logits += 5.0 * (np.arange(5) == true[:, None])
        made.append(from_logits(logits, labels))
    return made, given, true


@pytest.mark.parametrize(
    ("num_samples", "num_classes", "count"),
    [(100, 9, 10), (99, 3, 25), (2, 2, 1), (3, 100, 1)],
)
def test_as_many_as_a_class_would_have(num_samples, num_classes, count):
    labels = np.arange(num_samples) % min(num_samples, num_classes)
    first, second = threshold_labels(labels, num_classes, seed=3)
    fakes = first == num_classes, second == num_classes
    assert fakes[0].sum() == fakes[1].sum() == count
    assert not (fakes[0] & fakes[1]).any()
    for fake, found in zip(fakes, (first, second), strict=True):
        assert found.dtype == np.int64
        np.testing.assert_array_equal(found[~fake], labels[~fake])
    again = threshold_labels(labels[:, None], num_classes, seed=3)
    np.testing.assert_array_equal(again[0], first)
    if count > 1:
        other, _ = threshold_labels(labels, num_classes, seed=4)
        assert (other != first).any()


def test_both_runs_together_find_the_wrong_labels():
    made, given, true = runs()
    issues = aum_threshold(*made)
    np.testing.assert_array_equal(issues.given_label, given)
    result = issues.evaluate(true)
    assert result["average_precision"] > 0.99
    assert result["recall"] > 0.9 and result["precision"] > 0.95
    assert issues.num_classes == 4
    np.testing.assert_array_equal(issues.predicted_label, true)
    flagged = issues.is_label_issue
    np.testing.assert_array_equal(
        issues.suggested_label[flagged],
        np.where(given == true, issues.suggested_label, true)[flagged],
    )


def test_the_threshold_is_a_percentile_of_each_run():
    made, _, _ = runs()
    issues = aum_threshold(*made, percentile=80)
    over = []
    for run in made:
        area = run.signal("margin").astype(float).mean(axis=0)
        fake = run.given_label == 4
        limit = np.percentile(area[fake], 80)
        over.append(np.where(fake, NAN, area - limit))
        # By a split, of one run alone.
        one = find_label_issues(
            run, "aum", split=ThresholdSamples(percentile=80)
        )
        np.testing.assert_array_equal(
            one.is_label_issue, ~fake & (area <= limit)
        )
    mean = np.nanmean(over, axis=0)
    np.testing.assert_allclose(issues.evidence, mean, rtol=1e-6)
    np.testing.assert_array_equal(issues.is_label_issue, mean <= 0)
    np.testing.assert_allclose(
        issues.label_quality, 1 / (1 + np.exp(-mean)), rtol=1e-6
    )


def test_the_second_run_may_have_another_order():
    made, _, _ = runs()
    issues = aum_threshold(*made)
    order = np.random.default_rng(0).permutation(len(made[0]))
    moved = aum_threshold(made[0], made[1].select(ids=order))
    np.testing.assert_array_equal(moved.is_label_issue, issues.is_label_issue)


def test_samples_that_were_not_seen():
    made, _, _ = runs()
    for run in made:
        run.signals["margin"][:, 7] = NAN
    once = int(np.flatnonzero(made[1].given_label != 4)[9])
    made[0].signals["margin"][:, once] = NAN
    with pytest.warns(UserWarning, match=r"^1 of 400 samples .* \"aum\""):
        issues = aum_threshold(*made)
    assert issues.label_quality[7] == 1 and not issues.is_label_issue[7]
    assert np.isnan(issues.evidence[7]) and np.isfinite(issues.evidence[once])
    made[0].signals["margin"][:] = np.inf
    assert np.isfinite(aum_threshold(*made).evidence).all()
    made[1].signals["margin"][:, made[1].given_label == 4] = NAN
    with pytest.raises(ValueError, match="A run has no threshold"):
        aum_threshold(*made)


def test_without_predictions_nothing_is_suggested():
    made, _, _ = runs()
    del made[1].signals["predicted"]
    assert (aum_threshold(*made).suggested_label == -1).all()


def test_runs_that_are_not_of_one_call():
    made, given, _ = runs()
    others, _, _ = runs(seed=1)
    for second, message in (
        (others[1], "the two labels of one call"),
        (made[0], "the two labels of one call"),
        (made[1].select(ids=np.arange(300)), "400 and 300 samples"),
        ("run", "`second` must be a Trajectories. Received: str"),
    ):
        with pytest.raises(ValueError, match=message):
            aum_threshold(made[0], second)
    plain = Trajectories([0, 1], [0], {"margin": [[1, 2]]}, [0, 1], 2)
    with pytest.raises(ValueError, match="at least 3 classes"):
        aum_threshold(plain, plain)
    with pytest.raises(ValueError, match="`percentile` must be a number in"):
        aum_threshold(*made, percentile=-1)


@pytest.mark.parametrize("bad", [[0], [[0]]])
def test_one_sample_is_too_few(bad):
    with pytest.raises(ValueError, match="two samples at least"):
        threshold_labels(bad, num_classes=2)
