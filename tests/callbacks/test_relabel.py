"""Labels that the loss is told in place of the given ones."""

import keras
import numpy as np
import pytest

import keras_robust as kr
from tests.training import frozen

CLASSES = frozen.CLASSES


def wrong_labels(count=400, rate=0.3):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(count, 4)).astype("float32")
    right = x.argmax(axis=1)
    given = kr.noise.symmetric(right, rate=rate, num_classes=4, seed=0)
    return x, right, given


def linear(loss=None, rate=0.05, **options):
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(4, activation="softmax")]
    )
    model.compile(
        keras.optimizers.Adam(rate),
        kr.losses.CrossEntropy() if loss is None else loss,
        **options,
    )
    return model


class Fixed(kr.callbacks.Relabel):
    """Tells labels of the test's own, from epoch 1 on."""

    def __init__(self, tracker, labels):
        super().__init__(tracker, start=1, every=9)
        self.told = labels

    def _judge_once(self, epoch, ago):
        self._record.set(epoch, self.told, np.ones(len(self.told)))


def told_losses(model, x, labels):
    p = model.predict(x, verbose=0).astype("float64")
    if p.shape[1] == 1:
        p = np.concatenate([1.0 - p, p], axis=1)
    return -np.log(np.take_along_axis(p, labels[:, None], 1)[:, 0])


def forms():
    given = frozen.samples()[1]
    eye = np.eye(CLASSES)
    sparse, soft = "sparse_categorical_crossentropy", 0.8 * eye + 0.1
    soft /= soft.sum(axis=1, keepdims=True)
    yield "int", given, sparse
    yield "uint8", given.astype("uint8"), sparse
    yield "column", given[:, None], kr.losses.CrossEntropy()
    yield "one_hot", eye[given].astype("int32"), kr.losses.CrossEntropy()
    yield "soft", soft[given], "categorical_crossentropy"


@pytest.mark.parametrize("form, y, loss", forms(), ids=lambda v: str(v)[:7])
def test_the_loss_is_told_the_labels(form, y, loss):
    model = frozen.classifier(loss)
    x, given = frozen.samples()
    kept = y.copy()
    new = (given + np.arange(frozen.N) % 2) % CLASSES
    tracker = frozen.tracker()
    relabel = Fixed(tracker, new)
    logged = model.fit(
        tracker.track(x, y, batch_size=frozen.N),
        epochs=2,
        verbose=0,
        callbacks=[relabel, tracker],
    ).history["loss"]
    p = model.predict(x, verbose=0).astype("float64")
    expected = []
    for labels in (given, new):
        rows = np.eye(CLASSES)[labels]
        if form == "soft":
            rows = (0.8 * rows + 0.1) / 1.1
        expected.append(np.mean(-(rows * np.log(p)).sum(axis=1)))
    np.testing.assert_allclose(logged, expected, rtol=1e-5)
    np.testing.assert_array_equal(y, kept)
    # What is recorded is of the given labels.
    frozen.check(tracker, model, x, given, 2)
    np.testing.assert_array_equal(relabel.labels, new)
    assert len(relabel.changes) == np.count_nonzero(new != given)
    assert "_keras_robust_attachment" not in vars(model)


def test_a_binary_head():
    model = frozen.classifier("binary_crossentropy", "sigmoid", outputs=1)
    x, given = frozen.samples(classes=2)
    tracker = frozen.tracker()
    logged = model.fit(
        tracker.track(x, given.astype("float32"), batch_size=frozen.N),
        epochs=2,
        verbose=0,
        callbacks=[tracker, Fixed(tracker, 1 - given)],
    ).history["loss"]
    expected = [told_losses(model, x, y).mean() for y in (given, 1 - given)]
    np.testing.assert_allclose(logged, expected, rtol=1e-5)


