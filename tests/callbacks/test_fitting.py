"""`tracker.fit` and `tracker.attach`: as `fit`, and tracked."""

import keras
import numpy as np
import pytest

import keras_robust as kr
from tests.training import frozen


def is_plain(model):
    """Whether nothing of ours is left on the model."""
    left = [name for name in model.__dict__ if "keras_robust" in name]
    hooks = [name for name in ("fit", "train_step") if name in model.__dict__]
    names = [metric.name for metric in model.metrics]
    return not left and not hooks and "keras_robust_carrier" not in names


def by_fit(tracker, model, x, y, **options):
    return tracker.fit(model, x, y, **options)


def by_attach(tracker, model, x, y, **options):
    with tracker.attach(model):
        return model.fit(x, tracker.with_ids(y), **options)


WAYS = pytest.mark.parametrize("way", [by_fit, by_attach])


@WAYS
def test_the_last_samples_are_held_out(way):
    x, labels = frozen.samples()
    model = frozen.classifier(metrics=["accuracy"])
    tracker = frozen.tracker()
    history = way(
        tracker,
        model,
        x,
        labels,
        epochs=2,
        batch_size=frozen.BATCH,
        validation_split=0.2,
        verbose=0,
    )
    kept = round(frozen.N * 0.8)
    frozen.check(tracker, model, x[:kept], labels[:kept], 2)
    loss, _ = model.evaluate(x[kept:], labels[kept:], verbose=0)
    np.testing.assert_allclose(history.history["val_loss"], loss, rtol=1e-5)
    assert is_plain(model)


@pytest.mark.parametrize("shuffle", [None, True, False])
def test_arrays_are_shuffled_without_a_warning(shuffle, recwarn):
    x, labels = frozen.samples()
    model = frozen.classifier()
    options = {} if shuffle is None else {"shuffle": shuffle}
    tracker = frozen.tracker()
    tracker.fit(model, x, labels, epochs=2, verbose=0, **options)
    frozen.check(tracker, model, x, labels, 2)
    ours = [w for w in recwarn.list if "shuffle" in str(w.message)]
    assert not ours


def test_the_order_of_a_training_that_goes_on_is_that_of_an_unbroken_one():
    x, labels = frozen.samples()
    ended = []
    for parts in [(0, 3)], [(0, 2), (2, 3)]:
        keras.utils.set_random_seed(1)
        model = keras.Sequential(
            [keras.Input((x.shape[1],)), keras.layers.Dense(5)]
        )
        model.compile("sgd", kr.losses.CrossEntropy(from_logits=True))
        for begin, end in parts:
            # As if in a new process, but for the weights.
            tracker = frozen.tracker()
            data = tracker.track(x, labels, batch_size=frozen.BATCH, seed=3)
            model.fit(
                data,
                initial_epoch=begin,
                epochs=end,
                verbose=0,
                callbacks=[tracker],
            )
        ended.append(model.get_weights())
    for one, two in zip(*ended, strict=True):
        np.testing.assert_array_equal(one, two)


@WAYS
def test_class_weights_weigh(way):
    x, labels = frozen.samples()
    weights = {0: 2.0, 1: 0.0, 2: 1.0}
    plain = frozen.classifier()
    expected = plain.fit(
        x, labels, class_weight=weights, batch_size=frozen.N, verbose=0
    )
    model = keras.models.clone_model(plain)
    frozen.compiled(model, "sparse_categorical_crossentropy")
    model.set_weights(plain.get_weights())
    tracker = frozen.tracker()
    found = way(
        tracker,
        model,
        x,
        labels,
        class_weight=weights,
        batch_size=frozen.N,
        verbose=0,
    )
    np.testing.assert_allclose(
        found.history["loss"], expected.history["loss"], rtol=1e-5
    )
    frozen.check(tracker, model, x, labels, 1)


@WAYS
@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_interrupt_leaves_the_model_as_it_was(way, error):
    x, labels = frozen.samples()
    model = frozen.classifier()
    tracker = frozen.tracker()
    stop = frozen.Interrupt(error)
    with pytest.raises(error):
        way(
            tracker,
            model,
            x,
            labels,
            epochs=3,
            batch_size=frozen.BATCH,
            # One that acts leaves the model too.
            callbacks=[stop, kr.callbacks.SampleWeights()],
            verbose=0,
        )
    assert is_plain(model)
    assert tracker.trajectories.num_epochs == 1
    # The same samples: what was recorded goes on.
    way(tracker, model, x, labels, batch_size=frozen.BATCH, verbose=0)
    frozen.check(tracker, model, x, labels, 2)


