"""The file of what is kept, and what every kind of kill leaves of it."""

import os

import keras
import numpy as np
import pytest

import keras_robust as kr
from keras_robust.callbacks.kept_file import KeptFile
from tests.training import frozen

SHAPES = {"rows": ((3,), "float32")}


class Killed(BaseException):
    """In place of the end of the process."""


def opened(path, resume=True):
    file = KeptFile(path, "EarlyLearning", resume)
    file.check_free()
    return file


def write(file, *epochs):
    for epoch in epochs:
        file.write(epoch, "data", {"rows": np.full(3, epoch, "float32")})


def read(file, epoch):
    found = file.read(epoch, "data", SHAPES)
    return None if found is None else found["rows"].tolist()


def kill_at(monkeypatch, call):
    """The process ends in place of that call of `os.replace`."""
    calls = []

    def replace(*args, real=os.replace):
        calls.append(args)
        if len(calls) > call:
            raise Killed
        real(*args)

    monkeypatch.setattr(os, "replace", replace)


@pytest.mark.parametrize("call", [0, 1, 2], ids="before between after".split())
@pytest.mark.parametrize("saved", [2, 3], ids=["kept_first", "saved_first"])
def test_killed_in_the_third_write(tmp_path, monkeypatch, call, saved):
    """The other checkpoint is of the end of the same epoch, or one older."""
    path = tmp_path / "kept.npz"
    file = opened(path, resume=False)
    write(file, 1, 2)
    with monkeypatch.context() as patched:
        kill_at(patched, call)
        if call < 2:
            with pytest.raises(Killed):
                write(file, 3)
        else:
            write(file, 3)
    again = opened(path)
    if saved == 3 and call < 2:
        match = r"initial_epoch=2.*stand after EarlyLearning.*begin anew"
        with pytest.raises(ValueError, match=match):
            read(again, saved)
        # With the weights of then it goes on.
        saved = 2
    assert read(again, saved) == [saved] * 3
    # Killed once more before the other one is saved.
    write(again, saved + 1)
    for epoch in (saved, saved + 1):
        assert read(opened(path), epoch) == [epoch] * 3


def test_killed_in_the_first_epochs(tmp_path, monkeypatch):
    path = tmp_path / "kept.npz"
    with monkeypatch.context() as patched:
        kill_at(patched, 0)
        with pytest.raises(Killed):
            write(opened(path), 1)
    assert read(opened(path), 0) is None
    write(opened(path), 1)
    # Before the first checkpoint: it begins anew, and says so.
    again = opened(path)
    with pytest.warns(UserWarning, match="epoch 0 is made again"):
        assert read(again, 0) is None
    write(again, 1, 2)
    for epoch in (1, 2):
        assert read(opened(path), epoch) == [epoch] * 3
    with pytest.raises(ValueError, match="epoch 0 and 1.*begins at epoch 0"):
        read(opened(path), 0)
    os.remove(path)
    with pytest.raises(ValueError, match="already.*npz.previous"):
        opened(path, resume=False)


class Kill(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1:
            raise Killed


def learn(model, tmp_path, *callbacks, store="targets.npz", **options):
    """`callbacks` in their order, `None` for EarlyLearning."""
    elr = kr.callbacks.EarlyLearning(
        verbose=0, store=tmp_path / store, resume=True
    )
    tracker = frozen.tracker()
    x, labels = frozen.samples()
    data = tracker.track(x, labels, batch_size=frozen.N, shuffle=False)
    model.fit(
        data,
        shuffle=False,
        verbose=0,
        callbacks=[tracker, *(c or elr for c in callbacks)],
        **{"epochs": 4, **options},
    )
    return elr.targets


def learner():
    keras.utils.set_random_seed(0)
    return frozen.classifier(kr.losses.CrossEntropy(), learning_rate=0.5)


def test_killed_beside_backup_and_restore(tmp_path):
    """Where it stands after, from the epoch before; else it says so."""
    whole = learn(learner(), tmp_path, None, store="whole.npz")

    def backup():
        return keras.callbacks.BackupAndRestore(tmp_path / "backup")

    model = learner()
    with pytest.raises(Killed):
        learn(model, tmp_path, None, Kill(), backup())
    again = learn(model, tmp_path, None, backup())
    np.testing.assert_allclose(again, whole, rtol=1e-6)
    model = learner()
    with pytest.raises(Killed):
        learn(model, tmp_path, backup(), Kill(), None, store="other.npz")
    with pytest.raises(ValueError, match="stand after EarlyLearning"):
        learn(model, tmp_path, None, backup(), store="other.npz")
