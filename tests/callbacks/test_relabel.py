"""Labels that the loss is told in place of the given ones."""

import keras
import numpy as np
import pytest

import keras_robust as kr
from tests.callbacks.relabelling import Fixed
from tests.callbacks.relabelling import digits
from tests.callbacks.relabelling import linear
from tests.callbacks.relabelling import told_losses
from tests.callbacks.relabelling import wrong_labels
from tests.training import frozen

CLASSES = frozen.CLASSES


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


@pytest.mark.parametrize(
    "most", [0.5, pytest.param(0.05, marks=pytest.mark.once)]
)
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
