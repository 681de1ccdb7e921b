"""LossTrajectory(store=...): what is on disk while and after `fit`."""

import os

import keras
import numpy as np
import pytest

from keras_robust.trajectories import Trajectories
from tests.training import frozen

X, LABELS = frozen.samples()


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "run.zarr")


def fit(tracker, model, epochs=2, labels=LABELS, **options):
    data = tracker.track(X, labels, batch_size=frozen.BATCH)
    model.fit(data, epochs=epochs, verbose=0, callbacks=[tracker], **options)


def test_every_epoch_is_there_when_it_ends(path):
    found = []

    class Look(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            found.append(Trajectories.load(path).num_epochs)

    model = frozen.classifier()
    tracker = frozen.tracker(store=path)
    data = tracker.track(X, LABELS, batch_size=frozen.BATCH)
    model.fit(data, epochs=3, verbose=0, callbacks=[tracker, Look()])
    assert found == [1, 2, 3]
    frozen.check(tracker, model, X, LABELS, 3)
    # A further fit goes on.
    model.fit(data, epochs=1, verbose=0, callbacks=[tracker])
    assert tracker.trajectories.epochs.tolist() == [0, 1, 2, 3]


def test_another_tracker_goes_on(path):
    model = frozen.classifier()
    fit(frozen.tracker(store=path), model)
    again = frozen.tracker(store=path, resume=True)
    data = again.track(X, LABELS, batch_size=frozen.BATCH)
    assert again.next_epoch == 2
    model.fit(
        data,
        initial_epoch=again.next_epoch,
        epochs=4,
        verbose=0,
        callbacks=[again],
    )
    assert again.trajectories.epochs.tolist() == [0, 1, 2, 3]
    frozen.check(again, model, X, LABELS, 4)


def test_a_resumed_tracker_numbers_on(path):
    model = frozen.classifier()
    tracker = frozen.tracker(store=path, resume=True)
    assert tracker.next_epoch == 0
    for _ in range(2):
        tracker.fit(model, X, LABELS, epochs=2, verbose=0)
    assert tracker.trajectories.epochs.tolist() == [0, 1, 2, 3]
    # Before any data were tracked, too.
    assert frozen.tracker(store=path, resume=True).next_epoch == 4


def test_a_store_is_of_one_model(path):
    tracker = frozen.tracker(store=path)
    data = tracker.track(X, LABELS)
    frozen.classifier().fit(data, verbose=0, callbacks=[tracker])
    with pytest.raises(ValueError, match="of one model's training"):
        frozen.classifier().fit(data, verbose=0, callbacks=[tracker])
    assert tracker.trajectories.num_epochs == 1


def test_the_process_may_change_its_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tracker = frozen.tracker(store="run.zarr")

    class Move(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                monkeypatch.chdir("/")

    tracker.fit(
        frozen.classifier(), X, LABELS, epochs=2, verbose=0, callbacks=[Move()]
    )
    assert tracker.trajectories.num_epochs == 2


def test_an_older_checkpoint_records_again(path):
    model = frozen.classifier()
    fit(frozen.tracker(store=path), model, epochs=4)
    again = frozen.tracker(store=path, resume=True)
    with pytest.warns(UserWarning, match="epochs 2 to 3 is recorded again"):
        fit(again, model, epochs=3, initial_epoch=2)
    assert again.trajectories.epochs.tolist() == [0, 1, 2]


def test_a_run_from_the_beginning_does_not_wipe_the_store(path):
    model = frozen.classifier()
    fit(frozen.tracker(store=path), model)
    with pytest.raises(ValueError) as error:
        fit(frozen.tracker(store=path, resume=True), model)
    assert str(error.value) == (
        "The store has epochs up to 1, but this training begins at 0: give "
        "`fit` initial_epoch=2 and the weights of then, or record into another "
        f"store. Received: store={path!r}"
    )
    assert Trajectories.load(path).num_epochs == 2
    with pytest.raises(ValueError, match="resume=True"):
        fit(frozen.tracker(store=path), model)


def test_other_labels_or_signals_are_refused(path):
    model = frozen.classifier()
    fit(frozen.tracker(store=path), model)
    other = (LABELS + 1) % frozen.CLASSES
    with pytest.raises(ValueError, match="label"):
        fit(
            frozen.tracker(store=path, resume=True),
            model,
            labels=other,
            initial_epoch=2,
            epochs=3,
        )
    with pytest.raises(ValueError, match="signals"):
        fit(
            frozen.tracker(("margin", "el2n"), store=path, resume=True),
            model,
            initial_epoch=2,
            epochs=3,
        )


def test_resume_needs_a_store():
    with pytest.raises(ValueError) as error:
        frozen.tracker(resume=True)
    assert str(error.value) == (
        "`resume` needs the `store` to go on with. Received: resume=True, "
        "store=None"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OSError):
        fit(frozen.tracker(store=tmp_path / "run.zarr"), frozen.classifier())


def test_a_parent_that_is_no_folder(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        fit(
            frozen.tracker(store=tmp_path / "file" / "run.zarr"),
            frozen.classifier(),
        )


def test_a_store_that_fills_up_keeps_what_was_recorded(path, monkeypatch):
    from keras_robust.trajectories.store import Store

    append = Store.append

    def full(self, epoch, *rest):
        if epoch == 2:
            raise OSError(28, "No space left on device", self.path)
        return append(self, epoch, *rest)

    monkeypatch.setattr(Store, "append", full)
    tracker = frozen.tracker(store=path)
    with pytest.raises(OSError, match="No space left"):
        fit(tracker, frozen.classifier(), epochs=4)
    assert tracker.trajectories.num_epochs == 2
    np.testing.assert_array_equal(Trajectories.load(path).epochs, [0, 1])
