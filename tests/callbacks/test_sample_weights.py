"""Weights of single samples inside `fit`, of one's own and of detectors."""

import keras
import numpy as np
import pytest

import keras_robust as kr
from keras_robust.callbacks.reweight import FromTracker
from tests.backend import crossed
from tests.training import frozen


def losses_of(model, x, labels):
    p = model.predict(x, verbose=0).astype("float64")
    return -np.log(np.take_along_axis(p, labels[:, None], 1)[:, 0])


def fit(model, tracker, callbacks, x, labels, batch=frozen.N, **options):
    tracked = {k: options.pop(k) for k in ("sample_weight",) if k in options}
    data = tracker.track(x, labels, batch_size=batch, **tracked)
    options = {"epochs": 3, "verbose": 0, **options}
    return model.fit(data, callbacks=callbacks, **options).history["loss"]


@crossed("normalize, weighted, first", *[[False, True]] * 3)
def test_the_loss_is_weighted(normalize, weighted, first):
    model = frozen.classifier()
    x, labels = frozen.samples()
    losses = losses_of(model, x, labels)
    weights = np.linspace(0.0, 3.0, frozen.N)
    own = np.linspace(2.0, 0.5, frozen.N) if weighted else np.ones(frozen.N)
    tracker = frozen.tracker()
    given = kr.callbacks.SampleWeights(weights, normalize=normalize)
    callbacks = [given, tracker] if first else [tracker, given]
    scale = own.sum() / (own * weights).sum() if normalize else 1.0
    expected = np.mean(losses * own * weights) * scale
    options = {"sample_weight": own} if weighted else {}
    found = fit(model, tracker, callbacks, x, labels, **options)
    np.testing.assert_allclose(found, [expected] * 3, rtol=1e-5)
    # What is recorded is of every sample, whatever its weight.
    frozen.check(tracker, model, x, labels, 3)
    assert "_keras_robust_attachment" not in vars(model)


def test_every_batch_has_a_mean_weight_of_one():
    """So that the learning rate stays what it is."""
    model = frozen.classifier()
    x, labels = frozen.samples()
    losses = losses_of(model, x, labels)
    weights = np.linspace(0.0, 3.0, frozen.N)
    tracker = frozen.tracker()
    given = kr.callbacks.SampleWeights(weights)
    data = tracker.track(x, labels, batch_size=10, shuffle=False)
    found = model.fit(
        data, verbose=0, shuffle=False, callbacks=[tracker, given]
    ).history["loss"]
    parts = [slice(0, 10), slice(10, 20), slice(20, 30)]
    of_batches = [
        (losses[part] * weights[part]).sum() / weights[part].sum()
        for part in parts
    ]
    np.testing.assert_allclose(found, [np.mean(of_batches)], rtol=1e-5)


