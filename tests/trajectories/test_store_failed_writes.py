"""Writes that fail or are interrupted cost the epoch under way at most."""

import os

import pytest

from keras_robust.trajectories import Trajectories
from keras_robust.trajectories import commit
from keras_robust.trajectories.store import Store
from tests.trajectories import runs

zarr = pytest.importorskip("zarr")


@pytest.fixture
def path(tmp_path):
    path = str(tmp_path / "run.zarr")
    runs.make(path)
    return path


def fail_at(monkeypatch, number, error):
    """Lets write number `number` of zarr fail, after half of the bytes."""
    original = zarr.storage.LocalStore.set
    calls = []

    async def full_disk(self, key, value):
        calls.append(key)
        if len(calls) > number:
            half = value[: len(value) // 2]
            await original(self, key, half)
            raise error
        await original(self, key, value)

    monkeypatch.setattr(zarr.storage.LocalStore, "set", full_disk)
    return calls


def test_a_full_disk_at_any_write_of_an_epoch(path, monkeypatch):
    store = Store.open(path)
    with monkeypatch.context() as patch:
        calls = fail_at(patch, 10**6, None)
        runs.append(store, 3)
    store.forget_from(3)
    assert len(calls) >= 6
    for number in range(len(calls)):
        with monkeypatch.context() as patch:
            fail_at(patch, number, OSError(28, "No space left on device"))
            with pytest.raises(OSError, match="Cannot write epoch 3") as error:
                runs.append(store, 3)
        assert error.value.errno == 28
        assert error.value.filename == path
        assert "epochs up to 2 stay readable (No space" in str(error.value)
        runs.assert_epochs(Trajectories.load(path), [0, 1, 2])
    runs.append(store, 3)
    runs.assert_epochs(Trajectories.load(path), [0, 1, 2, 3])


def test_a_full_disk_at_the_commit(path, monkeypatch):
    store = Store.open(path)
    with monkeypatch.context() as patch:

        def full_disk(source, target):
            raise OSError(28, "No space left on device")

        patch.setattr(os, "replace", full_disk)
        with pytest.raises(OSError, match="up to 2 stay readable"):
            runs.append(store, 3)
    runs.assert_epochs(Trajectories.load(path), [0, 1, 2])
    runs.append(store, 3)
    runs.assert_epochs(Trajectories.load(path), [0, 1, 2, 3])


def test_a_full_disk_in_the_first_epoch(tmp_path, monkeypatch):
    store = runs.make(tmp_path / "first.zarr", epochs=())
    fail_at(monkeypatch, 3, OSError(28, "No space left on device"))
    with pytest.raises(OSError, match="epoch 0 .*no epoch was finished"):
        runs.append(store, 0)
    assert store.epochs == []


def test_an_interrupt_right_after_the_commit(path, monkeypatch):
    store = Store.open(path)

    def interrupted(folder):
        if folder == path:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(commit, "sync_folder", interrupted)
        with pytest.raises(KeyboardInterrupt):
            runs.append(store, 3)
    # The same object goes on, and does not write the epoch once more.
    assert store.epochs == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="The store has epochs up to 3"):
        runs.append(store, 3)
    runs.append(store, 4)
    runs.assert_epochs(Trajectories.load(path), [0, 1, 2, 3, 4])


def test_an_interrupt_right_before_the_commit(path, monkeypatch):
    store = Store.open(path)

    def interrupted(folder, content):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(commit, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            runs.append(store, 3)
    assert store.epochs == [0, 1, 2]
    runs.append(store, 3)
    runs.assert_epochs(Trajectories.load(path), [0, 1, 2, 3])


@pytest.mark.parametrize("number", range(4))
def test_a_full_disk_at_creation_leaves_nothing(tmp_path, monkeypatch, number):
    fail_at(monkeypatch, number, OSError(28, "No space left on device"))
    with pytest.raises(OSError, match="No space left on device") as error:
        runs.make(tmp_path / "run.zarr")
    assert error.value.filename == str(tmp_path / "run.zarr")
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    for folder in ("missing", "file"):
        path = str(tmp_path / folder / "run.zarr")
        with pytest.raises(OSError, match="Cannot make the store;") as error:
            runs.make(path)
        assert error.value.filename == path
    assert os.listdir(tmp_path) == ["file"]
