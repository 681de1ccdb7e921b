import numpy as np
import pytest

from tests.detect.issues.samples import build


def test_top_breaks_ties_by_the_evidence_and_puts_the_unseen_last():
    issues = build()
    assert issues.top(4).tolist() == [2, 1, 0, 3]
    assert issues.top(2).tolist() == [2, 1]
    assert issues.top(0).tolist() == []
    assert issues.top(99).tolist() == [2, 1, 0, 3]


@pytest.mark.parametrize("k", [-1, 1.0, "2", True, None])
def test_top_takes_a_count(k):
    with pytest.raises(ValueError, match="`k` must be an integer of at leas"):
        build().top(k)


def test_top_of_every_class_equals_a_loop():
    rng = np.random.default_rng(0)
    quality, given = rng.random(60).round(1), rng.integers(4, size=60)
    label = np.zeros(60, int)
    issues = build(
        ids=np.arange(60),
        is_label_issue=quality < 0.5,
        label_quality=quality,
        given_label=given,
        predicted_label=label,
        suggested_label=label,
        evidence=rng.random(60),
    )
    order = issues.top(60).tolist()
    for k in (0, 1, 5, 100):
        expected, taken = [], [0] * 4
        for position in order:
            if taken[given[position]] < k:
                taken[given[position]] += 1
                expected.append(position)
        assert issues.top(k, per_class=True).tolist() == expected


def test_sort_puts_the_worst_first():
    issues = build().sort()
    assert issues.ids.tolist() == ["c", "b", "a", "d"]
    assert issues.given_label.tolist() == [2, 1, 0, 0]
    assert issues.top(4).tolist() == [0, 1, 2, 3]
    assert (issues.score, issues.split) == ("aum", "gmm")


@pytest.mark.parametrize(
    ("conditions", "ids"),
    [
        ({}, "abcd"),
        ({"flagged": True}, "bc"),
        ({"flagged": False}, "ad"),
        ({"given_label": 0}, "ad"),
        ({"given_label": [1, 2]}, "bc"),
        ({"suggested_label": np.int64(2)}, "b"),
        ({"min_quality": 0.9}, "ad"),
        ({"max_quality": 0.9}, "abc"),
        ({"min_wrong_probability": 0.5}, "bc"),
        ({"flagged": True, "given_label": 0}, ""),
        ({"mask": np.array([True, True, False, False])}, "ab"),
        ({"mask": [3, 0, 1], "given_label": 0}, "da"),
        ({"mask": 2}, "c"),
        ({"mask": []}, ""),
    ],
)
def test_filter(conditions, ids):
    issues = build(wrong_probability=[0.1, 0.5, 0.9, np.nan])
    found = issues.filter(**conditions)
    assert "".join(found.ids) == ids
    assert found.wrong_probability.size == len(found)


def test_what_is_left_of_nothing_still_works():
    none = build().filter(flagged=True, given_label=0)
    assert len(none) == none.num_issues == 0
    assert none.top(3).tolist() == none.keep().tolist() == []
    assert none.weights(normalize=True).tolist() == []
    assert none.sort().noise_table()[0]["count"] == 0
    assert none.confusion().tolist() == [[0]]
    assert np.isnan(none.evaluate(np.zeros(0, int))["f1"])


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ({"flagged": "yes"}, "`flagged` must be True, False or None"),
        ({"given_label": 1.5}, "`given_label` must be a class number"),
        ({"given_label": "cat"}, "`given_label` must be a class number"),
        ({"suggested_label": [[1], [1, 2]]}, "NumPy makes none"),
        ({"min_quality": 2}, r"`min_quality` must be a number in \[0, 1\]"),
        ({"max_quality": "a"}, "`max_quality` must be a number"),
        ({"min_wrong_probability": 0.5}, '"aum" gives no `wrong_probabilit'),
        ({"mask": [True, False]}, r"mask of shape \(4,\), or positions"),
        ({"mask": [0, 4]}, r"positions in \[0, 3\]. Received: 4"),
        ({"mask": [-1]}, r"positions in \[0, 3\]. Received: -1"),
        ({"mask": [0.5]}, "dtype=float64"),
    ],
)
def test_filter_takes_conditions(conditions, said):
    with pytest.raises(ValueError, match=said):
        build().filter(**conditions)


def test_keep():
    assert build().keep().tolist() == [True, False, False, True]
    assert build().keep(positions=True).tolist() == [0, 3]
