"""The page as a file: what is in it, what is not, and where it is written."""

import dataclasses
import os
import pathlib
import sys
import time

import numpy as np
import pytest

from keras_robust.report import is_review
from keras_robust.report import write_review
from keras_robust.report.review import page
from keras_robust.report.review.lines import LETTERS
from keras_robust.trajectories import Trajectories
from tests.report.review import read
from tests.report.review import suspects

pytest.importorskip("jinja2")


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "review.html")


def test_cards_are_the_flagged_labels_the_worst_first(issues, path):
    backwards = issues.filter(np.arange(40)[::-1])
    assert backwards.to_html(path) == path
    told = read.payload(path)
    assert told["ids"] == [str(i) for i in range(100, 120)]
    assert told["given"] == issues.given_label[:20].tolist()
    assert told["suggested"] == issues.suggested_label[:20].tolist()
    assert told["wrong"][0] == 0.95 and told["confidence"][0] == 0.9
    assert told["run"] == f"{issues.fingerprint}/3"
    assert told["samples"] is told["near"] is told["lines"] is None
    order = issues.precision({}).next
    assert told["fair"] == order.tolist()
    assert told["strata"] == [0, 4, 8, 12, 16, 20]


def test_top_makes_cards_of_the_most_suspicious(issues, path):
    write_review(issues, path, top=30)
    told = read.payload(path)
    assert len(told["suggested"]) == 30
    assert told["fair"] == issues.precision({}, k=30).next.tolist()
    assert "The cards are the 30 most suspicious labels." in read.text(path)


def test_the_head_says_what_was_found(path):
    issues = suspects.build(
        size=60,
        flagged=12,
        given_label=np.repeat([0, 1, 2], [10, 20, 30]),
        suggested_label=np.repeat([1, 0, 2], [10, 5, 45]),
        evidence=np.r_[np.linspace(0, 1, 59), np.nan],
        distrust=["the run was cut short"],
    )
    names = ["cat", "<b>dog</b>", "owl"]
    write_review(
        issues,
        path,
        class_names=names,
        trajectories=suspects.recorded(issues, epochs=2),
    )
    text = read.text(path).replace("\u2068", "").replace("\u2069", "")
    for sentence in (
        "12 of 60 labels (20.0 %) are probably wrong.",
        "“cat”: 10 of 10 labels (100.0 %), most often suggested: "
        "“&lt;b&gt;dog&lt;/b&gt;” (10).",
        "4 of the 12 flagged labels are wrong with a probability of 90 %",
        "Nearly all labels of “cat” are flagged.",
        "Only 2 epochs recorded",
        "The run was cut short.",
        "1 sample never seen in training",
        "the score “aum” and the split “gmm”",
    ):
        assert sentence in text
    plain = dataclasses.replace(
        issues,
        wrong_probability=None,
        suggestion_confidence=None,
        suggested_label=np.full(60, -1),
        is_label_issue=np.arange(60) < 40,
    )
    write_review(plain, path, overwrite=True)
    for sentence in (
        "More than half of all labels are flagged.",
        "does not say how probably each is wrong",
        "40 flagged labels without a suggestion",
        "Class 0: 10 of 10 labels",
    ):
        assert sentence in read.text(path)


def test_nothing_flagged_makes_a_page_that_says_so(path):
    issues = suspects.build(flagged=0)
    write_review(issues, path, np.zeros((40, 2, 2)), "image")
    assert "None of 40 labels is flagged as wrong." in read.text(path)
    told = read.payload(path)
    assert told["suggested"] == told["fair"] == told["samples"] == []


def test_lines_show_how_labels_were_learnt(issues, path, tmp_path):
    recorded = suspects.recorded(issues)
    shuffled = recorded.select(ids=issues.ids[::-1])
    write_review(issues, path, trajectories=shuffled)
    lines = read.payload(path)["lines"]
    assert lines["name"] == "probability of the given label"
    assert lines["range"] == [0, 1] and lines["epochs"] == [1, 6]
    # exp(-2) of 63 steps, flat; the others rise to 1.
    assert set("".join(lines["cards"])) == {LETTERS[round(np.exp(-2) * 63)]}
    assert [band[-1] for band in lines["band"]] == [LETTERS[63]] * 3
    recorded.save(tmp_path / "run.npz")
    write_review(
        issues, path, trajectories=tmp_path / "run.npz", overwrite=True
    )
    assert read.payload(path)["lines"] == lines


def test_lines_of_other_signals_and_of_many_epochs(issues, path):
    margin = np.zeros((500, 40))
    margin[:, :20] = -3.0
    margin[7, 0] = np.nan
    margin[:, 39] = -1e9
    trajectories = Trajectories(
        issues.ids, np.arange(500), {"margin": margin}, issues.given_label, 3
    )
    write_review(issues, path, trajectories=trajectories)
    lines = read.payload(path)["lines"]
    assert lines["name"] == "margin of the given label"
    assert {len(line) for line in lines["cards"]} == {120}
    assert lines["epochs"] == [0, 499] and lines["recorded"] == 500
    only = dataclasses.replace(
        trajectories, signals={"predicted": np.zeros((500, 40))}
    )
    with pytest.raises(ValueError, match="drawn as a line.*predicted"):
        write_review(issues, path, trajectories=only, overwrite=True)
    gap = dataclasses.replace(
        trajectories, epochs=[0, 1, 2], signals={"confidence": margin[6:9] * 0}
    )
    write_review(issues, path, trajectories=gap, overwrite=True)
    assert read.payload(path)["lines"]["cards"][0] == "A.A"