@pytest.mark.filterwarnings("ignore:10 of 30 samples were never seen")
def test_a_batch_of_weight_0_changes_nothing():
    model = frozen.classifier(learning_rate=0.5)
    x, labels = frozen.samples()
    before = model.get_weights()
    weights = np.zeros(frozen.N)
    weights[-1] = 1.0
    tracker = frozen.tracker()
    given = kr.callbacks.SampleWeights(weights)
    data = tracker.track(x, labels, batch_size=10, shuffle=False)
    model.fit(
        data,
        steps_per_epoch=2,
        shuffle=False,
        verbose=0,
        callbacks=[tracker, given],
    )
    for now, then in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_a_change_counts_from_the_next_epoch_on():
    model = frozen.classifier()
    x, labels = frozen.samples()
    losses = losses_of(model, x, labels)
    given = kr.callbacks.SampleWeights()
    halves = np.repeat([1.0, 0.0], frozen.N // 2)

    class Change(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            given.set(halves if epoch == 0 else 1.0 - halves)

    tracker = frozen.tracker()
    callbacks = [tracker, given, Change()]
    found = fit(model, tracker, callbacks, x, labels)
    half = frozen.N // 2
    expected = [losses.mean(), losses[:half].mean(), losses[half:].mean()]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_small_loss_drops_ever_more():
    model = frozen.classifier()
    x, labels = frozen.samples()
    losses = losses_of(model, x, labels)
    tracker = frozen.tracker()
    small = kr.callbacks.SmallLoss(tracker, noise_rate=0.4, epochs=2)
    found = fit(model, tracker, [small, tracker], x, labels, epochs=4)
    ordered = np.sort(losses)
    kept = [frozen.N, 24, 18, 18]
    expected = [ordered[:count].mean() for count in kept]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert set(np.flatnonzero(small.weights == 0)) == set(
        np.argsort(losses)[18:]
    )


@pytest.mark.filterwarnings("ignore:.*samples were never seen")
def test_who_is_not_in_an_epoch_is_judged_by_when_it_was():
    """Epochs of half the samples: every other one would drop nobody."""
    x, labels = frozen.samples()
    model, tracker = frozen.classifier(), frozen.tracker()
    small = kr.callbacks.SmallLoss(tracker, 0.5, epochs=1)
    data = tracker.track(x, labels, batch_size=15, shuffle=False)
    model.fit(
        data,
        epochs=4,
        steps_per_epoch=1,
        verbose=0,
        callbacks=[tracker, small],
    )
    losses = losses_of(model, x, labels)
    np.testing.assert_array_equal(
        small.weights == 0, losses > np.median(losses)
    )


def test_the_next_fit_begins_anew():
    tracker = frozen.tracker()
    small = kr.callbacks.SmallLoss(tracker, noise_rate=0.97, epochs=1)
    x, labels = frozen.samples()
    for count in (frozen.N, 9):
        model = frozen.classifier()
        found = fit(model, tracker, [tracker, small], x[:count], labels[:count])
        everyone = losses_of(model, x[:count], labels[:count])
        np.testing.assert_allclose(found[0], everyone.mean(), rtol=1e-5)
        kept = max(1, count - round(0.97 * count))
        assert small.weights.sum() == kept


def test_the_tracker_is_the_one_of_this_fit():
    tracker, other = frozen.tracker(), frozen.tracker()
    x, labels = frozen.samples()
    fit(frozen.classifier(), other, [other], x, labels)
    small = kr.callbacks.SmallLoss(other, noise_rate=0.2)
    model = frozen.classifier()
    with pytest.raises(ValueError, match="another tracker"):
        fit(model, tracker, [tracker, small], x, labels)
    reweight = kr.callbacks.Reweight(tracker, start=3)
    with pytest.warns(UserWarning, match="start=3, epochs=3"):
        fit(model, tracker, [tracker, reweight], x, labels)


def test_dense_labels_are_refused():
    labels = np.arange(20).reshape(4, 5) % 3
    model = keras.Sequential(
        [keras.Input((5, 2)), keras.layers.Dense(3, activation="softmax")]
    )
    frozen.compiled(model, "sparse_categorical_crossentropy")
    tracker = frozen.tracker()
    data = tracker.track(np.zeros((4, 5, 2), "float32"), labels, num_classes=3)
    weights = kr.callbacks.SampleWeights([1.0, 0.0, 1.0, 1.0])
    with pytest.raises(
        ValueError,
        match="SampleWeights needs.*several positions.*track.sample_weight",
    ):
        model.fit(data, verbose=0, callbacks=[tracker, weights])


def wrong_labels(count=400, rate=0.3):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(count, 4)).astype("float32")
    right = x.argmax(axis=1)
    noisy = kr.noise.symmetric(right, rate=rate, num_classes=4, seed=0)
    return x, right, noisy.labels


def linear(loss):
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(4, activation="softmax")]
    )
    model.compile(keras.optimizers.Adam(0.05), loss=loss)
    return model


@pytest.mark.parametrize("floor", [0.0, 0.25])
def test_reweight_drops_the_wrong_labels(floor):
    keras.utils.set_random_seed(0)
    x, right, given = wrong_labels()
    tracker = kr.callbacks.LossTrajectory()
    reweight = kr.callbacks.Reweight(tracker, start=4, every=3, floor=floor)
    model = linear(kr.losses.CrossEntropy())
    fit(model, tracker, [reweight, tracker], x, given, 40, epochs=12)
    low = reweight.weights < 1.0
    assert set(np.unique(reweight.weights)) == {np.float32(floor), 1.0}
    assert (low == (given != right)).mean() > 0.8


