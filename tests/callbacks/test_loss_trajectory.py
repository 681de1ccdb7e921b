"""The tracker as a user meets it; what it records is in tests/training."""

import copy

import keras
import numpy as np
import pytest

import keras_robust as kr
from tests.training import frozen


def fit(model, tracker, data, **options):
    options = {"epochs": 2, "verbose": 0, **options}
    return model.fit(data, callbacks=[tracker], **options)


def test_ids_given_by_the_user():
    x, labels = frozen.samples()
    model = frozen.classifier()
    for names in (
        np.arange(frozen.N) * 7 - 3,
        [f"a/{i}" for i in range(frozen.N)],
    ):
        tracker = frozen.tracker()
        fit(model, tracker, tracker.track(x, labels, ids=names))
        frozen.check(tracker, model, x, labels, epochs=2)
        assert tracker.trajectories.ids.tolist() == list(names)


def test_ids_given_for_a_dataset():
    tensorflow = pytest.importorskip("tensorflow")
    x, labels = frozen.samples()
    names = [f"a/{i}" for i in range(frozen.N)]
    source = tensorflow.data.Dataset.from_tensor_slices((x, labels))
    tracker = frozen.tracker()
    model = frozen.classifier()
    fit(model, tracker, tracker.track(source, batch_size=8, ids=names))
    frozen.check(tracker, model, x, labels, epochs=2)
    assert tracker.trajectories.ids.tolist() == names


def test_the_trajectories_are_complete(tmp_path):
    x, labels = frozen.samples()
    tracker = frozen.tracker()
    model = frozen.classifier()
    fit(model, tracker, tracker.track(x, labels), epochs=3)
    found = tracker.trajectories
    assert list(found.signals) == [
        "cross_entropy",
        "margin",
        "correct",
        "predicted",
    ]
    assert found.num_classes == frozen.CLASSES
    assert found.counts.dtype == "uint16"
    np.testing.assert_array_equal(found.coverage, 1.0)
    np.testing.assert_array_equal(found.epochs, [0, 1, 2])
    found.save(tmp_path / "run.npz")
    loaded = kr.trajectories.Trajectories.load(tmp_path / "run.npz")
    np.testing.assert_array_equal(
        loaded.signals["margin"], found.signals["margin"]
    )


def test_the_trajectories_stay_as_they_were_read():
    x, labels = frozen.samples()
    tracker = frozen.tracker()
    data = tracker.track(x, labels)
    model = frozen.classifier(learning_rate=0.5)
    fit(model, tracker, data, epochs=1)
    first = tracker.trajectories
    before = first.signals["cross_entropy"].copy()
    fit(model, tracker, data)
    np.testing.assert_array_equal(first.signals["cross_entropy"], before)
    assert tracker.trajectories.num_epochs == 3


def test_early_stopping():
    x, labels = frozen.samples()
    tracker = frozen.tracker()
    model = frozen.classifier()
    stop = keras.callbacks.EarlyStopping(monitor="loss", patience=1)
    history = model.fit(
        tracker.track(x, labels, batch_size=frozen.N, shuffle=False),
        epochs=9,
        verbose=0,
        callbacks=[tracker, stop],
    )
    assert len(history.epoch) < 9
    frozen.check(tracker, model, x, labels, epochs=len(history.epoch))


def test_epochs_are_numbered_as_keras_does_and_on():
    x, labels = frozen.samples()
    tracker = frozen.tracker()
    data = tracker.track(x, labels)
    model = frozen.classifier()
    fit(model, tracker, data, initial_epoch=3, epochs=5)
    fit(model, tracker, data, epochs=2)
    fit(model, tracker, data, initial_epoch=10, epochs=11)
    np.testing.assert_array_equal(tracker.trajectories.epochs, [3, 4, 5, 6, 10])
    frozen.check(tracker, model, x, labels, epochs=5)


def test_another_model_or_other_data_begins_anew():
    x, labels = frozen.samples()
    tracker = frozen.tracker()
    data = tracker.track(x, labels)
    model = frozen.classifier()
    fit(model, tracker, data)
    other = frozen.classifier()
    fit(other, tracker, data)
    frozen.check(tracker, other, x, labels, epochs=2)

    less, fewer = x[:9], labels[:9]
    data = tracker.track(less, fewer)
    with pytest.raises(ValueError, match="Nothing has been recorded yet"):
        _ = tracker.trajectories
    fit(other, tracker, data, epochs=1)
    frozen.check(tracker, other, less, fewer, epochs=1)


