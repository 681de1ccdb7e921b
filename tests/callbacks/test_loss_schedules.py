"""Schedules inside the compiled step: the value of every epoch, in `fit`."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_robust as kr
from keras_robust.losses import schedules
from tests.backend import crossed
from tests.training import frozen

EPOCHS = 5
RISE = schedules.Linear(0.2, 1.0, end_epoch=4)
torch_only = keras.backend.backend() == "torch"


def fit(model, callbacks=None, **options):
    """Fits with the whole data in a batch; returns the logs."""
    x, labels = frozen.samples()
    options = {"epochs": EPOCHS, "batch_size": frozen.N, **options}
    if callbacks is None:
        callbacks = [kr.callbacks.LossSchedules()]
    history = model.fit(x, labels, verbose=0, callbacks=callbacks, **options)
    return history.history


def at_every(model, loss, epochs=range(EPOCHS), steps=None):
    """The loss that a frozen model has at every epoch (or step)."""
    x, labels = frozen.samples()
    y_pred = ops.convert_to_tensor(model.predict(x, verbose=0))
    y_true = ops.convert_to_tensor(labels)
    each = [{"epoch": e} for e in epochs]
    if steps is not None:
        each = [{"step": s} for s in steps]
    return [float(loss.at(**now)(y_true, y_pred)) for now in each]


@crossed(
    "options, loss",
    [{}, {"jit_compile": False}, {"run_eagerly": True}],
    [
        kr.losses.GeneralizedCrossEntropy(q=RISE),
        kr.losses.PiecewiseZero(cutoff=schedules.Delayed(0.3, start_epoch=2)),
        kr.losses.SwitchLoss(
            kr.losses.CrossEntropy(),
            RISE * kr.losses.AsymmetricGCE(q=3),
            at_epoch=2,
        ),
    ],
)
def test_the_value_of_every_epoch(loss, options):
    model = frozen.classifier(loss, **options)
    expected = at_every(model, loss)
    assert len(set(expected)) > 1
    np.testing.assert_allclose(fit(model)["loss"], expected, rtol=1e-5)
    # And of the epochs that Keras counts.
    found = fit(model, initial_epoch=3)["loss"]
    np.testing.assert_allclose(found, expected[3:], rtol=1e-5)


@pytest.mark.skipif(torch_only, reason="torch.compile takes long")
@pytest.mark.parametrize("options", [{"jit_compile": True}])
def test_under_xla(options):
    loss = kr.losses.SwitchLoss(
        kr.losses.CrossEntropy(), RISE * kr.losses.Blurry(), at_epoch=2
    )
    model = frozen.classifier(loss, **options)
    np.testing.assert_allclose(
        fit(model)["loss"], at_every(model, loss), rtol=1e-5
    )


def test_it_needs_no_new_trace():
    if torch_only:
        pytest.skip("PyTorch runs every step in Python")
    traces, seen = [], []

    class Counted(kr.losses.GeneralizedCrossEntropy):
        def pointwise(self, p):
            traces.append(None)
            return super().pointwise(p)

    class Watch(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append(len(traces))

    model = frozen.classifier(Counted(q=RISE))
    fit(model, [kr.callbacks.LossSchedules(), Watch()])
    assert seen[0] > 0 and seen == [seen[0]] * EPOCHS


def test_the_weights_follow():
    """The same as compiling anew for every epoch."""
    moving, by_hand = (frozen.classifier() for _ in range(2))
    by_hand.set_weights(moving.get_weights())
    loss = kr.losses.GeneralizedCrossEntropy(q=RISE)
    moving.compile(keras.optimizers.Adam(0.05), loss=loss)
    fit(moving)
    optimizer = keras.optimizers.Adam(0.05)
    for epoch in range(EPOCHS):
        by_hand.compile(optimizer, loss=loss.at(epoch=epoch))
        fit(by_hand, [], epochs=1)
    for ours, theirs in zip(
        moving.get_weights(), by_hand.get_weights(), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_validation_is_of_the_same_epoch():
    loss = kr.losses.GeneralizedCrossEntropy(q=RISE)
    model = frozen.classifier(loss)
    logs = fit(model, validation_data=frozen.samples())
    np.testing.assert_allclose(logs["val_loss"], logs["loss"], rtol=1e-5)
    # Afterwards it is the loss at the schedule's end.
    x, labels = frozen.samples()
    last = model.evaluate(x, labels, verbose=0)
    np.testing.assert_allclose(last, logs["loss"][-1], rtol=1e-5)


@pytest.mark.parametrize("accumulated", [None, 2])
def test_steps_go_on_with_the_optimizer(accumulated):
    fall = schedules.Linear(1.0, 0.2, end_step=9)
    loss = kr.losses.GeneralizedCrossEntropy(q=fall)
    model = frozen.classifier()
    optimizer = keras.optimizers.SGD(
        1e-12, gradient_accumulation_steps=accumulated
    )
    model.compile(optimizer, loss=loss)
    expected = at_every(model, loss, steps=range(8))
    first = fit(model, epochs=4)["loss"]
    then = fit(model, epochs=4)["loss"]
    np.testing.assert_allclose([*first, *then], expected, rtol=1e-5)


@pytest.mark.skipif(torch_only, reason="steps_per_execution is of the others")
def test_several_steps_at_once():
    fall = schedules.Linear(1.0, 0.2, end_step=9)
    loss = kr.losses.GeneralizedCrossEntropy(q=fall)
    model = frozen.classifier(loss, steps_per_execution=2)
    expected = at_every(model, loss, steps=range(4))
    x, labels = frozen.samples()
    twice = np.concatenate([x, x]), np.concatenate([labels, labels])
    history = model.fit(
        *twice,
        batch_size=frozen.N,
        shuffle=False,
        epochs=2,
        verbose=0,
        callbacks=[kr.callbacks.LossSchedules()],
    )
    wanted = [np.mean(expected[:2]), np.mean(expected[2:])]
    np.testing.assert_allclose(history.history["loss"], wanted, rtol=1e-5)


@pytest.mark.parametrize("callbacks", [[], [keras.callbacks.TerminateOnNaN()]])
def test_trained_without_the_callback_it_raises(callbacks):
    model = frozen.classifier(kr.losses.GeneralizedCrossEntropy(q=RISE))
    with pytest.raises(Exception, match="LossSchedules.*at_epoch"):
        fit(model, callbacks)
    assert "_keras_robust_attachment" not in vars(model)


def test_a_loss_asked_twice_is_of_one_step():
    seen = []

    class Twice(keras.Sequential):
        def train_step(self, *args):
            if keras.backend.backend() != "torch":
                return super().train_step(*args)
            x, y, _ = keras.utils.unpack_x_y_sample_weight(args[-1])
            y_pred = self(x, training=True)
            for _ in range(2):
                seen.append(self.compute_loss(x, y, y_pred).item())
            return super().train_step(*args)

    layers = [keras.Input((4,)), keras.layers.Dense(3, activation="softmax")]
    fall = schedules.Delayed(0.2, start_step=1, before=1.0)
    loss = kr.losses.GeneralizedCrossEntropy(q=fall)
    model = frozen.compiled(Twice(layers), loss)
    expected = at_every(model, loss, steps=range(3))
    found = fit(model, epochs=3)["loss"]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    if torch_only:
        np.testing.assert_allclose(seen, np.repeat(expected, 2), rtol=1e-5)


def test_steps_and_a_pass_at_the_end_of_the_epoch():
    fall = schedules.Linear(1.0, 0.2, end_step=9)
    loss = kr.losses.GeneralizedCrossEntropy(q=fall)
    model = frozen.classifier(loss)
    x, labels = frozen.samples()
    tracker = frozen.tracker(signals=["loss"], mode="eval")
    data = tracker.track(x, labels, batch_size=frozen.N)
    callbacks = [tracker, kr.callbacks.LossSchedules()]
    model.fit(data, epochs=3, verbose=0, callbacks=callbacks)
    recorded = tracker.trajectories.signals["loss"].mean(axis=1)
    expected = at_every(model, loss, steps=range(3))
    np.testing.assert_allclose(recorded, expected, rtol=1e-4)


def test_a_loss_of_ones_own_may_hold_one():
    inner = kr.losses.GeneralizedCrossEntropy(q=RISE)

    class Mine(keras.losses.Loss):
        def call(self, y_true, y_pred):
            return 2.0 * inner.call(y_true, y_pred)

    model = frozen.classifier(Mine())
    expected = 2.0 * np.array(at_every(model, inner))
    np.testing.assert_allclose(fit(model)["loss"], expected, rtol=1e-5)


def test_an_evaluation_with_the_callback_is_of_the_end():
    loss = kr.losses.GeneralizedCrossEntropy(q=RISE)
    model = frozen.classifier(loss)
    x, labels = frozen.samples()
    last = at_every(model, loss)[-1]
    callbacks = [kr.callbacks.LossSchedules()]
    for options in ({"callbacks": callbacks}, {}):
        found = model.evaluate(x, labels, verbose=0, **options)
        np.testing.assert_allclose(found, last, rtol=1e-5)


def test_with_nothing_to_follow_it_raises():
    with pytest.raises(ValueError, match="nothing to do"):
        fit(frozen.classifier(kr.losses.AsymmetricGCE()))
    with pytest.raises(ValueError, match="nothing to do"):
        fit(frozen.classifier())


@pytest.mark.parametrize("first", [0, 1, 2])
def test_beside_a_tracker_and_a_warm_up(first):
    loss = kr.losses.GeneralizedCrossEntropy(q=RISE)
    model = frozen.classifier(loss)
    values = at_every(model, loss)
    plain = at_every(model, kr.losses.CrossEntropy())[:2]
    x, labels = frozen.samples()
    tracker = frozen.tracker(signals=["cross_entropy", "loss"])
    callbacks = [
        tracker,
        kr.callbacks.CrossEntropyWarmUp(2),
        kr.callbacks.LossSchedules(),
    ]
    callbacks = callbacks[first:] + callbacks[:first]
    data = tracker.track(x, labels, batch_size=frozen.N)
    logs = model.fit(data, epochs=EPOCHS, verbose=0, callbacks=callbacks)
    expected = plain + values[2:]
    np.testing.assert_allclose(logs.history["loss"], expected, rtol=1e-5)
    recorded = tracker.trajectories.signals["loss"].mean(axis=1)
    np.testing.assert_allclose(recorded, expected, rtol=1e-4)
    assert "_keras_robust_attachment" not in vars(model)


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_a_tracker_alone(mode):
    loss = kr.losses.GeneralizedCrossEntropy(q=RISE)
    model = frozen.classifier(loss)
    x, labels = frozen.samples()
    tracker = frozen.tracker(signals=["cross_entropy", "loss"], mode=mode)
    callbacks = [tracker]
    if mode == "eval":
        callbacks.append(kr.callbacks.LossSchedules())
    data = tracker.track(x, labels, batch_size=frozen.N)
    model.fit(data, epochs=EPOCHS, verbose=0, callbacks=callbacks)
    recorded = tracker.trajectories.signals["loss"].mean(axis=1)
    np.testing.assert_allclose(recorded, at_every(model, loss), rtol=1e-4)


def test_saved_and_loaded_it_goes_on(tmp_path):
    loss = kr.losses.SwitchLoss(
        kr.losses.CrossEntropy(),
        kr.losses.GeneralizedCrossEntropy(q=RISE),
        at_epoch=2,
    )
    model = frozen.classifier(loss)
    expected = at_every(model, loss)
    path = str(tmp_path / "model.keras")
    keep = keras.callbacks.ModelCheckpoint(path)
    fit(model, [kr.callbacks.LossSchedules(), keep], epochs=2)
    again = keras.models.load_model(path)
    assert again.loss.get_config() == loss.get_config()
    found = fit(again, initial_epoch=2)["loss"]
    np.testing.assert_allclose(found, expected[2:], rtol=1e-5)


def test_of_several_outputs():
    x, labels = frozen.samples()
    inputs = keras.Input((frozen.FEATURES,))
    heads = {
        name: keras.layers.Dense(3, activation="softmax", name=name)(inputs)
        for name in ("left", "right")
    }
    model = keras.Model(inputs, heads)
    left = kr.losses.GeneralizedCrossEntropy(q=RISE)
    right = kr.losses.SwitchLoss(
        kr.losses.CrossEntropy(), kr.losses.Blurry(), at_epoch=3
    )
    model.compile(
        keras.optimizers.SGD(0.0), loss={"left": left, "right": right}
    )
    y_true = ops.convert_to_tensor(labels)
    found = model.fit(
        x,
        {name: labels for name in heads},
        batch_size=frozen.N,
        epochs=EPOCHS,
        verbose=0,
        callbacks=[kr.callbacks.LossSchedules()],
    ).history
    outputs = model.predict(x, verbose=0)
    for name, loss in (("left", left), ("right", right)):
        y_pred = ops.convert_to_tensor(outputs[name])
        expected = [
            float(loss.at(epoch=e)(y_true, y_pred)) for e in range(EPOCHS)
        ]
        np.testing.assert_allclose(found[f"{name}_loss"], expected, rtol=1e-5)
