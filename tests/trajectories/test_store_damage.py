import json
import os
import pathlib
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from keras_robust.trajectories import Trajectories
from keras_robust.trajectories.store import Store
from tests.trajectories import runs

zarr = pytest.importorskip("zarr")

DAMAGED = "store is damaged or was not written by keras_robust, as "


@pytest.fixture
def path(tmp_path):
    path = str(tmp_path / "run.zarr")
    runs.make(path)
    return path


def assert_refused(path, reason, **part):
    with pytest.raises(ValueError, match=DAMAGED + reason) as error:
        Trajectories.load(path, **part)
    assert str(error.value).endswith(f"Received: path={path!r}")


def test_what_is_not_committed_does_not_count(path):
    shutil.copytree(f"{path}/epochs/000002", f"{path}/epochs/000003")
    pathlib.Path(path, "committed.json.part").write_text("half")
    runs.assert_epochs(Trajectories.load(path), [0, 1, 2])
    store = Store.resume(path, runs.IDS, runs.LABELS, runs.SIGNALS)
    assert store.epochs == [0, 1, 2]
    pathlib.Path(path, "epochs/000003/stray").write_text("")
    runs.append(store, 3)
    runs.assert_epochs(Trajectories.load(path), [0, 1, 2, 3])
    assert not os.path.exists(f"{path}/epochs/000003/stray")
    assert not os.path.exists(f"{path}/committed.json.part")


EPOCH = "epochs/000001/"
ONLY = r"epoch.*epochs=\.\.\.\)`\. "


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("zarr.json", "zarr.json is missing"),
        ("committed.json", "committed.json is missing"),
        ("ids/zarr.json", "ids is damaged"),
        ("ids/c/0/0", "its ids and labels are not those it began with"),
        ("given_label/c/0", "its ids and labels are not those it began with"),
        (EPOCH + "counts/zarr.json", f"{EPOCH}counts is damaged .*{ONLY}"),
        (EPOCH + "counts/c/0", f"{EPOCH}counts is not what was wr.*{ONLY}"),
        (EPOCH + "signals/margin/c/0", f"{EPOCH}signals/margin is .*{ONLY}"),
        (EPOCH + "signals/counts/c/0", f"{EPOCH}signals/counts is .*{ONLY}"),
    ],
)
def test_a_missing_file(path, name, reason):
    os.remove(os.path.join(path, name))
    assert_refused(path, reason)
    if name.startswith("epochs"):
        rest = Trajectories.load(path, epochs=[0, 2])
        runs.assert_epochs(rest, [0, 2])


def test_a_missing_epoch(path):
    shutil.rmtree(f"{path}/epochs/000001")
    assert_refused(path, "epochs/000001/signals/margin is damaged")
    runs.assert_epochs(Trajectories.load(path, epochs=[0, 2]), [0, 2])


def test_an_epoch_in_place_of_another(path):
    shutil.rmtree(f"{path}/epochs/000001")
    shutil.copytree(f"{path}/epochs/000002", f"{path}/epochs/000001")
    assert_refused(path, "epochs/000001/signals/margin is not what was written")


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.zeros(4), "float64 .* instead of .*float32"),
        (np.zeros(5, "float32"), r"float32 \(5,\) instead of .* \(4,\)"),
        (np.zeros(4, "float32"), "is not what was written"),
    ],
)
def test_an_array_of_others(path, array, reason):
    folder = f"{path}/epochs/000001/signals/margin"
    shutil.rmtree(folder)
    made = zarr.create_array(folder, shape=array.shape, dtype=array.dtype)
    made[...] = array
    assert_refused(path, f"epochs/000001/signals/margin .*{reason}")


def edit(path, change):
    file = pathlib.Path(path, "committed.json")
    document = json.loads(file.read_text())
    change(document)
    file.write_text(json.dumps(document))


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document["content"].update(num_classes=4),
        lambda document: document["content"]["epochs"].pop("2"),
        lambda document: document["content"].update(surprise=1),
        lambda document: document["content"].pop("signals"),
        lambda document: document.update(content=[]),
        lambda document: document.pop("sha256"),
        lambda document: document.update(sha256="0"),
    ],
)
def test_an_edited_commit(path, change):
    edit(path, change)
    assert_refused(path, "committed.json is damaged")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\xff", "[" * 99999])
def test_a_commit_that_is_none(path, text):
    pathlib.Path(path, "committed.json").write_text(text, encoding="latin-1")
    assert_refused(path, "committed.json is damaged")


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({}, "its format marker is missing"),
        ({"format": "other", "version": 1}, "its format marker is missing"),
        ({"version": None}, "its version is missing"),
        ({"version": True}, "its version is missing"),
        ({"version": 0}, "its version is missing"),
    ],
)
def test_foreign_attributes(path, attributes, reason):
    if attributes and "format" not in attributes:
        attributes = {"format": "keras_robust.trajectories", **attributes}
    file = pathlib.Path(path, "zarr.json")
    metadata = json.loads(file.read_text())
    file.write_text(json.dumps({**metadata, "attributes": attributes}))
    assert_refused(path, reason)


def test_a_newer_version(path):
    zarr.open_group(path, mode="r+").attrs["version"] = 2
    message = r"newer version of keras_robust; .*-U keras-robust.*version=2"
    with pytest.raises(ValueError, match=message):
        Trajectories.load(path)


def test_foreign_folders(tmp_path):
    (tmp_path / "empty").mkdir()
    assert_refused(str(tmp_path / "empty"), "zarr.json is missing")
    zarr.create_group(tmp_path / "group")
    assert_refused(str(tmp_path / "group"), "its format marker is missing")
    array = zarr.create_array(tmp_path / "array", shape=(2,), dtype="int8")
    array[...] = 1
    assert_refused(str(tmp_path / "array"), "zarr.json is damaged")
    for name in ("empty", "group", "array"):
        with pytest.raises(ValueError, match=DAMAGED):
            Store.resume(tmp_path / name, runs.IDS, runs.LABELS, runs.SIGNALS)
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=DAMAGED):
        Store.open(tmp_path / "file")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "run.zarr"
    runs.make(str(path), epochs=(0, 1))
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return path, [(file, file.read_bytes()) for file in files]


def assert_harmless(path):
    """Checks that the store is refused, or reads as it was written."""
    try:
        loaded = Trajectories.load(path)
    except ValueError as error:
        assert DAMAGED in str(error) or "newer version" in str(error)
        return
    runs.assert_epochs(loaded, [0, 1])
    assert loaded.ids.tolist() == runs.IDS.tolist()
    assert loaded.given_label.tolist() == runs.LABELS.tolist()
    assert loaded.num_classes == 3


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_a_truncated_file_is_refused_or_harmless(saved, data):
    path, files = saved
    file, content = data.draw(st.sampled_from(files))
    file.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    try:
        assert_harmless(path)
    finally:
        file.write_bytes(content)


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_a_flipped_byte_is_refused_or_harmless(saved, data):
    path, files = saved
    file, content = data.draw(st.sampled_from(files))
    flipped = bytearray(content)
    position = data.draw(st.integers(0, len(content) - 1))
    flipped[position] = data.draw(st.integers(0, 255))
    file.write_bytes(flipped)
    try:
        assert_harmless(path)
    finally:
        file.write_bytes(content)
