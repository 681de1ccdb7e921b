import os
import pathlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from keras_robust.trajectories import Trajectories


def build(ids=(5, 3, 9), counts=((1, 1, 0), (2, 0, 1))):
    margin = [[1.5, -2.0, np.nan], [3.0, np.nan, np.inf]]
    return Trajectories(
        ids=np.array(ids),
        epochs=[2, 5],
        signals={"margin": margin, "predicted": np.ones((2, 3))},
        given_label=[0, 1, 2],
        num_classes=3,
        counts=counts,
    )


def assert_same(a, b):
    assert a.num_classes == b.num_classes
    assert list(a.signals) == list(b.signals)
    pairs = [(a.signals[name], b.signals[name]) for name in a.signals]
    pairs += [(a.ids, b.ids), (a.epochs, b.epochs)]
    pairs += [(a.given_label, b.given_label)]
    for one, other in pairs:
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype
    if a.counts is None:
        assert b.counts is None
    else:
        np.testing.assert_array_equal(a.counts, b.counts)


@pytest.mark.parametrize("ids", [(5, 3, 9), ("x", "yy", "ü")])
@pytest.mark.parametrize("counts", [None, ((1, 1, 0), (2, 0, 1))])
def test_round_trip(tmp_path, ids, counts):
    saved = build(ids, counts)
    saved.save(tmp_path / "run.npz")
    assert_same(saved, Trajectories.load(tmp_path / "run.npz"))


@pytest.mark.parametrize("name", ["run", "run.data", "run.npz"])
def test_the_path_is_kept_as_given_and_nothing_lies_beside_it(tmp_path, name):
    for _ in range(2):
        build().save(str(tmp_path / name))
    assert os.listdir(tmp_path) == [name]
    assert_same(build(), Trajectories.load(str(tmp_path / name)))


def test_a_failed_save_leaves_the_old_file_and_no_part(tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    build().save(path)
    before = path.read_bytes()

    def full_disk(file, **arrays):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full_disk)
    with pytest.raises(OSError, match="No space left on device"):
        build().save(path)
    assert os.listdir(tmp_path) == ["run.npz"]
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    for folder in ("missing", "file"):
        path = tmp_path / folder / "run.npz"
        with pytest.raises(OSError, match="Cannot write the traj") as error:
            build().save(path)
        assert str(path) in str(error.value)
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="Cannot write the trajectories"):
        build().save(tmp_path / "folder")
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="none.npz"):
        Trajectories.load(tmp_path / "none.npz")


def saved_arrays():
    return {
        "format": "keras_robust.trajectories",
        "version": 1,
        "ids": np.array([1, 2]),
        "epochs": np.array([0]),
        "given_label": np.array([0, 1]),
        "num_classes": 2,
        "signal.margin": np.zeros((1, 2), np.float32),
        "contents": ["given_label", "ids", "signal.margin"],
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": None}, "its format marker is missing"),
        ({"format": "other"}, "its format marker is missing"),
        ({"version": None}, "its version is missing"),
        ({"version": "one"}, "its version is missing"),
        ({"version": 2}, r"newer version of keras_robust; .*pip install -U"),
        ({"ids": None, "epochs": None}, "it lacks epochs, ids"),
        ({"surprise": 1}, "it has unknown parts: surprise"),
        ({"signal.margin": None}, "it lacks signal.margin"),
        (
            {"signal.margin": None, "contents": ["ids"]},
            "do not fit: `signals` must be a dict",
        ),
        ({"contents": None}, "it has unknown parts: signal.margin"),
        ({"given_label": np.array([0, 7])}, r"do not fit: .*label\[1\]=7"),
        ({"ids": np.array([1, "a"], object)}, "it is no complete npz file"),
        ({"num_classes": np.array([2, 3])}, "do not fit: `num_classes`"),
    ],
)
def test_foreign_or_tampered_contents(tmp_path, change, message):
    entries = {**saved_arrays(), **change}
    path = tmp_path / "run.npz"
    np.savez(path, **{k: v for k, v in entries.items() if v is not None})
    with pytest.raises(ValueError, match=message) as error:
        Trajectories.load(path)
    assert str(path) in str(error.value)


def test_files_that_are_no_npz(tmp_path):
    path = tmp_path / "run.npz"
    np.save(tmp_path / "array.npy", np.zeros(3))
    for content in (
        b"",
        b"hello",
        b"PK\x03\x04 but no more",
        b"\x80\x04K\x01.",
        (tmp_path / "array.npy").read_bytes(),
    ):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="it is no complete npz file"):
            Trajectories.load(path)


@pytest.fixture(scope="module")
def saved_bytes(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "run.npz"
    build().save(path)
    return path, path.read_bytes()


def test_a_directory_that_lost_an_entry_is_refused(saved_bytes):
    path, content = saved_bytes
    # The comment length of an entry in the zip directory: the comment
    # then swallows the entries behind it.
    entry = content.rindex(b"PK\x01\x02", 0, content.rindex(b"counts.npy"))
    for length in range(1, 200):
        damaged = bytearray(content)
        previous = damaged.rindex(b"PK\x01\x02", 0, entry)
        damaged[previous + 32] = length
        path.with_name("lost.npz").write_bytes(damaged)
        with pytest.raises(ValueError, match="damaged"):
            Trajectories.load(path.with_name("lost.npz"))


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_a_truncated_file_is_refused(saved_bytes, data):
    path, content = saved_bytes
    length = data.draw(st.integers(0, len(content) - 1))
    cut = path.with_name("cut.npz")
    cut.write_bytes(content[:length])
    with pytest.raises(ValueError, match="damaged"):
        Trajectories.load(cut)


@given(data=st.data())
@settings(max_examples=500, deadline=None)
def test_a_flipped_byte_is_refused_or_harmless(saved_bytes, data):
    path, content = saved_bytes
    position = data.draw(st.integers(0, len(content) - 1))
    value = data.draw(st.integers(0, 255))
    flipped = bytearray(content)
    flipped[position] = value
    changed = pathlib.Path(path.with_name("flipped.npz"))
    changed.write_bytes(bytes(flipped))
    try:
        loaded = Trajectories.load(changed)
    except ValueError as error:
        assert "Cannot read trajectories" in str(error)
    else:
        assert_same(build(), loaded)
