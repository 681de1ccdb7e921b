import dataclasses

import numpy as np
import pytest

from tests.detect.issues.samples import build


def test_size_and_repr():
    issues = build()
    assert len(issues) == 4
    assert issues.num_issues == 2
    assert repr(issues) == (
        "LabelIssues(2 of 4 labels flagged, score='aum', split='gmm')"
    )


def test_lists_become_arrays():
    issues = build(
        ids=["a", "b", "c", "d"],
        label_quality=[1, 0, 0, 1],
        given_label=[0, 1, 2, 0],
        wrong_probability=[0.0, 0.9, 0.8, 0.1],
    )
    assert issues.ids.dtype.kind == "U"
    assert issues.label_quality.dtype == np.float64
    assert issues.given_label.dtype == np.int64
    assert issues.wrong_probability.dtype == np.float64
    strings = np.array(["a", "b", "c", "d"], object)
    assert build(ids=strings).ids.dtype.kind == "U"


def test_nothing_is_changed_or_copied():
    issues = build()
    again = dataclasses.replace(issues)
    for name in ("ids", "is_label_issue", "label_quality", "given_label"):
        assert getattr(again, name) is getattr(issues, name)


def test_every_array_has_one_entry_for_each_id():
    with pytest.raises(ValueError, match=r"`label_quality` .*shape=\(1,\)"):
        build(label_quality=np.array([0.5]))
    with pytest.raises(ValueError, match=r"`evidence` .*shape=\(\)"):
        build(evidence=None)
    with pytest.raises(ValueError, match=r"`is_label_issue` .*shape=\(4, 1\)"):
        build(is_label_issue=np.zeros((4, 1), bool))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ids", [0.5, 1.0, 2.0, 3.0], "integers or strings.*float64"),
        ("is_label_issue", [0, 1, 1, 0], "boolean mask. Received: dtype=int"),
        (
            "label_quality",
            [0.5, 1.5, np.nan, 0.0],
            r"in \[0, 1\]; 2 of 4 are not. Received: label_quality\[1\]=1.5",
        ),
        ("label_quality", ["a", "b", "c", "d"], "must be numbers"),
        ("given_label", [0.0, 1.0, 2.0, 0.0], "integer class numbers"),
        (
            "given_label",
            [0, 1, -1, 0],
            r"at least 0; 1 of 4 are not. Received: given_label\[2\]=-1",
        ),
        ("suggested_label", [0, -2, 0, 0], r"at least -1.*\[1\]=-2"),
        ("wrong_probability", [0.1, 0.2, 0.3, 2.0], r"or NaN.*\[3\]=2.0"),
        ("suggestion_confidence", [[1], [1, 2], 3, 4], "NumPy makes none"),
        ("max_probability", [0.1, 1.1, 0.3, 0.4], r"\[0, 1\]"),
        (
            "given_label",
            np.ma.masked_equal([0, 1, 2, 0], 2),
            "without masked entries: .*1 of 4 masked, the first in row 2",
        ),
        ("num_classes", 2, r"`given_label` must be below num_classes=2.*\[2\]"),
        ("num_classes", "3", "`num_classes` must be an integer"),
    ],
)
def test_what_may_stand_in_a_column(name, value, said):
    with pytest.raises(ValueError, match=f"{name}.*{said}|{said}"):
        build(**{name: value})