def test_it_goes_on_where_it_was(tmp_path):
    """Broken off between two judgements: the weights are those of then."""
    x, _, given = wrong_labels()

    def run(store, parts):
        keras.utils.set_random_seed(0)
        model = linear(kr.losses.CrossEntropy())
        for begin, end in parts:
            tracker = kr.callbacks.LossTrajectory(
                store=str(tmp_path / store), resume=True
            )
            reweight = kr.callbacks.Reweight(tracker, start=2, every=3)
            data = tracker.track(x, given, batch_size=40, shuffle=False)
            model.fit(
                data,
                initial_epoch=begin,
                epochs=end,
                shuffle=False,
                verbose=0,
                callbacks=[tracker, reweight],
            )
        return model.get_weights(), reweight.weights

    whole, weights = run("whole", [(0, 8)])
    parted, again = run("parted", [(0, 4), (4, 7), (7, 8)])
    np.testing.assert_array_equal(weights, again)
    for ours, theirs in zip(whole, parted, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.filterwarnings("ignore:This training begins at epoch")
@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
def test_a_store_that_is_ahead_tells_nothing_of_the_future(tmp_path, first):
    """The checkpoint is of an earlier epoch, as after a kill between both."""
    model = frozen.classifier()
    x, labels = frozen.samples()
    seen = {}

    class Sees(FromTracker):
        def weights_of(self, epoch, ago):
            seen[epoch] = self.recorded(ago).epochs.tolist()

    for begin, end in (0, 4), (2, 4):
        tracker = frozen.tracker(store=tmp_path / "run.zarr", resume=True)
        data = tracker.track(x, labels)
        seen.clear()
        listed = [tracker, Sees(tracker, start=1, every=1, normalize=True)]
        model.fit(
            data,
            initial_epoch=begin,
            epochs=end,
            verbose=0,
            callbacks=listed[:: -1 if first else 1],
        )
        expected = {e: list(range(e)) for e in range(max(begin, 1), end)}
        assert seen == expected


def test_bad_input():
    tracker = kr.callbacks.LossTrajectory(signals=["margin"])
    callbacks = kr.callbacks
    with pytest.raises(ValueError, match="does not record.*cross_entropy"):
        callbacks.SmallLoss(tracker, 0.2)
    with pytest.raises(ValueError, match="does not record.*LossTrajectory"):
        callbacks.Reweight(tracker, score="mean_cross_entropy")
    with pytest.raises(ValueError, match="aumm"):
        callbacks.Reweight(tracker, score="aumm")
    with pytest.raises(ValueError, match="gmmm"):
        callbacks.Reweight(tracker, split="gmmm")
    with pytest.raises(ValueError, match="`floor` must.*at most 1"):
        callbacks.Reweight(tracker, floor=1.5)
    with pytest.raises(ValueError, match="`start` must.*at least 1"):
        callbacks.Reweight(tracker, start=0)
    with pytest.raises(ValueError, match="`tracker` must be the LossTraj"):
        callbacks.Reweight("tracker")
    with pytest.raises(ValueError, match="`noise_rate` must"):
        callbacks.SmallLoss(kr.callbacks.LossTrajectory(), 1.0)
    for bad in ([1.0, -1.0], [np.nan, 1.0], [0.0, 0.0], [[1.0]]):
        with pytest.raises(ValueError, match="`weights` must be"):
            callbacks.SampleWeights(bad)
    model = frozen.classifier()
    tracker = frozen.tracker()
    data = tracker.track(*frozen.samples())
    with pytest.raises(ValueError, match="3 weights, 30 samples"):
        model.fit(
            data,
            verbose=0,
            callbacks=[tracker, callbacks.SampleWeights([1.0, 1.0, 0.0])],
        )
    with pytest.raises(ValueError, match="SampleWeights acts on single"):
        model.fit(
            *frozen.samples(), verbose=0, callbacks=[callbacks.SampleWeights()]
        )


def test_everything_at_once():
    """Schedule, warm-up, tracker, ELR and weights in one list."""
    x, right, given = wrong_labels()
    keras.utils.set_random_seed(0)
    rise = kr.losses.schedules.Linear(0.2, 0.8, end_epoch=6)
    model = linear(kr.losses.GeneralizedCrossEntropy(q=rise))
    tracker = kr.callbacks.LossTrajectory()
    callbacks = [
        kr.callbacks.Reweight(tracker, start=4),
        kr.callbacks.EarlyLearning(weight=0.5, verbose=0),
        kr.callbacks.CrossEntropyWarmUp(2),
        tracker,
        kr.callbacks.LossSchedules(),
    ]
    logged = fit(model, tracker, callbacks, x, given, 40, epochs=10)
    assert np.isfinite(logged).all()
    predicted = model.predict(x, verbose=0).argmax(axis=1)
    assert (predicted == right).mean() > 0.8
    assert "_keras_robust_attachment" not in vars(model)