def test_one_of_several_outputs():
    inputs = keras.Input((frozen.FEATURES,))
    dense = keras.layers.Dense
    outputs = {
        "kind": dense(CLASSES, activation="softmax", name="kind")(inputs),
        "size": dense(1, name="size")(inputs),
    }
    model = keras.Model(inputs, outputs)
    model.compile(
        keras.optimizers.SGD(0.0),
        {"kind": kr.losses.CrossEntropy(), "size": "mse"},
    )
    x, given = frozen.samples()
    tracker = frozen.tracker(output="kind")
    y = {"kind": given, "size": np.zeros((frozen.N, 1), "float32")}
    logged = model.fit(
        tracker.track(x, y, batch_size=frozen.N),
        epochs=2,
        verbose=0,
        callbacks=[tracker, Fixed(tracker, (given + 1) % CLASSES)],
    ).history
    p = model.predict(x, verbose=0)["kind"].astype("float64")
    now = -np.log(p[np.arange(frozen.N), (given + 1) % CLASSES]).mean()
    then = -np.log(p[np.arange(frozen.N), given]).mean()
    gone = np.diff(logged["loss"])
    np.testing.assert_allclose(gone, [now - then], rtol=1e-4)


def digits(rate=0.4):
    from sklearn.datasets import load_digits

    images, right = load_digits(return_X_y=True)
    given = kr.noise.symmetric(right, rate=rate, num_classes=10, seed=0)
    return (images / 16).astype("float32"), right, given