def test_two_trackers_one_after_the_other():
    x, labels = frozen.samples()
    model = frozen.classifier()
    trackers = [frozen.tracker(), frozen.tracker("margin")]
    for tracker in trackers:
        fit(model, tracker, tracker.track(x, labels))
    first, second = (tracker.trajectories for tracker in trackers)
    np.testing.assert_allclose(
        first.signals["margin"], second.signals["margin"], rtol=1e-5
    )


@pytest.mark.parametrize("twice", [True, False])
def test_two_trackers_at_once_are_refused(twice):
    x, labels = frozen.samples()
    model = frozen.classifier()
    first, second = frozen.tracker(), frozen.tracker()
    data = first.track(x, labels)
    second.track(x[::-1], labels[::-1])
    both = [first, first if twice else second]
    with pytest.raises(ValueError, match="One `fit` takes one tracker"):
        model.fit(data, verbose=0, callbacks=both)
    model.fit(x, labels, verbose=0)
    assert "_keras_robust_attachment" not in vars(model)


def test_the_seed_repeats_the_training():
    x, labels = frozen.samples()
    model = frozen.classifier(learning_rate=0.5)
    start = model.get_weights()
    losses = []
    for seed in (5, 5, 6):
        model.set_weights(start)
        tracker = frozen.tracker()
        data = tracker.track(x, labels, batch_size=frozen.BATCH, seed=seed)
        history = fit(model, tracker, data, shuffle=False).history
        losses.append(history["loss"])
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)
    assert losses[0] != pytest.approx(losses[2], rel=1e-6)
    orders = []
    for _ in range(2):
        keras.utils.set_random_seed(7)
        data = frozen.tracker().track(x, labels)
        data.on_epoch_begin()
        orders.append(data[0][0])
    np.testing.assert_array_equal(*orders)


def test_a_tracker_can_be_copied():
    """KerasTuner copies callbacks for every trial."""
    x, labels = frozen.samples()
    unused = frozen.tracker("margin")
    tracker = copy.deepcopy(unused)
    assert tracker.signals == unused.signals
    model = frozen.classifier()
    fit(model, tracker, tracker.track(x, labels))
    assert tracker.trajectories.num_epochs == 2
    with pytest.raises(ValueError, match="Nothing has been recorded yet"):
        _ = unused.trajectories
    used = copy.deepcopy(tracker)
    np.testing.assert_array_equal(
        used.trajectories.signals["margin"],
        tracker.trajectories.signals["margin"],
    )


def test_a_copy_records_of_the_same_data():
    x, labels = frozen.samples()
    tracker = frozen.tracker()
    data = tracker.track(x, labels)
    other = copy.deepcopy(tracker)
    for one in (other, tracker):
        model = frozen.classifier()
        fit(model, one, data)
        frozen.check(one, model, x, labels, epochs=2)


def test_a_shuffle_that_repeats_its_order_is_no_problem():
    tensorflow = pytest.importorskip("tensorflow")
    x, labels = frozen.samples()
    source = tensorflow.data.Dataset.from_tensor_slices((x, labels))
    source = source.shuffle(frozen.N, seed=1, reshuffle_each_iteration=False)
    order = list(source.as_numpy_iterator())
    x, labels = (np.array(part) for part in zip(*order, strict=True))
    tracker = frozen.tracker()
    model = frozen.classifier()
    fit(model, tracker, tracker.track(source.batch(frozen.BATCH)))
    frozen.check(tracker, model, x, labels, epochs=2)


def test_tracked_data_without_the_callback():
    """Either it trains and evaluates as the plain data does, or it raises."""
    x, labels = frozen.samples()
    model = frozen.classifier()
    tracker = frozen.tracker()
    data = tracker.track(x, labels, batch_size=frozen.N)
    expected = model.evaluate(x, labels, batch_size=frozen.N, verbose=0)

    def uses():
        yield lambda: model.fit(data, verbose=0).history["loss"][0]
        yield lambda: model.evaluate(data, verbose=0)

    for _ in range(2):
        for use in uses():
            if keras.backend.backend() == "tensorflow":
                with pytest.raises(ValueError, match="__label__"):
                    use()
            else:
                assert use() == pytest.approx(expected, rel=1e-5)
        assert model.predict(data, verbose=0).shape == (frozen.N, 3)
        # And again, after the data has been armed once.
        fit(model, tracker, data)


def test_evaluating_with_the_tracker_among_the_callbacks():
    x, labels = frozen.samples()
    model = frozen.classifier()
    expected = model.evaluate(x, labels, verbose=0)
    tracker = frozen.tracker()
    data = tracker.track(x, labels)
    found = model.evaluate(x, labels, verbose=0, callbacks=[tracker])
    assert found == pytest.approx(expected, rel=1e-6)
    fit(model, tracker, data)
    frozen.check(tracker, model, x, labels, epochs=2)
    assert "_keras_robust_attachment" not in vars(model)
