import dataclasses
import pathlib
import sys

import numpy as np
import pytest

from keras_robust.detect import LabelIssues
from tests.detect.issues.samples import build

NAN = np.nan


def equal(one, other):
    for field in dataclasses.fields(LabelIssues):
        np.testing.assert_array_equal(
            getattr(one, field.name), getattr(other, field.name), field.name
        )


def full(**changes):
    """Numbers that only the whole of their digits tells apart."""
    return build(
        label_quality=[0.9, 0.1 + 0.2, 1e-300, 1.0],
        evidence=[1 / 3, -1e300, -2.5, NAN],
        wrong_probability=[0.1, 0.7, 2 / 3, NAN],
        suggestion_confidence=[NAN, 0.5, 1 / 3, 0.0],
        max_probability=[NAN, 0.5, 1 / 3, 1.0],
        num_classes=5,
        **changes,
    )


def test_to_frame():
    frame = build().to_frame()
    assert list(frame.columns) == [
        "id",
        "is_label_issue",
        "label_quality",
        "given_label",
        "predicted_label",
        "suggested_label",
        "evidence",
    ]
    assert frame["id"].tolist() == ["a", "b", "c", "d"]
    assert frame["is_label_issue"].dtype == bool
    assert frame["suggested_label"].tolist() == [0, 2, 0, 0]
    known = full().to_frame().columns
    assert {
        "wrong_probability",
        "suggestion_confidence",
        "max_probability",
    } <= {*known}


@pytest.mark.parametrize("ids", ["abcd", ["007", "NA", 'a,"b', "c\nd"]])
def test_everything_comes_back(tmp_path, ids):
    pandas = pytest.importorskip("pandas")
    issues = full(ids=np.array(list(ids)))
    equal(LabelIssues.from_frame(issues.to_frame()), issues)
    issues.to_csv(tmp_path / "x.csv")
    equal(
        LabelIssues.from_csv(tmp_path / "x.csv", "aum", "gmm", num_classes=5),
        issues,
    )
    pytest.importorskip("pyarrow")
    issues.to_parquet(tmp_path / "x.parquet")
    found = pandas.read_parquet(tmp_path / "x.parquet")
    equal(LabelIssues.from_frame(found), issues)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["x.csv", "x.parquet"]


def test_integer_ids_and_nothing_at_all_come_back(tmp_path):
    issues = build(ids=[-3, 0, 12, 7])
    issues.to_csv(tmp_path / "x.csv")
    equal(LabelIssues.from_csv(tmp_path / "x.csv", "aum", "gmm"), issues)
    none = issues.filter([])
    none.to_csv(tmp_path / "x.csv")
    assert len(LabelIssues.from_csv(tmp_path / "x.csv")) == 0


def test_a_csv_needs_no_pandas(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    build().to_csv(tmp_path / "x.csv")
    lines = (tmp_path / "x.csv").read_text().splitlines()
    assert lines[4] == "d,False,1.0,0,1,0,"
    for table in (
        lambda: build().to_frame(),
        lambda: LabelIssues.from_csv(tmp_path / "x.csv"),
    ):
        with pytest.raises(ImportError) as error:
            table()
        assert "`pip install 'keras-robust[report]'`" in str(error.value)


def test_parquet_without_pyarrow_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match="pip install 'keras-robust.store"):
        build().to_parquet(tmp_path / "x.parquet")


@pytest.mark.parametrize("method", ["to_csv", "to_parquet"])
def test_a_failure_leaves_what_was_there(tmp_path, monkeypatch, method):
    path = tmp_path / "x"
    path.write_text("before")

    def broken(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("keras_robust.detect.issues.tables._cells", broken)
    monkeypatch.setattr("pandas.DataFrame.to_parquet", broken)
    with pytest.raises(OSError, match="Cannot write the table.*No space"):
        getattr(build(), method)(path)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_table_of_ones_own_needs_three_columns():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "is_label_issue": [False, True],
            "label_quality": [0.9, 0.1],
            "given_label": [0, 1],
        }
    )
    issues = LabelIssues.from_frame(frame, split="mine", num_classes=3)
    assert issues.ids.tolist() == [0, 1]
    assert issues.predicted_label.tolist() == [-1, -1]
    assert issues.evidence.tolist() == [0.9, 0.1]
    assert (issues.score, issues.split) == ("unknown", "mine")
    assert issues.num_classes == 3
    with pytest.raises(ValueError, match="lacks the columns given_label"):
        LabelIssues.from_frame(frame.drop(columns="given_label"))
    with pytest.raises(ValueError, match="must be a pandas.DataFrame"):
        LabelIssues.from_frame({"is_label_issue": [True]})
    frame["label_quality"] = ["high", "low"]
    with pytest.raises(ValueError, match="`label_quality` must be numbers"):
        LabelIssues.from_frame(frame)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "a,b\n1,2\n",
        "is_label_issue,label_quality,given_label\nTrue,,0\n",
        "is_label_issue,label_quality,given_label\nTrue,x,0\n",
        "is_label_issue,label_quality,given_label\nyes,0.5,0\n",
        "is_label_issue,label_quality,given_label\nTrue,0.5,cat\n",
        "is_label_issue,label_quality,given_label\nTrue,0.5,0\n1,2,3,4,5\n",
        "is_label_issue,label_quality,given_label\n0,True,0.5,0\n",
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_such_file(tmp_path, content):
    pytest.importorskip("pandas")
    path = pathlib.Path(tmp_path, "x.csv")
    path.write_bytes(
        content if isinstance(content, bytes) else content.encode()
    )
    with pytest.raises(ValueError, match="Received: "):
        LabelIssues.from_csv(path)
    with pytest.raises(FileNotFoundError):
        LabelIssues.from_csv(tmp_path / "y.csv")


def test_cleanlab_and_back():
    pytest.importorskip("pandas")
    issues = build()
    table = issues.to_cleanlab()
    assert list(table.columns) == [
        "is_label_issue",
        "label_quality",
        "given_label",
        "predicted_label",
    ]
    again = LabelIssues.from_cleanlab(table, ids=issues.ids)
    for name in ("ids", *table.columns):
        np.testing.assert_array_equal(
            getattr(again, name), getattr(issues, name)
        )
    assert LabelIssues.from_cleanlab(table).ids.tolist() == [0, 1, 2, 3]
