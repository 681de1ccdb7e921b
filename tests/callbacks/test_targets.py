"""Targets of every sample: their memory, and what survives an interruption."""

import types

import keras
import numpy as np
import pytest

import keras_robust as kr
from keras_robust.callbacks import kept
from tests.training import frozen


def quiet(**options):
    return kr.callbacks.EarlyLearning(verbose=0, **options)


def fit(model, callback, epochs=3, first=0, count=frozen.N, labels=None):
    x, given = frozen.samples(count)
    tracker = frozen.tracker()
    data = tracker.track(
        x,
        given if labels is None else labels,
        batch_size=10,
        shuffle=False,
    )
    model.fit(
        data,
        initial_epoch=first,
        epochs=epochs,
        shuffle=False,
        verbose=0,
        callbacks=[callback, tracker],
    )
    return callback.targets


def learner():
    keras.utils.set_random_seed(0)
    return frozen.classifier(kr.losses.CrossEntropy(), learning_rate=0.5)


def test_the_largest_of_all_are_all():
    """With k = K nothing is dropped, and training is the same."""
    dense, sparse = learner(), learner()
    targets = fit(dense, quiet())
    again = fit(sparse, quiet(top_k=frozen.CLASSES))
    np.testing.assert_allclose(again, targets, rtol=1e-6)
    for ours, theirs in zip(
        sparse.get_weights(), dense.get_weights(), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_several_steps_compiled_together():
    if keras.backend.backend() == "torch":
        pytest.skip("PyTorch runs every step in Python")
    plain, together = learner(), learner()
    together.compile(
        keras.optimizers.SGD(0.5),
        loss=kr.losses.CrossEntropy(),
        steps_per_execution=3,
        jit_compile=True,
    )
    targets = fit(plain, quiet(top_k=2))
    again = fit(together, quiet(top_k=2))
    np.testing.assert_allclose(again, targets, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_the_smallest_is_dropped(dtype):
    model = frozen.classifier(kr.losses.CrossEntropy())
    p = model.predict(frozen.samples()[0], verbose=0).astype("float64")
    expected = np.zeros_like(p)
    for _ in range(3):
        expected = 0.7 * expected + 0.3 * p
        smallest = expected.argmin(axis=1)
        expected[np.arange(frozen.N), smallest] = 0.0
    targets = fit(model, quiet(top_k=2, dtype=dtype))
    assert targets.dtype == dtype
    rtol = 1e-5 if dtype == "float32" else 2e-3
    np.testing.assert_allclose(targets, expected, rtol=rtol)


def test_what_it_takes_is_said_and_limited(capsys):
    model = frozen.classifier(kr.losses.CrossEntropy())
    options = {"top_k": 2, "dtype": "float16"}
    fit(model, kr.callbacks.EarlyLearning(**options), epochs=1)
    assert "keeps 30 x 2 numbers, 360 bytes" in capsys.readouterr().out
    with pytest.raises(ValueError, match="360 bytes.*top_k=2"):
        fit(model, quiet(max_bytes=359, **options))
    with pytest.raises(ValueError, match="at most the number of classes, 3"):
        fit(model, quiet(top_k=4))


@pytest.mark.parametrize("top_k", [None, 2])
def test_it_goes_on_where_it_was(tmp_path, top_k):
    store = str(tmp_path / "targets.npz")
    whole = learner()
    targets = fit(whole, quiet(top_k=top_k), epochs=6)
    parted = learner()
    options = {"top_k": top_k, "store": store, "resume": True}
    fit(parted, quiet(**options), epochs=3)
    parted.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    again = fit(loaded, quiet(**options), epochs=6, first=3)
    np.testing.assert_allclose(again, targets, rtol=1e-6)
    for ours, theirs in zip(
        loaded.get_weights(), whole.get_weights(), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6)
    # Nothing is left beside it but the epoch before.
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "model.keras",
        "targets.npz",
        "targets.npz.previous",
    ]


def test_it_goes_on_with_the_weights_of_backup_and_restore(tmp_path):
    """Broken off in the middle of an epoch."""
    targets = fit(learner(), quiet(), epochs=4)
    elr = quiet(store=tmp_path / "targets.npz", resume=True)
    x, labels = frozen.samples()
    model = learner()
    for break_off in (True, False):
        tracker = frozen.tracker()
        callbacks = [
            tracker,
            elr,
            keras.callbacks.BackupAndRestore(tmp_path / "backup"),
        ]
        data = tracker.track(x, labels, batch_size=10, shuffle=False)
        options = {"epochs": 4, "shuffle": False, "verbose": 0}
        if break_off:
            callbacks.append(frozen.Interrupt(KeyboardInterrupt, epoch=2))
            with pytest.raises(KeyboardInterrupt):
                model.fit(data, callbacks=callbacks, **options)
            # As far as it came.
            assert elr.targets.shape == targets.shape
        else:
            model.fit(data, callbacks=callbacks, **options)
    np.testing.assert_allclose(elr.targets, targets, rtol=1e-6)


def test_the_same_callback_goes_on_with_what_it_has():
    x, labels = frozen.samples()
    targets = fit(learner(), quiet(), epochs=4)
    model, elr, tracker = learner(), quiet(), frozen.tracker()
    data = tracker.track(x, labels, batch_size=10, shuffle=False)
    options = {"shuffle": False, "verbose": 0, "callbacks": [tracker, elr]}
    for begin, end in (0, 2), (2, 4):
        model.fit(data, initial_epoch=begin, epochs=end, **options)
    np.testing.assert_allclose(elr.targets, targets, rtol=1e-6)
    other = frozen.tracker()
    with pytest.warns(UserWarning, match="begins anew.*initial_epoch=4"):
        model.fit(
            other.track(x, (labels + 1) % 3, batch_size=10),
            initial_epoch=4,
            epochs=5,
            verbose=0,
            callbacks=[other, elr],
        )


def test_what_is_of_another_run_is_refused(tmp_path):
    store = str(tmp_path / "targets.npz")
    model = learner()
    fit(model, quiet(store=store))

    def refused(match, first=3, count=frozen.N, labels=None, **options):
        elr = quiet(store=store, **{"resume": True, **options})
        with pytest.raises(ValueError, match=match):
            fit(model, elr, epochs=9, first=first, count=count, labels=labels)

    refused("already: go on with it by `resume=True`", resume=False)
    refused("of epoch 1 and 2.*begins at epoch 4.*=3.*stand after", first=4)
    refused("of epoch 1 and 2.*begins at epoch 0.*=2 or", first=0)
    refused("other samples, labels or classes", count=29)
    refused(
        "other samples, labels or classes",
        labels=(frozen.samples()[1] + 1) % frozen.CLASSES,
    )
    refused(r"keeps targets float32 \(30, 3\), and.*float16", dtype="float16")
    refused(r"keeps targets float32 \(30, 3\), and.*values", top_k=3)
    elr = quiet(store=str(tmp_path / "none.npz"), resume=True)
    with pytest.raises(ValueError, match="begins at epoch 3, and there is no"):
        fit(model, elr, epochs=9, first=3)
    for content in (b"", b"PK\x03\x04", b"nothing"):
        (tmp_path / "targets.npz").write_bytes(content)
        refused("damaged, or none of ours")
    np.savez(store, targets=np.zeros((30, 3)))
    refused("damaged, or none of ours")
    with pytest.raises(ValueError, match="`resume` goes on.*store=None"):
        quiet(resume=True)
    with pytest.raises(ValueError, match="`top_k` must be an integer or None"):
        quiet(top_k=0)


def test_a_store_that_cannot_be_written(tmp_path):
    elr = quiet(store=tmp_path / "none" / "targets.npz")
    with pytest.raises(OSError, match="Cannot write the numbers of EarlyL"):
        fit(learner(), elr)


def test_replicas_would_keep_their_own():
    model = types.SimpleNamespace(_distribute_strategy=object())
    with pytest.raises(ValueError, match="SELC keeps.*tf.distribute"):
        kept.check("SELC", model, False, 3)
    model._distribute_strategy = None
    with pytest.raises(ValueError, match="SELC has to know the number"):
        kept.check("SELC", model, False, None)


@pytest.mark.filterwarnings("ignore:.*judges samples by their given")
@pytest.mark.filterwarnings("ignore:The penalty of TemporalEns")
def test_all_of_them_at_once():
    """None takes another's numbers; SELC is tested alone."""
    x, labels = frozen.samples()

    def run(*others):
        model = learner()
        tracker = frozen.tracker()
        data = tracker.track(x, labels, batch_size=frozen.N)
        selc = kr.callbacks.SELC(start=1, verbose=0)
        made = [make(tracker) for make in others]
        model.fit(
            data,
            validation_data=(x, labels),
            epochs=3,
            verbose=0,
            callbacks=[*made, tracker, selc],
        )
        return selc.targets, made

    callbacks = kr.callbacks
    alone, _ = run()
    # Of no weight in the loss, so that training is the same.
    together, made = run(
        lambda t: quiet(weight=0.0),
        lambda t: callbacks.TemporalEnsembling(weight=0.0, verbose=0, top_k=2),
        lambda t: callbacks.TruncatedWeights(t, k=1e-6, start=1),
    )
    np.testing.assert_allclose(together, alone, rtol=1e-5)
    assert made[0].targets.shape == made[1].targets.shape == (30, 3)
    assert made[2].weights.sum() == 30


def test_it_begins_anew(tmp_path):
    """Nothing of an earlier training, nor of one that was broken off."""
    elr = quiet()
    model = frozen.classifier(kr.losses.CrossEntropy())
    targets = fit(model, elr, epochs=2)
    tracker = frozen.tracker()
    data = tracker.track(*frozen.samples(), batch_size=10)
    with pytest.raises(KeyboardInterrupt):
        model.fit(
            data,
            epochs=3,
            verbose=0,
            callbacks=[tracker, elr, frozen.Interrupt(KeyboardInterrupt)],
        )
    np.testing.assert_array_equal(fit(model, elr, epochs=2), targets)
