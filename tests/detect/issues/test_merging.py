import dataclasses

import numpy as np
import pytest

from keras_robust.detect import LabelIssues
from keras_robust.detect import find_label_issues
from tests.detect.issues.samples import build
from tests.detect.samples import noisy

NAN = np.nan


def run(quality, flagged=None, suggested=None, **changes):
    quality = np.array(quality, float)
    flags = quality < 0.5 if flagged is None else np.array(flagged, bool)
    given = np.array([0, 1, 2, 0])
    if suggested is None:
        suggested = np.where(flags, (given + 1) % 3, given)
    fields = {
        "is_label_issue": flags,
        "label_quality": quality,
        "suggested_label": suggested,
        "evidence": quality,
    }
    return build(**{**fields, **changes})


def test_ranks_are_averaged():
    merged = LabelIssues.merge(
        [run([0.1, 0.2, 0.3, 0.9]), run([0.4, 0.2, 0.8, 0.6])]
    )
    # Ranks 1, 2, 3, 4 and 2, 1, 4, 3; equal mean ranks share a quality.
    np.testing.assert_allclose(
        merged.evidence, np.array([1.5, 1.5, 3.5, 3.5]) / 4
    )
    ordered = (np.array([0.1, 0.2, 0.3, 0.9]) + [0.2, 0.4, 0.6, 0.8]) / 2
    low, high = ordered[:2].mean(), ordered[2:].mean()
    np.testing.assert_allclose(merged.label_quality, [low, low, high, high])


def test_equal_labels_of_a_run_share_their_rank():
    tied = run([0.5, 0.5, 0.5, 0.9])
    merged = LabelIssues.merge([tied, tied])
    np.testing.assert_allclose(merged.evidence, [0.5, 0.5, 0.5, 1.0])
    np.testing.assert_allclose(merged.label_quality, [0.5, 0.5, 0.5, 0.9])


def test_more_than_half_must_flag():
    a = run([0.9] * 4, [True, True, False, False])
    b = run([0.9] * 4, [True, False, True, False])
    assert LabelIssues.merge([a, b]).is_label_issue.tolist() == [1, 0, 0, 0]
    merged = LabelIssues.merge([a, b, b])
    assert merged.is_label_issue.tolist() == [1, 0, 1, 0]
    assert merged.split == "majority"
    assert merged.score == "merge(aum)"


def test_a_run_without_a_record_has_no_say():
    a = run([0.1, 0.9, 1.0, 1.0], evidence=[0.1, 0.9, NAN, NAN])
    b = run([0.2, 0.9, 0.1, 1.0], evidence=[0.2, 0.9, 0.1, NAN])
    merged = LabelIssues.merge([a, b])
    # a ranks two samples and b three.
    expected = [(1 / 2 + 2 / 3) / 2, 1.0, 1 / 3, NAN]
    np.testing.assert_allclose(merged.evidence, expected)
    assert merged.is_label_issue.tolist() == [True, False, True, False]
    assert merged.label_quality[3] == 1.0


def test_suggestions_are_those_of_most_runs_that_flag():
    flags = [False, True, True, True]
    parts = [
        run([0.5] * 4, flags, [0, 2, 0, -1], suggestion_confidence=[0.8] * 4),
        run([0.5] * 4, flags, [0, 0, 1, -1], suggestion_confidence=[0.6] * 4),
        run(
            [0.5] * 4,
            [False, True, False, True],
            [0, 2, 2, -1],
            suggestion_confidence=[0.4] * 4,
        ),
    ]
    merged = LabelIssues.merge(parts)
    # Of c one suggests 0, one 1: the later one; the third does not flag it.
    assert merged.suggested_label.tolist() == [0, 2, 1, -1]
    np.testing.assert_allclose(
        merged.suggestion_confidence, [0.6, 1.2 / 3, 0.2, 0.6]
    )


def test_probabilities_are_averaged_where_all_runs_have_them():
    a = run([0.5] * 4, wrong_probability=[0.2, 0.4, NAN, NAN])
    b = run([0.5] * 4, wrong_probability=[0.4, 0.8, 0.5, NAN])
    merged = LabelIssues.merge([a, b])
    np.testing.assert_allclose(merged.wrong_probability, [0.3, 0.6, 0.5, NAN])
    assert LabelIssues.merge([a, run([0.5] * 4)]).wrong_probability is None


def test_ids_may_come_in_any_order():
    rng = np.random.default_rng(0)
    trajectories, true = noisy(num_samples=200, rate=0.3)
    first = find_label_issues(trajectories, "aum")
    second = find_label_issues(trajectories, "mean_cross_entropy")
    expected = LabelIssues.merge([first, second])
    moved = second.filter(rng.permutation(200))
    merged = LabelIssues.merge([first, moved])
    for field in dataclasses.fields(LabelIssues):
        np.testing.assert_array_equal(
            getattr(merged, field.name), getattr(expected, field.name)
        )
    assert merged.score == "merge(aum, mean_cross_entropy)"
    assert merged.num_classes == 4
    assert merged.evaluate(true)["f1"] > 0.93


def test_what_one_run_distrusts_the_merged_one_does():
    a, b = run([0.5] * 4), run([0.5] * 4)
    doubted = dataclasses.replace(a, distrust=["short", "small"])
    again = dataclasses.replace(b, distrust=["small"])
    merged = LabelIssues.merge([doubted, b, again])
    assert merged.distrust == ("short", "small")


def test_one_run_keeps_flags_and_order():
    issues = find_label_issues(noisy(num_samples=100)[0], "aum")
    merged = LabelIssues.merge([issues])
    assert merged.top(100).tolist() == issues.top(100).tolist()
    np.testing.assert_allclose(merged.label_quality, issues.label_quality)
    np.testing.assert_array_equal(merged.is_label_issue, issues.is_label_issue)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([], "a list of at least one"),
        (build(), "Received: LabelIssues"),
        ([build(), "issues"], r"parts\[1\] is of type str"),
        ([build(), build().filter([0])], r"4 ids in parts\[0\], 1 in parts"),
        (
            [build(), build(ids=np.array(list("abcx")))],
            r"In parts\[1\]: 1 of 4 ids.*'d'",
        ),
        ([build(), build(ids=[1, 2, 3, 4])], r"In parts\[1\]: The recorded"),
        ([build(ids=[1, 1, 2, 3])], "unique"),
        (
            [build(), build(given_label=[0, 1, 1, 0])],
            r"label of id 'c' is 2 in parts\[0\], 1 in parts\[1\]",
        ),
        ([build(num_classes=3), build(num_classes=4)], "Received: 3, 4"),
    ],
)
def test_what_does_not_fit_is_refused(parts, said):
    with pytest.raises(ValueError, match=said):
        LabelIssues.merge(parts)
