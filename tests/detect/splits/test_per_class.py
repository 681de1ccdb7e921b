"""Splitting class by class, and all classes together."""

import numpy as np
import pytest

from keras_robust.detect import Score
from keras_robust.detect import find_label_issues
from keras_robust.detect.splits import Flagged
from keras_robust.detect.splits import Fraction
from keras_robust.detect.splits import ThresholdSamples
from keras_robust.detect.splits.deciding import decision
from keras_robust.detect.statistics.class_sizes import differ_tenfold
from keras_robust.trajectories import Trajectories

NAN = np.nan


def score(evidence):
    evidence = np.asarray(evidence, float)
    return Score(1 / (1 + np.exp(-evidence)), evidence)


def two_classes():
    """A class whose right labels look like the wrong ones of the other."""
    rng = np.random.default_rng(0)
    labels = rng.permutation(np.repeat([0, 1], [1500, 100]))
    wrong = rng.random(1600) < 0.2
    right = np.where(labels == 0, 8.0, -1.0)
    evidence = rng.normal(np.where(wrong, right - 7.0, right), 0.5)
    return score(evidence), labels, wrong


def test_each_class_has_a_threshold_of_its_own():
    scores, labels, wrong = two_classes()
    alone = decision(scores, "s", "gmm", labels, per_class=True)
    together = decision(scores, "s", "gmm", labels, per_class=False)
    # Those of the first class are above one half.
    small = labels == 1
    assert (alone.flagged[small] == wrong[small]).all()
    assert together.flagged[small].mean() > 0.9
    for part in (small, ~small):
        found = decision(
            Score(scores.quality[part], scores.evidence[part]), "s", "gmm"
        )
        np.testing.assert_array_equal(alone.flagged[part], found.flagged)
        np.testing.assert_array_equal(
            alone.wrong_probability[part], found.wrong_probability
        )


def test_it_is_the_default_where_counts_differ_tenfold():
    scores, labels, _ = two_classes()
    by_itself = decision(scores, "s", "gmm", labels, per_class=None)
    alone = decision(scores, "s", "gmm", labels, per_class=True)
    np.testing.assert_array_equal(by_itself.flagged, alone.flagged)
    near = labels.copy()
    near[:400] = 1
    by_itself = decision(scores, "s", "gmm", near, per_class=None)
    together = decision(scores, "s", "gmm", near, per_class=False)
    np.testing.assert_array_equal(by_itself.flagged, together.flagged)


@pytest.mark.parametrize(
    ("counts", "wanted"),
    [([10, 100], False), ([10, 101], True), ([0, 1, 10], False), ([7], False)],
)
def test_tenfold(counts, wanted):
    labels = np.repeat(np.arange(len(counts)), counts)
    assert differ_tenfold(labels) is wanted
    # Also where the numbers are too large to be counted in a table.
    assert differ_tenfold(labels + 10**12) is wanted


def test_small_classes_are_decided_with_all():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], [500, 49, 50])
    scores = score(rng.normal(size=599) * 4)
    flagged = decision(scores, "s", Fraction(0.1), labels, True).flagged
    for label, count in ((0, 50), (2, 5)):
        assert flagged[labels == label].sum() == count
    together = decision(scores, "s", Fraction(0.1)).flagged
    small = labels == 1
    np.testing.assert_array_equal(flagged[small], together[small])


def test_the_order_of_the_samples_does_not_matter():
    scores, labels, _ = two_classes()
    order = np.random.default_rng(1).permutation(labels.size)
    alone = decision(scores, "s", "gmm", labels, True)
    moved = decision(
        Score(scores.quality[order], scores.evidence[order]),
        "s",
        "gmm",
        labels[order],
        True,
    )
    np.testing.assert_array_equal(moved.flagged, alone.flagged[order])


def test_samples_without_a_record_are_in_no_class():
    scores, labels, _ = two_classes()
    quality, evidence = scores.quality.copy(), scores.evidence.copy()
    evidence[::3], quality[::3] = NAN, 1.0
    with pytest.warns(UserWarning, match="have no record"):
        found = decision(Score(quality, evidence), "s", "gmm", labels, True)
    assert not found.flagged[::3].any()
    assert not found.wrong_probability[::3].any()
    seen = np.ones(labels.size, bool)
    seen[::3] = False
    rest = decision(
        Score(scores.quality[seen], scores.evidence[seen]),
        "s",
        "gmm",
        labels[seen],
        True,
    )
    np.testing.assert_array_equal(found.flagged[seen], rest.flagged)


def test_probabilities_of_some_classes_are_none():
    scores, labels, _ = two_classes()

    def split(part):
        mask = part.quality < 0.5
        return Flagged(mask, part.quality) if mask.size > 1000 else mask

    assert decision(scores, "s", split, labels, True).wrong_probability is None
    assert (
        decision(scores, "s", split, labels, False).wrong_probability
        is not None
    )


def test_a_split_that_reads_labels_sees_them_all():
    scores, labels, _ = two_classes()
    found = decision(scores, "s", ThresholdSamples(), labels, None)
    limit = np.percentile(scores.evidence[labels == 1], 99)
    np.testing.assert_array_equal(
        found.flagged, (scores.evidence <= limit) & (labels == 0)
    )
    with pytest.raises(ValueError, match="reads the given labels"):
        decision(scores, "s", ThresholdSamples())
    with pytest.raises(ValueError, match="some samples of the fake class"):
        decision(scores, "s", ThresholdSamples(fake_class=7), labels)


@pytest.mark.parametrize("bad", [1, 0, "yes", 0.5, [True]])
def test_per_class_is_yes_no_or_none(bad):
    margin = np.random.default_rng(0).normal(size=(2, 30))
    trajectories = Trajectories(
        np.arange(30), [0, 1], {"margin": margin}, np.arange(30) % 3, 3
    )
    with pytest.raises(ValueError, match="`per_class` must be True, False, or"):
        find_label_issues(trajectories, "aum", per_class=bad)
    for good in (True, False, None, np.True_):
        find_label_issues(trajectories, "aum", per_class=good)