@pytest.mark.parametrize("most", [0.5, 0.05])
def test_it_finds_the_right_labels(most, capsys):
    keras.utils.set_random_seed(0)
    x, right, given = digits()
    dense = keras.layers.Dense
    model = keras.Sequential(
        [
            keras.Input((64,)),
            dense(64, activation="relu"),
            dense(10, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.01), kr.AsymmetricGCE(q=3))
    tracker = kr.callbacks.LossTrajectory()
    relabel = kr.callbacks.Relabel(
        tracker, max_fraction=most, truth=right, verbose=1
    )
    y = given.copy()
    model.fit(
        tracker.track(x, y, batch_size=128),
        epochs=16,
        verbose=0,
        callbacks=[relabel, kr.callbacks.CrossEntropyWarmUp(5), tracker],
    )
    np.testing.assert_array_equal(y, given)
    changed = relabel.labels != given
    precision = (relabel.labels == right)[changed].mean()
    assert relabel.precision == pytest.approx(precision)
    assert precision >= 0.9
    said = capsys.readouterr().out
    assert f"Relabel: {precision:.3f} of {changed.sum()} changed" in said
    if most == 0.05:
        assert changed.sum() == int(0.05 * len(x))
    else:
        assert changed.sum() > 0.7 * (given != right).sum()
    table = relabel.changes
    assert table.dtype.names == ("id", "epoch", "from", "to", "confidence")
    assert set(table["epoch"]) == {10, 15}
    made = table[~np.isnan(table["confidence"])]
    assert (made["confidence"] >= 0.9).all()
    # The record leads from the given labels to those in force.
    replayed = given.copy()
    for row in table:
        assert replayed[row["id"]] == row["from"]
        replayed[row["id"]] = row["to"]
    np.testing.assert_array_equal(replayed, relabel.labels)


def test_validation_data_stay_as_they_are():
    model = frozen.classifier()
    x, given = frozen.samples()
    tracker = frozen.tracker()
    held_out = x[:9] + 1.0, given[:9]
    logged = model.fit(
        tracker.track(x, given, batch_size=frozen.N),
        epochs=3,
        verbose=0,
        validation_data=held_out,
        callbacks=[tracker, Fixed(tracker, (given + 1) % CLASSES)],
    ).history
    expected = told_losses(model, *held_out).mean()
    np.testing.assert_allclose(logged["val_loss"], [expected] * 3, rtol=1e-5)
    assert abs(logged["loss"][2] - logged["loss"][0]) > 1e-3


@pytest.mark.filterwarnings("ignore:Relabel begins with epoch")
@pytest.mark.parametrize("which", ["feed", "same", "part", "copy"])
def test_training_data_are_no_validation_data(which):
    model = frozen.classifier()
    x, given = frozen.samples()
    tracker = frozen.tracker()
    data = tracker.track(x, given)
    held_out = {
        "feed": data,
        "same": (x, given),
        "part": (x[20:], given[20:]),
        "copy": (x.astype("float64"), given.astype("float64")),
    }[which]
    with pytest.raises(ValueError, match="not to be judged"):
        model.fit(
            data,
            verbose=0,
            validation_data=held_out,
            callbacks=[tracker, kr.callbacks.Relabel(tracker, start=1)],
        )


@pytest.mark.filterwarnings("ignore:Relabel begins with epoch")
def test_nor_where_tracking_and_fitting_are_one_call():
    model = frozen.classifier()
    x, given = frozen.samples()
    tracker = frozen.tracker()
    with pytest.raises(ValueError, match="not to be judged"):
        tracker.fit(
            model,
            x,
            given,
            verbose=0,
            validation_data=(x, given),
            callbacks=[kr.callbacks.Relabel(tracker, start=1)],
        )


@pytest.mark.filterwarnings("ignore:Relabel begins with epoch")
def test_samples_beside_each_other_and_other_labels_are_held_out():
    model = frozen.classifier()
    x, given = frozen.samples()
    tracker = frozen.tracker()
    for train, held_out in (
        ((x[:20], given[:20]), (x[20:], given[20:])),
        ((x[:20], given[:20]), (x[:20], given[:20] * 0)),
        ((x[::2], given[::2]), (x[1::2], given[1::2])),
    ):
        model.fit(
            tracker.track(*train),
            verbose=0,
            validation_data=held_out,
            callbacks=[tracker, kr.callbacks.Relabel(tracker, start=1)],
        )


def test_undo():
    model = frozen.classifier()
    x, given = frozen.samples()
    new = (given + 1) % CLASSES
    names = [f"s{i}" for i in range(frozen.N)]
    tracker = frozen.tracker()
    relabel = Fixed(tracker, new)
    losses = told_losses(model, x, given), told_losses(model, x, new)

    class Undo(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                assert relabel.undo(names[:10]) == 10
            if epoch == 2:
                assert relabel.undo() == frozen.N - 10

    with pytest.raises(ValueError, match="nothing has been trained"):
        relabel.undo()
    logged = model.fit(
        tracker.track(x, given, batch_size=frozen.N, ids=names),
        epochs=4,
        verbose=0,
        callbacks=[tracker, relabel, Undo()],
    ).history["loss"]
    some = np.concatenate([losses[0][:10], losses[1][10:]])
    expected = [losses[0], losses[1], some, losses[0]]
    np.testing.assert_allclose(
        logged, [part.mean() for part in expected], rtol=1e-5
    )
    table = relabel.changes
    assert table["epoch"].tolist() == [1] * 30 + [2] * 10 + [3] * 20
    assert table["id"][30:40].tolist() == names[:10]
    assert np.isnan(table["confidence"][30:]).all()
    np.testing.assert_array_equal(relabel.labels, given)
    with pytest.raises(ValueError, match="'s99'"):
        relabel.undo(["s99"])


def test_what_was_undone_is_not_changed_again():
    keras.utils.set_random_seed(0)
    x, _, given = wrong_labels()
    tracker = kr.callbacks.LossTrajectory()
    relabel = kr.callbacks.Relabel(tracker, start=6)
    model = linear()
    data = tracker.track(x, given, batch_size=40)
    model.fit(data, epochs=8, verbose=0, callbacks=[tracker, relabel])
    undone = relabel.changes["id"][:5]
    relabel.undo(undone)
    np.testing.assert_array_equal(relabel.labels[undone], given[undone])
    model.fit(
        data,
        initial_epoch=8,
        epochs=10,
        verbose=0,
        callbacks=[tracker, relabel],
    )
    np.testing.assert_array_equal(relabel.labels[undone], given[undone])
    assert (relabel.labels != given).any()


def test_it_goes_on_where_it_was(tmp_path):
    """Broken off between two judgements: labels and record are as unbroken."""
    x, _, given = wrong_labels()

    def run(store, parts):
        keras.utils.set_random_seed(0)
        model = linear()
        for begin, end in parts:
            tracker = kr.callbacks.LossTrajectory(
                store=str(tmp_path / store), resume=True
            )
            relabel = kr.callbacks.Relabel(tracker, start=5, every=3)
            model.fit(
                tracker.track(x, given, batch_size=40, shuffle=False),
                initial_epoch=begin,
                epochs=end,
                shuffle=False,
                verbose=0,
                callbacks=[tracker, relabel],
            )
        return model.get_weights(), relabel.changes

    whole, changes = run("whole", [(0, 13)])
    parted, again = run("parted", [(0, 7), (7, 13)])
    assert set(changes["epoch"]) == {5, 8, 11}
    for name in changes.dtype.names:
        np.testing.assert_array_equal(changes[name], again[name])
    for ours, theirs in zip(whole, parted, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.filterwarnings("ignore:Fixed begins with epoch")
def test_the_next_fit_begins_with_the_given_labels():
    x, given = frozen.samples()
    tracker = frozen.tracker()
    relabel = Fixed(tracker, (given + 1) % CLASSES)
    model = frozen.classifier()
    data = tracker.track(x, given, batch_size=frozen.N)
    interrupt = frozen.Interrupt(KeyboardInterrupt, epoch=2, batch=0)
    callbacks = [tracker, relabel, interrupt]
    with pytest.raises(KeyboardInterrupt):
        model.fit(data, epochs=4, verbose=0, callbacks=callbacks)
    assert len(relabel.changes) == frozen.N
    expected = told_losses(model, x, given).mean()
    logged = model.fit(data, verbose=0, callbacks=[relabel, tracker])
    np.testing.assert_allclose(logged.history["loss"], [expected], rtol=1e-5)
    np.testing.assert_array_equal(relabel.labels, given)
    assert len(relabel.changes) == 0


@pytest.mark.filterwarnings("ignore:Relabel begins with epoch")
def test_refused():
    x, given = frozen.samples()
    tracker, other = frozen.tracker(), frozen.tracker()
    relabel = kr.callbacks.Relabel
    data = tracker.track(x, given)

    def fit(*callbacks, model=None, data=data):
        model = frozen.classifier() if model is None else model
        model.fit(data, verbose=0, callbacks=list(callbacks))

    with pytest.raises(ValueError, match="Only one callback may replace"):
        fit(tracker, relabel(tracker), relabel(tracker))
    with pytest.raises(ValueError, match="another tracker"):
        fit(tracker, relabel(other))
    with pytest.raises(ValueError, match="Relabel acts on single samples"):
        frozen.classifier().fit(x, given, callbacks=[relabel(tracker)])
    with pytest.raises(ValueError, match="2 labels, 30 samples"):
        fit(tracker, relabel(tracker, truth=[0, 1]))
    labels = np.arange(20).reshape(4, 5) % 3
    model = keras.Sequential(
        [keras.Input((5, 2)), keras.layers.Dense(3, activation="softmax")]
    )
    frozen.compiled(model, "sparse_categorical_crossentropy")
    dense = tracker.track(np.zeros((4, 5, 2), "float32"), labels, num_classes=3)
    with pytest.raises(ValueError, match="several positions"):
        fit(tracker, relabel(tracker), model=model, data=dense)


def test_labels_too_narrow_for_the_classes():
    from keras_robust.callbacks.told_labels import _numbers

    given = keras.ops.convert_to_tensor(np.zeros(2, "uint8"))
    told = keras.ops.convert_to_tensor(np.array([0, 256], "int32"))
    found = keras.ops.convert_to_numpy(_numbers(given, told, 256))
    assert found.tolist() == [0, 255] and found.dtype == "uint8"
    with pytest.raises(ValueError, match="uint8, 257 classes"):
        _numbers(given, told, 257)
    flags = keras.ops.cast(given, "bool")
    with pytest.raises(ValueError, match="bool, 3 classes"):
        _numbers(flags, told, 3)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"threshold": 1.1}, "`threshold` must.*at most 1.*1.1"),
        ({"threshold": -0.1}, "`threshold` must.*at least 0"),
        ({"max_fraction": 0.0}, "`max_fraction` must.*above 0"),
        ({"max_fraction": 1.5}, "`max_fraction` must.*at most 1"),
        ({"start": 0}, "`start` must.*at least 1"),
        ({"every": 0}, "`every` must.*at least 1"),
        ({"window": 0}, "`window` must.*at least 1"),
        ({"score": "aumm"}, "aumm"),
        ({"split": "gmmm"}, "gmmm"),
        ({"truth": [[0, 1]]}, r"`truth` must.*\(1, 2\)"),
        ({"truth": [0.5]}, "`truth` must.*float64"),
        ({"score": "mean_cross_entropy"}, "not record.*LossTrajectory"),
    ],
)
def test_bad_input(options, message):
    tracker = kr.callbacks.LossTrajectory(signals=["margin"])
    with pytest.raises(ValueError, match=message):
        kr.callbacks.Relabel(tracker, **options)


