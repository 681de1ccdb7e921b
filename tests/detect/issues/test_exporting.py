"""The forms of FiftyOne and Label Studio, read as they read them."""

import json
import os
import pathlib

import numpy as np
import pytest

from keras_robust.detect import LabelIssues

NAMES = ["cat", "<b>dog</b>", "Eule 🦉"]


def issues(**others):
    fields = {
        "ids": ["a", "b", "c", "d"],
        "is_label_issue": [False, True, True, True],
        "label_quality": [0.9, 0.1, 0.05, 1.0],
        "given_label": [0, 1, 2, 1],
        "predicted_label": [0, 0, 1, -1],
        "suggested_label": [0, 0, 1, -1],
        "evidence": [2.0, -2.0, -3.0, np.nan],
        "score": "mine",
        "split": "mine",
        "num_classes": 3,
        **others,
    }
    return LabelIssues(**fields)


FOUND = issues()


def read(path):
    def refuse(constant):
        raise AssertionError(f"no JSON: {constant}")

    return json.loads(
        pathlib.Path(path).read_text(encoding="utf-8"), parse_constant=refuse
    )


def as_fiftyone_reads(path, folder_files):
    """By its documented rules: file name without suffix, class numbers."""
    written = read(path)
    by_stem = {os.path.splitext(name)[0]: name for name in folder_files}
    found = {}
    for key, target in written["labels"].items():
        file = key if os.path.isabs(key) else by_stem[key]
        label = written["classes"][target["label"]]
        found[file] = label, target["confidence"], target["attributes"]
    return found


def test_fiftyone_gets_back_what_was_found(tmp_path):
    files = ["1.png", pathlib.Path("sub") / "2.v2.jpg", "/data/3.png", "4.png"]
    path = tmp_path / "labels.json"
    assert FOUND.to_fiftyone(path, files, NAMES) == 4
    found = as_fiftyone_reads(path, ["1.png", "sub/2.v2.jpg", "4.png"])
    assert list(found) == ["1.png", "sub/2.v2.jpg", "/data/3.png", "4.png"]
    for position, (label, quality, attributes) in enumerate(found.values()):
        assert label == NAMES[FOUND.given_label[position]]
        assert quality == FOUND.label_quality[position]
        assert attributes["id"] == FOUND.ids[position]
        assert attributes["is_label_issue"] == FOUND.is_label_issue[position]
    assert found["/data/3.png"][2]["suggested_label"] == "<b>dog</b>"
    assert found["/data/3.png"][2]["evidence"] == -3.0
    # What is not known is not there.
    assert set(found["4.png"][2]) == {"id", "is_label_issue"}


def test_fiftyone_leaves_out_samples_without_a_file(tmp_path):
    path = tmp_path / "labels.json"
    files = ["1.png", None, "", float("nan")]
    assert FOUND.to_fiftyone(path, files) == 1
    assert read(path)["classes"] == ["0", "1", "2"]
    assert list(read(path)["labels"]) == ["1"]


def test_files_that_fiftyone_takes_for_one_are_refused(tmp_path):
    files = ["1.png", "1.jpg", "2.png", "3.png"]
    with pytest.raises(ValueError, match="Received: '1.jpg' twice"):
        FOUND.to_fiftyone(tmp_path / "labels.json", files)
    assert not list(tmp_path.iterdir())


def choice(prediction, from_name, to_name):
    (result,) = prediction["result"]
    assert result["type"] == "choices"
    assert (result["from_name"], result["to_name"]) == (from_name, to_name)
    (found,) = result["value"]["choices"]
    return found


def test_label_studio_gets_back_what_was_found(tmp_path):
    path = tmp_path / "tasks.json"
    known = issues(
        suggestion_confidence=[np.nan, 0.8, np.nan, np.nan],
        wrong_probability=[0.1, 0.9, 0.95, np.nan],
    )
    texts = ["1", "zwei \u2028 \x00", "3", "4"]
    assert known.to_label_studio(path, texts, NAMES, key="text") == 3
    worst, second, unseen = read(path)
    assert worst["data"]["id"] == "c" and second["data"]["text"] == texts[1]
    assert worst["data"]["given_label"] == "Eule 🦉"
    assert second["data"]["wrong_probability"] == 0.9
    suggested, given = second["predictions"]
    assert choice(suggested, "label", "text") == "cat"
    assert suggested["model_version"] == "suggested_label"
    assert suggested["score"] == 0.8
    assert choice(given, "label", "text") == "<b>dog</b>"
    assert given["score"] == 0.1
    assert "score" not in worst["predictions"][0]
    # Without a suggestion the given label stands alone.
    (given,) = unseen["predictions"]
    assert choice(given, "label", "text") == "<b>dog</b>"
    assert unseen["data"]["evidence"] is None
    ids = [
        result["id"]
        for task in read(path)
        for prediction in task["predictions"]
        for result in prediction["result"]
    ]
    assert len(set(ids)) == len(ids) == 5


def test_label_studio_may_get_all_and_misses_what_is_missing(tmp_path):
    path = tmp_path / "tasks.json"
    urls = ["https://x/1.png", None, "https://x/3.png", "https://x/4.png"]
    assert (
        FOUND.to_label_studio(path, urls, flagged=False, from_name="kind") == 3
    )
    tasks = read(path)
    assert [task["data"]["id"] for task in tasks] == ["c", "a", "d"]
    assert choice(tasks[0]["predictions"][0], "kind", "image") == "1"
    none = FOUND.filter(flagged=False)
    assert none.to_label_studio(path, ["1"], overwrite=True) == 0
    assert read(path) == []


@pytest.mark.parametrize("write", ["to_fiftyone", "to_label_studio"])
def test_nothing_of_the_users_is_replaced_unasked(tmp_path, write):
    path, samples = tmp_path / "labels.json", ["1", "2", "3", "4"]
    path.write_text("mine")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        getattr(FOUND, write)(path, samples)
    assert path.read_text() == "mine"
    getattr(FOUND, write)(path, samples, overwrite=True)
    assert read(path)
    with pytest.raises(OSError, match="Cannot write the labels"):
        getattr(FOUND, write)(tmp_path / "no" / "labels.json", samples)


@pytest.mark.parametrize("write", ["to_fiftyone", "to_label_studio"])
@pytest.mark.parametrize(
    "samples, options, message",
    [
        (["1", "2"], {}, "each of the 4 samples. Received: 2"),
        ("1234", {}, "each of the 4 samples. Received: 0"),
        (set("1234"), {}, "each of the 4 samples. Received: 0"),
        (4, {}, "each of the 4 samples. Received: 0"),
        (["1", "2", 3, "4"], {}, r"must hold texts.*\[2\]=3"),
        (list("1234"), {"class_names": ["a", "b"]}, "3 different names"),
        (list("1234"), {"class_names": "abc"}, "3 different names"),
        (list("1234"), {"class_names": set("abc")}, "3 different names"),
        (list("1234"), {"class_names": 3}, "3 different names"),
        (list("1234"), {"class_names": ["a", "a", "b"]}, "3 different"),
    ],
)
def test_wrong_arguments_are_refused(
    tmp_path, write, samples, options, message
):
    with pytest.raises(ValueError, match=message):
        getattr(FOUND, write)(tmp_path / "labels.json", samples, **options)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "options, message",
    [
        ({"key": ""}, "Received: key=''"),
        ({"from_name": 3}, "Received: from_name=3"),
        ({"key": "label_quality"}, "another name than that of a column"),
    ],
)
def test_wrong_names_of_tasks_are_refused(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        FOUND.to_label_studio(tmp_path / "tasks.json", list("1234"), **options)