@WAYS
def test_ids_and_the_callback_in_the_list(way):
    x, labels = frozen.samples()
    names = np.array([f"s{i}" for i in range(frozen.N)])
    model = frozen.classifier()
    tracker = frozen.tracker()
    options = {"callbacks": [tracker], "verbose": 0}
    if way is by_fit:
        tracker.fit(model, x, labels, ids=names, **options)
    else:
        with tracker.attach(model):
            model.fit(x, tracker.with_ids(labels, names), **options)
    np.testing.assert_array_equal(tracker.trajectories.ids, names)


@WAYS
def test_without_shuffling_it_trains_as_fit_does(way):
    x, labels = frozen.samples()
    plain = frozen.classifier(learning_rate=0.1)
    model = keras.models.clone_model(plain)
    frozen.compiled(model, "sparse_categorical_crossentropy", 0.1)
    model.set_weights(plain.get_weights())
    options = {"batch_size": frozen.BATCH, "epochs": 3, "shuffle": False}
    plain.fit(x, labels, verbose=0, **options)
    way(frozen.tracker(), model, x, labels, verbose=0, **options)
    for found, expected in zip(
        model.get_weights(), plain.get_weights(), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


@WAYS
def test_validation_data_comes_before_the_split(way):
    x, labels = frozen.samples()
    tracker = frozen.tracker()
    way(
        tracker,
        frozen.classifier(),
        x,
        labels,
        validation_split=0.5,
        validation_data=(x[:5], labels[:5]),
        callbacks=keras.callbacks.TerminateOnNaN(),
        verbose=0,
    )
    assert len(tracker.trajectories) == frozen.N


def test_the_same_samples_go_on():
    x, labels = frozen.samples()
    model = frozen.classifier()
    tracker = frozen.tracker()
    with tracker.attach(model):
        model.fit(x, labels, epochs=2, verbose=0)
        model.fit(x, labels, initial_epoch=2, epochs=4, verbose=0)
    assert tracker.trajectories.epochs.tolist() == [0, 1, 2, 3]
    tracker.fit(model, x, (labels + 1) % frozen.CLASSES, verbose=0)
    assert tracker.trajectories.epochs.tolist() == [0]


def test_what_people_give_fit_by_position():
    x, labels = frozen.samples()
    model = frozen.classifier()
    tracker = frozen.tracker()
    with tracker.attach(model):
        history = model.fit(x, labels, frozen.BATCH, 2, 0)
    assert history.epoch == [0, 1]
    frozen.check(tracker, model, x, labels, 2)


def test_attach_gives_back_a_fit_of_the_users_own():
    model = frozen.classifier()
    own = model.fit
    model.__dict__["fit"] = own
    with frozen.tracker().attach(model):
        assert model.fit is not own
    assert model.__dict__["fit"] is own


def test_attach_after_an_interrupted_fit():
    x, labels = frozen.samples()
    model = frozen.classifier(kr.losses.AsymmetricGCE())
    left = [kr.callbacks.CrossEntropyWarmUp(1), frozen.Interrupt(OSError, 0, 0)]
    with pytest.raises(OSError):
        model.fit(x, labels, verbose=0, callbacks=left)
    assert not is_plain(model)
    tracker = frozen.tracker()
    with tracker.attach(model):
        for _ in range(2):
            model.fit(x, labels, verbose=0)
    frozen.check(tracker, model, x, labels, 2)
    assert is_plain(model)
    model.fit(x, labels, verbose=0)


def test_data_of_an_earlier_track_is_not_taken_for_that_of_now():
    x, labels = frozen.samples()
    model, tracker = frozen.classifier(), frozen.tracker()
    tracker.fit(model, x, labels, verbose=0)
    old = tracker.track(x, labels)
    tracker.track(x + 1.0, labels)
    with pytest.raises(ValueError, match="does not say which samples"):
        model.fit(old, verbose=0, callbacks=[tracker])


def test_attach_takes_models():
    with pytest.raises(ValueError) as error:
        with frozen.tracker().attach("model"):
            pass
    assert str(error.value) == "`attach` takes a keras.Model. Received: str"


def test_plain_fit_after_attach_is_plain():
    x, labels = frozen.samples()
    model = frozen.classifier()
    tracker = frozen.tracker()
    by_attach(tracker, model, x, labels, verbose=0)
    model.fit(x, labels, verbose=0)
    assert tracker.trajectories.num_epochs == 1
    assert isinstance(tracker, kr.callbacks.LossTrajectory)