def test_no_tracker_and_no_truth():
    with pytest.raises(ValueError, match="`tracker` must be the LossTraj"):
        kr.callbacks.Relabel("tracker")
    relabel = kr.callbacks.Relabel(kr.callbacks.LossTrajectory())
    with pytest.raises(ValueError, match="truth=None"):
        _ = relabel.precision
    assert relabel.labels is None and relabel.changes is None


@pytest.mark.parametrize("floor", [0.25, 0.0])
def test_a_relabelled_sample_pulls_by_its_weight(floor):
    model = frozen.classifier()
    x, given = frozen.samples()
    flagged = np.arange(frozen.N) % 3 == 0
    new = np.where(flagged, (given + 1) % CLASSES, given)
    weights = np.where(flagged, floor, 1.0)
    tracker = frozen.tracker()
    logged = model.fit(
        tracker.track(x, given, batch_size=frozen.N),
        epochs=2,
        verbose=0,
        callbacks=[
            kr.callbacks.SampleWeights(weights),
            Fixed(tracker, new),
            tracker,
        ],
    ).history["loss"]
    expected = [
        np.average(told_losses(model, x, labels), weights=weights)
        for labels in (given, new)
    ]
    np.testing.assert_allclose(logged, expected, rtol=1e-5)
    # Without a weight the new labels change nothing.
    assert (abs(expected[1] - expected[0]) > 1e-3) == (floor > 0)