def test_neighbours_are_the_nearest_of_both_classes(issues, path):
    points = suspects.embedded(issues)
    write_review(issues, path, embeddings=points, neighbours=2)
    told = read.payload(path)
    ids = np.array(told["ids"]).astype(int) - 100
    rows = points / np.linalg.norm(points, axis=1, keepdims=True)
    for card in range(20):
        for side, label in (
            (0, issues.given_label[card]),
            (1, issues.suggested_label[card]),
        ):
            pool = np.flatnonzero(
                (issues.given_label == label) & ~issues.is_label_issue
            )
            near = pool[np.argsort(-(rows[pool] @ rows[card]))[:2]]
            found = ids[told["near"][side][card]]
            assert set(found) == set(near)


def test_neighbours_of_a_class_without_right_labels(path):
    given = np.array([0, 0, 0, 1, 1])
    issues = suspects.build(
        5,
        3,
        2,
        given_label=given,
        predicted_label=given,
        suggested_label=np.array([1, 0, -1, 1, 1]),
    )
    write_review(issues, path, embeddings=np.eye(5))
    near = read.payload(path)["near"]
    assert [sorted(found) for found in near[0]] == [[1, 2], [0, 2], [0, 1]]
    assert [len(found) for found in near[1]] == [2, 0, 0]


def test_files_are_only_replaced_when_told(issues, path, tmp_path):
    pathlib.Path(path).write_text("mine")
    with pytest.raises(FileExistsError, match="overwrite=True.*review.html"):
        issues.to_html(path)
    assert read.text(path) == "mine" and not is_review(path)
    issues.to_html(path, overwrite=True)
    assert is_review(path)
    assert os.listdir(tmp_path) == ["review.html"]


def test_what_is_written_there_in_the_meantime_stays(issues, path, monkeypatch):
    def slow(payload, **told):
        pathlib.Path(path).write_text("mine")
        return b"page"

    monkeypatch.setattr(page, "render", slow)
    with pytest.raises(FileExistsError, match="^There is a file already"):
        issues.to_html(path)
    assert read.text(path) == "mine"


def test_a_failure_leaves_what_was_there(issues, path, tmp_path, monkeypatch):
    pathlib.Path(path).write_text("mine")

    def broken(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(OSError, match="Cannot write the page.*No space left"):
        issues.to_html(path, overwrite=True)
    assert read.text(path) == "mine"
    assert os.listdir(tmp_path) == ["review.html"]


@pytest.mark.parametrize(
    "change, message",
    [
        ({"path": "review.txt"}, "must end in .html.*review.txt"),
        ({"path": 3}, "`path` must be a path. Received: path=3"),
        ({"class_names": ["a"]}, "1 names, 3 classes"),
        ({"class_names": "abc"}, "class_names='abc'"),
        ({"class_names": {0: "a"}}, "must be a list in the order"),
        ({"class_names": set("abc")}, "must be a list in the order"),
        ({"class_names": 3}, "must be a list.*Received: class_names=3"),
        ({"top": 0}, "Received: top=0"),
        ({"top": True}, "Received: top=True"),
        ({"neighbours": 0}, "Received: neighbours=0"),
        ({"image_size": 4}, "Received: image_size=4"),
        ({"text_length": 1}, "Received: text_length=1"),
        ({"embeddings": np.ones((3, 2))}, "3 rows, 40 ids"),
        ({"embeddings": np.full((40, 2), np.nan)}, "must be finite"),
        ({"trajectories": 3}, "Received: 3"),
    ],
)
def test_wrong_arguments_are_refused(issues, path, tmp_path, change, message):
    with pytest.raises(ValueError, match=message):
        write_review(issues, **{"path": path, **change})
    assert os.listdir(tmp_path) == []


def test_other_things_are_refused(issues, path, tmp_path):
    with pytest.raises(ValueError, match="must be a LabelIssues.*type list"):
        write_review([1, 2], path)
    with pytest.raises(ValueError, match="ids must differ.*id 'a' twice"):
        write_review(suspects.build(ids=["a"] * 40), path)
    with pytest.raises(FileNotFoundError, match="a folder that is there"):
        write_review(issues, tmp_path / "none" / "review.html")
    other = suspects.recorded(suspects.build(ids=np.arange(40)))
    with pytest.raises(ValueError, match="ids were not recorded"):
        write_review(issues, path, trajectories=other)


@pytest.mark.parametrize(
    "module, message",
    [("jinja2", "page needs jinja2"), ("PIL", "page need Pillow")],
)
def test_missing_packages_are_named(issues, path, monkeypatch, module, message):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=message):
        write_review(issues, path, np.zeros((40, 2, 2)), "image")


def test_a_thousand_small_images_take_little_room(path):
    issues = suspects.build(size=1200, flagged=1000)
    # Noise is the worst that a picture can be.
    data = np.random.default_rng(0).integers(
        0, 256, (1200, 32, 32, 3), dtype=np.uint8
    )
    start = time.perf_counter()
    write_review(
        issues, path, data, "image", trajectories=suspects.recorded(issues, 40)
    )
    # Three times what is promised, for a machine that is busy.
    assert time.perf_counter() - start < 15
    assert os.path.getsize(path) <= 6_000_000
