"""Rows of tables reach the page with what is usual in their classes."""

import pathlib

import numpy as np
import pytest

from tests.report.review import read
from tests.report.review import suspects
from tests.report.review.written import new_folder
from tests.report.review.written import written

pytest.importorskip("jinja2")


def test_rows_beside_the_medians_of_their_classes(tmp_path):
    pandas = pytest.importorskip("pandas")
    issues = suspects.build(
        4,
        2,
        2,
        given_label=np.array([0, 1, 0, 0]),
        suggested_label=[1, 0, 0, 0],
    )
    frame = pandas.DataFrame(
        {"length": [1.5, np.nan, 2.0, 4.0], "note": ["<b>", None, "x", "y"]}
    )
    told = written(tmp_path, frame, "tabular", issues)
    assert told["columns"] == ["length", "note"]
    assert told["samples"] == [["1.5", "<b>"], ["", ""]]
    assert told["usual"] == {"0": ["3", ""]}
    array = np.arange(8).reshape(4, 2)
    told = written(
        new_folder(tmp_path), array, "tabular", feature_names=["a", "b"]
    )
    assert told["columns"] == ["a", "b"] and told["samples"][1] == ["2", "3"]
    dicts = [{"a": 1}, {"a": 2}, {"a": 3}, {"a": 4}]
    assert written(new_folder(tmp_path), dicts, "tabular")["columns"] == ["a"]
    frame = pandas.DataFrame(array, columns=["a", "a"])
    told = written(new_folder(tmp_path), frame, "tabular")
    assert told["columns"] == ["a", "a"] and told["samples"][1] == ["2", "3"]
    wide = np.zeros((4, 150))
    path = issues.to_html(tmp_path / "wide.html", wide, "tabular")
    assert len(read.payload(path)["columns"]) == 100
    assert (
        "Only the first 100 of 150 columns are shown"
        in pathlib.Path(path).read_text()
    )


def test_columns_are_known_where_no_suspect_has_a_sample(tmp_path):
    rows = [None, None, [1, 2], [3, 4]]
    told = written(new_folder(tmp_path), rows, "tabular")
    assert told["samples"] == [None, None] and len(told["columns"]) == 2
    nobody = suspects.build(size=4, flagged=0)
    told = written(new_folder(tmp_path), np.ones((4, 3)), "tabular", nobody)
    assert told["samples"] == [] and len(told["columns"]) == 3


def test_large_numbers_keep_their_digits(tmp_path):
    pandas = pytest.importorskip("pandas")
    row = [1_699_999_999.0, 123456.78, 1e-9, 10**400, pandas.NaT, pandas.NA]
    told = written(tmp_path, [row] * 4, "tabular")
    first = ["1699999999", "123457", "1e-09", str(10**400)[:200], "", ""]
    assert told["samples"][0] == first
    usual = next(iter(told["usual"].values()))
    assert usual == [*first[:3], "", "", ""]
