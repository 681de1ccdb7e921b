"""`samples`, `update`, `end_epoch`: loops that are not `fit`."""

import numpy as np
import pytest
from keras import ops

import keras_robust as kr
from tests.training import frozen

X, LABELS = frozen.samples()
# Not in the order of the alphabet.
NAMES = np.array([f"s{(7 * i) % frozen.N:02}" for i in range(frozen.N)])


def loop(tracker, model, epochs=2, ids=NAMES, rows=None):
    rng = np.random.default_rng(0)
    rows = np.arange(frozen.N) if rows is None else rows
    for _ in range(epochs):
        order = rng.permutation(rows)
        for start in range(0, len(order), frozen.BATCH):
            at = order[start : start + frozen.BATCH]
            outputs = model(X[at], training=False)
            tracker.update(ids[at], ops.convert_to_tensor(LABELS[at]), outputs)
        logs = tracker.end_epoch()
    return logs


def test_every_value_at_its_place():
    model = frozen.classifier()
    tracker = frozen.tracker(from_logits=False)
    tracker.samples(LABELS, ids=NAMES)
    assert tracker.next_epoch == 0
    assert loop(tracker, model) == {}
    assert tracker.next_epoch == 2
    frozen.check(tracker, model, X, LABELS, 2)
    np.testing.assert_array_equal(tracker.trajectories.ids, NAMES)


def test_several_processes_record_a_part_each():
    model = frozen.classifier()
    parts = []
    for rank in range(2):
        tracker = frozen.tracker(from_logits=False, logs=["coverage"])
        tracker.samples(LABELS, ids=NAMES)
        mine = np.arange(rank, frozen.N, 2)
        assert loop(tracker, model, rows=mine) == {"coverage": 0.5}
        parts.append(tracker.trajectories)
    merged = kr.trajectories.Trajectories.merge(parts)
    np.testing.assert_array_equal(merged.counts, 1)
    expected = frozen.signals(model.predict(X, verbose=0), LABELS)
    np.testing.assert_allclose(
        merged.signals["margin"][1], expected["margin"], rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (
            np.array(["s00", "nobody"]),
            "These samples are not among those that were tracked or declared. "
            "Received: id 'nobody' (1 such samples)",
        ),
        (
            np.array([0, 1]),
            "These samples are not among those that were tracked or declared. "
            "Received: id 0 (2 such samples)",
        ),
        (
            np.array(["s00"]),
            "There must be one id a sample. Received: ids.shape=(1,), 2 "
            "samples",
        ),
    ],
)
def test_bad_ids(ids, message):
    tracker = frozen.tracker(from_logits=False)
    tracker.samples(LABELS, ids=NAMES)
    with pytest.raises(ValueError) as error:
        tracker.update(ids, LABELS[:2], np.full((2, 3), 1 / 3, "float32"))
    assert str(error.value) == message


def test_what_must_be_said_first():
    outputs = np.full((2, 3), 1 / 3, "float32")
    with pytest.raises(ValueError, match="no data yet"):
        frozen.tracker(from_logits=False).update([0, 1], LABELS[:2], outputs)
    tracker = frozen.tracker()
    tracker.samples(LABELS)
    with pytest.raises(ValueError, match="say so with"):
        tracker.update([0, 1], LABELS[:2], outputs)
    with pytest.raises(ValueError, match="there was none"):
        tracker.end_epoch()


def test_epochs_that_were_not_ended():
    model = frozen.classifier()
    tracker = frozen.tracker(from_logits=False)
    tracker.samples(LABELS, ids=NAMES)
    loop(tracker, model, epochs=1)
    with pytest.raises(ValueError, match="there was none"):
        tracker.end_epoch()
    for _ in range(2):
        tracker.update(NAMES, LABELS, model(X))
    with pytest.warns(UserWarning, match="Was `end_epoch` forgotten"):
        tracker.end_epoch()
    assert tracker.trajectories.num_epochs == 2


def test_fit_and_a_loop_after_each_other():
    model = frozen.classifier()
    tracker = frozen.tracker(from_logits=False)
    data = tracker.track(X, LABELS, ids=NAMES)
    loop(tracker, model, epochs=1)
    model.fit(data, verbose=0, callbacks=[tracker])
    loop(tracker, model, epochs=1)
    frozen.check(tracker, model, X, LABELS, 3)


def test_declared_samples_are_no_data_for_fit():
    tracker = frozen.tracker(from_logits=False)
    tracker.samples(LABELS)
    with pytest.raises(ValueError, match="no data yet"):
        frozen.classifier().fit(X, LABELS, verbose=0, callbacks=[tracker])