@pytest.mark.filterwarnings("ignore:.*judges samples by their given")
def test_beside_the_others():
    x, right, given = wrong_labels()
    keras.utils.set_random_seed(0)
    rise = kr.losses.schedules.Linear(0.2, 0.8, end_epoch=6)
    model = linear(kr.losses.GeneralizedCrossEntropy(q=rise))
    tracker = kr.callbacks.LossTrajectory()
    relabel = kr.callbacks.Relabel(tracker, start=6, truth=right)
    # Of a floor of 0 the relabelled samples would have no effect.
    reweight = kr.callbacks.Reweight(tracker, start=4, floor=0.25)
    callbacks = [
        reweight,
        relabel,
        kr.callbacks.EarlyLearning(weight=0.5, verbose=0),
        kr.callbacks.CrossEntropyWarmUp(2),
        tracker,
        kr.callbacks.LossSchedules(),
    ]
    logged = model.fit(
        tracker.track(x, given, batch_size=40),
        epochs=10,
        verbose=0,
        callbacks=callbacks,
    ).history["loss"]
    assert np.isfinite(logged).all()
    assert relabel.precision > 0.8
    weights = reweight.weights[relabel.labels != given]
    assert (weights == 0.25).mean() > 0.8 and (weights > 0).all()
    assert "_keras_robust_attachment" not in vars(model)


def test_who_drops_beside_who_corrects_is_warned_of():
    model = frozen.classifier()
    tracker = frozen.tracker()
    callbacks = [
        tracker,
        kr.callbacks.SmallLoss(tracker, 0.2),
        Fixed(tracker, np.zeros(frozen.N, "int64")),
    ]
    data = tracker.track(*frozen.samples())
    with pytest.warns(UserWarning, match="SmallLoss judges samples by their"):
        model.fit(data, epochs=2, verbose=0, callbacks=callbacks)
