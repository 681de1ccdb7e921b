"""Decisions of a person become labels, weights and a mask, or an error."""

import dataclasses
import json

import numpy as np
import pytest

from keras_robust.detect import LabelIssues
from tests.detect.issues.samples import build

GIVEN = [0, 1, 2, 0]


@pytest.fixture
def issues():
    return build(num_classes=3)


@pytest.fixture
def write(tmp_path, issues):
    """Writes rows of id, decision and label, and returns the path."""

    def to(*rows, name="decisions.csv", run=None, head="id,decision,label,run"):
        run = f"{issues.fingerprint}/3" if run is None else run
        path = tmp_path / name
        lines = [head, *(f"{row},{run}" for row in rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return to


def test_decisions_become_labels_weights_and_a_mask(issues, write):
    path = write("b,accept,2", "c,exclude,", "a,keep,0", "d,relabel,1")
    reviewed = issues.apply(str(path), y=GIVEN)
    assert reviewed.labels.tolist() == [0, 2, 2, 1]
    assert reviewed.weights.tolist() == [1, 1, 0, 1]
    assert reviewed.keep.tolist() == [True, True, False, True]
    assert reviewed.changed.tolist() == [False, True, False, True]
    assert reviewed.decided.all()
    assert reviewed.answers == {"a": False, "b": True, "c": True, "d": True}
    assert repr(reviewed) == (
        "ReviewedLabels(4 of 4 labels decided: 2 changed, 1 left out)"
    )


def test_undecided_flags_are_kept_or_left_out(issues, write):
    path = write("b,keep,", "c,,", "a,,")
    assert issues.apply(path).keep.all()
    reviewed = issues.apply(path, undecided="exclude")
    assert reviewed.keep.tolist() == [True, True, False, True]
    assert reviewed.decided.tolist() == [False, True, False, False]
    assert reviewed.answers == {"b": False}
    with pytest.raises(ValueError, match="keep, exclude. Rec.*undecided='x'"):
        issues.apply(path, undecided="x")


@pytest.mark.parametrize(
    "y",
    [
        np.array(GIVEN, "uint8"),
        np.array(GIVEN, "float32")[:, None],
        np.eye(3, dtype="float32")[GIVEN],
        np.eye(3, dtype=bool)[GIVEN],
        0.9 * np.eye(3)[GIVEN] + 0.03,
        np.asfortranarray(np.eye(3)[GIVEN]),
    ],
)
def test_labels_keep_their_form_and_y_stays(issues, write, y):
    before = y.copy()
    labels = issues.apply(write("b,relabel,0"), y).labels
    assert labels.dtype == y.dtype and labels.shape == y.shape
    np.testing.assert_array_equal(y, before)
    np.testing.assert_array_equal(labels[[0, 2, 3]], y[[0, 2, 3]])
    new = labels[1] if labels.ndim == 2 and labels.shape[1] > 1 else None
    assert new is None or new.tolist() == [1, 0, 0]
    assert new is not None or labels.reshape(-1)[1] == 0


@pytest.mark.parametrize(
    "y, message",
    [
        ([0, 1, 2], r"shape \(4,\) or \(4, 1\).*shape=\(3,\)"),
        (["a", "b", "c", "d"], "dtype=<U1"),
        ([0, 2, 2, 0], r"1 of 4 differ. Received: y\[1\] of class 2, not 1"),
        (np.eye(4)[GIVEN], r"each of the 3 classes. Received: shape=\(4, 4\)"),
        (3, r"Received: shape=\(\)"),
    ],
)
def test_other_labels_are_refused(issues, write, y, message):
    with pytest.raises(ValueError, match=message):
        issues.apply(write("b,keep,"), y)


def test_labels_too_small_for_the_class_are_refused(write):
    issues = build(num_classes=300)
    path = write("b,relabel,256", run=f"{issues.fingerprint}/300")
    with pytest.raises(ValueError, match="hold the class 256.*dtype=uint8"):
        issues.apply(path, np.array(GIVEN, "uint8"))
    unknown = dataclasses.replace(issues, num_classes=None)
    with pytest.raises(ValueError, match="class 256.*no column"):
        unknown.apply(path, np.eye(3)[GIVEN])


@pytest.mark.parametrize(
    "rows, message",
    [
        (["z,keep,"], "Row 2 of decisions.csv is about .*4 there.*id='z'"),
        (["b,keep,", "b,keep,"], "Row 3 .*same sample as Row 2.*id='b'"),
        (["b,maybe,"], "accept, keep, relabel, exclude, or .*='maybe'"),
        (["b,relabel,3"], r"in \[0, 2\]. Received: label=3"),
        (["b,relabel,-1"], "class number. Received: .*label='-1'"),
        (["b,accept,"], "class number. Received: .*'accept', label=''"),
        (["b,accept,dog"], "class number. Received: .*label='dog'"),
        (["b,accept,1.0"], "class number. Received: .*label='1.0'"),
        (["b,relabel,²"], "class number. Received: .*label='²'"),
        (["b,keep,2"], "given label 1 and .* 2 is a contradiction"),
        (["b,exclude,2"], "no label. Received: .*label='2'"),
        (["b,keep"], "Row 2 .* has 3 fields, the first line names 4"),
        (["b,keep,,,"], "Row 2 .* has 6 fields"),
    ],
)
def test_rows_edited_wrongly_are_named(issues, write, rows, message):
    with pytest.raises(ValueError, match=message):
        issues.apply(write(*rows))


@pytest.mark.parametrize("decisions", [{"b": "wrong"}, None, 3])
def test_what_is_no_path_is_refused(issues, decisions):
    name = type(decisions).__name__
    with pytest.raises(ValueError, match=f"path of a .csv.*of type {name}"):
        issues.apply(decisions)


def test_what_a_spreadsheet_makes_of_it_is_read(issues, tmp_path):
    path = tmp_path / "d.CSV"
    rows = ["Label;ID;note;Run;Decision", ";;;;"]
    rows += [f'2;b;"two\r\nlines";{issues.fingerprint}/3; Accept ']
    path.write_bytes(("\ufeff" + "\r\n".join(rows)).encode())
    assert issues.apply(path).labels.tolist() == [0, 2, 2, 0]


def test_json_is_read_like_csv(issues, tmp_path):
    path = tmp_path / "d.json"
    told = {
        "run": f"{issues.fingerprint}/3",
        "decisions": [
            {"id": "b", "decision": "relabel", "label": 0},
            {"id": "c", "decision": "exclude", "label": None},
        ],
    }
    path.write_text(json.dumps(told))
    reviewed = issues.apply(path)
    assert reviewed.labels.tolist() == [0, 0, 2, 0]
    assert reviewed.weights.tolist() == [1, 1, 0, 1]


@pytest.mark.parametrize(
    "text, message",
    [
        ("[]", 'must hold "run" and the list "decisions"'),
        ("{", "Cannot read the decisions as JSON"),
        ("[" * 100_000, "Cannot read the decisions as JSON"),
        ('{"run": "x", "decisions": [3]}', "Decision 1 .* an object"),
        ('{"run": "x", "decisions": [{"id": 1}]}', "lack decision, label"),
        (
            '{"run": "x", "decisions": [{"id": 1.5, "decision": "", "label": '
            "null}]}",
            "`id` must be a text or an integer. Received: id=1.5",
        ),
    ],
)
def test_broken_json_is_refused(issues, tmp_path, text, message):
    path = tmp_path / "d.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        issues.apply(path)


def test_broken_files_are_refused(issues, write, tmp_path):
    with pytest.raises(FileNotFoundError):
        issues.apply(tmp_path / "none.csv")
    for no_path in ({"b": "wrong"}, None, b"d.csv"):
        with pytest.raises(ValueError, match="must be the path of.*of type"):
            issues.apply(no_path)
    with pytest.raises(ValueError, match="lack label, run.*id, decision"):
        issues.apply(write(head="id,decision"))
    with pytest.raises(ValueError, match="have id twice"):
        issues.apply(write(head="id,id,decision,label,run"))
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    with pytest.raises(ValueError, match="lack id, decision, label, run"):
        issues.apply(empty)
    binary = tmp_path / "image.csv"
    binary.write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(ValueError, match="as a CSV file in UTF-8.*image.csv"):
        issues.apply(binary)


def test_a_file_of_another_run_is_refused(issues, write):
    path = write("b,keep,")
    for changed in (
        build(num_classes=3, ids=np.array(["a", "b", "c", "e"])),
        build(num_classes=3, given_label=np.array([0, 1, 2, 1])),
        issues.filter(flagged=True),
    ):
        with pytest.raises(ValueError, match="Row 2 .* of another run: other"):
            changed.apply(path)
    with pytest.raises(ValueError, match="3 classes, these issues are of 4"):
        build(num_classes=4).apply(path)
    with pytest.raises(ValueError, match="does not say which run.*run=''"):
        issues.apply(write("b,keep,", run=""))
    with pytest.raises(ValueError, match="does not say which run.*run='abc'"):
        issues.apply(write("b,keep,", run="abc"))


def test_order_and_detector_do_not_matter(issues, write):
    other = issues.sort()
    assert other.fingerprint == issues.fingerprint
    reviewed = other.apply(write("b,accept,2"))
    assert reviewed.labels[other.ids == "b"] == 2
    numbers = dataclasses.replace(issues, ids=np.arange(4))
    texts = dataclasses.replace(issues, ids=np.arange(4).astype(str))
    assert numbers.fingerprint == texts.fingerprint != issues.fingerprint


def test_issues_read_from_their_table_take_the_decisions(issues, tmp_path):
    pytest.importorskip("pandas")
    numbered = dataclasses.replace(issues, ids=np.array([7, 8, 9, 10]))
    numbered.to_csv(tmp_path / "issues.csv")
    again = LabelIssues.from_csv(tmp_path / "issues.csv")
    path = tmp_path / "d.csv"
    run = f"{numbered.fingerprint}/3"
    path.write_text(f"id,decision,label,run\n8,relabel,0,{run}\n")
    assert again.num_classes is None
    assert again.apply(path).labels.tolist() == [0, 0, 2, 0]


def test_ids_and_labels_cannot_be_mistaken_for_others():
    first = build(ids=np.array(["a", "b=1", "c", "d"]))
    second = build(ids=np.array(["a", "b", "c", "d"]))
    assert first.fingerprint != second.fingerprint
    strange = build(ids=np.array(["a", "\ud800", "ä", "🙂"]))
    assert len(strange.fingerprint) == 16


def test_precision_reads_the_file(issues, write):
    path = write("b,accept,2", "c,keep,")
    assert issues.precision(path).precision == 0.5
    assert issues.precision(str(path)).answered == 2
