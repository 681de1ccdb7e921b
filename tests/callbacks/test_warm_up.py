"""CrossEntropyWarmUp: cross-entropy first, then the compiled loss itself."""

import keras
import numpy as np
import pytest

import keras_robust as kr
from keras_robust.losses import stage
from tests.training import frozen


def one_batch(model, epochs, warm_up=None, **options):
    """Fits with the whole data in a batch, so that no order plays a part."""
    x, labels = frozen.samples()
    callbacks = []
    if warm_up is not None:
        callbacks.append(kr.callbacks.CrossEntropyWarmUp(warm_up))
    history = model.fit(
        x,
        labels,
        batch_size=frozen.N,
        epochs=epochs,
        verbose=0,
        callbacks=callbacks,
        **options,
    )
    return history.history["loss"]


def same_start(*losses, optimizer="sgd", activation="softmax", **options):
    models = [frozen.classifier(loss, activation) for loss in losses]
    for model, loss in zip(models, losses, strict=True):
        model.set_weights(models[0].get_weights())
        model.compile(keras.optimizers.get(optimizer), loss=loss, **options)
    return models


def assert_same_weights(first, second):
    for ours, theirs in zip(
        first.get_weights(), second.get_weights(), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def losses_of(model, loss):
    """Cross-entropy and the loss of a frozen model."""
    x, labels = frozen.samples()
    y_pred = keras.ops.convert_to_tensor(model.predict(x, verbose=0))
    y_true = keras.ops.convert_to_tensor(labels)
    plain = kr.losses.CrossEntropy(from_logits=loss.from_logits)
    return float(plain(y_true, y_pred)), float(loss(y_true, y_pred))


@pytest.mark.parametrize(
    ("from_logits", "options"),
    [
        (False, {}),
        pytest.param(False, {"jit_compile": True}, marks=pytest.mark.once),
        (True, {"jit_compile": True}),
        (True, {"run_eagerly": True}),
    ],
    ids=str,
)
def test_the_loss_is_cross_entropy_and_then_itself(from_logits, options):
    if keras.backend.backend() == "torch" and options.get("jit_compile"):
        pytest.skip("torch.compile takes long")
    loss = kr.losses.AsymmetricGCE(q=3, from_logits=from_logits)
    activation = None if from_logits else "softmax"
    model = frozen.classifier(loss, activation, **options)
    plain, robust = losses_of(model, loss)
    logged = one_batch(model, 4, warm_up=2)
    expected = [plain, plain, robust, robust]
    np.testing.assert_allclose(logged, expected, rtol=1e-5)
    assert abs(plain - robust) > 0.01
    # Afterwards the model has its own loss, from the first step on.
    np.testing.assert_allclose(one_batch(model, 1), [robust], rtol=1e-5)


_SUM = 1.0 * kr.losses.NormalizedCrossEntropy() + 4.0 * kr.losses.Blurry()


@pytest.mark.parametrize(
    ("given", "loss"),
    [
        (kr.losses.asymmetric_gce, kr.losses.AsymmetricGCE()),
        (kr.losses.AsymmetricGCE, kr.losses.AsymmetricGCE()),
        ([kr.losses.Blurry()], kr.losses.Blurry()),
        (_SUM, _SUM),
    ],
    ids=["function", "class", "list", "sum"],
)
def test_every_way_to_give_a_robust_loss(given, loss):
    model = frozen.classifier(given)
    plain, robust = losses_of(model, loss)
    logged = one_batch(model, 2, warm_up=1)
    np.testing.assert_allclose(logged, [plain, robust], rtol=1e-5)
    assert abs(plain - robust) > 1e-3


def test_warm_up_epochs_are_epochs_of_cross_entropy():
    warm, plain = same_start(
        kr.losses.AsymmetricGCE(q=3), kr.losses.CrossEntropy(), optimizer="adam"
    )
    one_batch(warm, 5, warm_up=5)
    one_batch(plain, 5)
    assert_same_weights(warm, plain)


def test_the_optimizer_goes_on():
    """The same as compiling anew with the same optimizer in between."""
    robust = kr.losses.AsymmetricGCE(q=3)
    warm, by_hand = same_start(robust, kr.losses.CrossEntropy())
    for model in (warm, by_hand):
        model.compile(keras.optimizers.Adam(0.05), loss=model.loss)
    one_batch(warm, 6, warm_up=3)
    one_batch(by_hand, 3)
    by_hand.compile(by_hand.optimizer, loss=robust)
    one_batch(by_hand, 3)
    assert_same_weights(warm, by_hand)
    assert int(warm.optimizer.iterations.numpy()) == 6


def test_the_switch_needs_no_new_trace():
    if keras.backend.backend() == "torch":
        pytest.skip("PyTorch runs every step in Python")
    traces = []

    class Counted(kr.losses.AsymmetricGCE):
        def formula(self, labelled):
            traces.append(None)
            return super().formula(labelled)

    seen = []

    class Watch(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append(len(traces))

    x, labels = frozen.samples()
    model = frozen.classifier(Counted(q=3))
    warm_up = kr.callbacks.CrossEntropyWarmUp(2)
    model.fit(x, labels, epochs=4, verbose=0, callbacks=[warm_up, Watch()])
    assert seen[0] > 0
    assert seen == [seen[0]] * 4


def test_epochs_are_counted_as_keras_counts_them():
    loss = kr.losses.AsymmetricGCE(q=3)
    model = frozen.classifier(loss)
    plain, robust = losses_of(model, loss)
    logged = one_batch(model, 4, warm_up=3, initial_epoch=2)
    np.testing.assert_allclose(logged, [plain, robust], rtol=1e-5)
    logged = one_batch(model, 5, warm_up=3, initial_epoch=4)
    np.testing.assert_allclose(logged, [robust], rtol=1e-5)


def test_no_epochs_are_no_warm_up():
    loss = kr.losses.AsymmetricGCE(q=3)
    model = frozen.classifier(loss)
    _, robust = losses_of(model, loss)
    logged = one_batch(model, 1, warm_up=0)
    np.testing.assert_allclose(logged, [robust], rtol=1e-5)


def test_validation_is_the_compiled_loss_all_the_time():
    x, labels = frozen.samples()
    loss = kr.losses.AsymmetricGCE(q=3)
    model = frozen.classifier(loss, metrics=["accuracy"])
    plain, robust = losses_of(model, loss)
    history = model.fit(
        x,
        labels,
        epochs=2,
        batch_size=frozen.N,
        verbose=0,
        validation_data=(x, labels),
        callbacks=[kr.callbacks.CrossEntropyWarmUp(1)],
    ).history
    np.testing.assert_allclose(history["loss"], [plain, robust], rtol=1e-5)
    np.testing.assert_allclose(history["val_loss"], [robust] * 2, rtol=1e-5)


def test_only_robust_losses_are_switched():
    x, labels = frozen.samples()
    inputs = keras.Input((frozen.FEATURES,))
    heads = {
        name: keras.layers.Dense(3, activation="softmax", name=name)(inputs)
        for name in ("left", "middle", "right")
    }
    model = keras.Model(inputs, heads)
    robust = kr.losses.AsymmetricGCE(q=3)
    model.compile(
        keras.optimizers.SGD(0.0),
        loss={
            "left": robust,
            "middle": kr.losses.asymmetric_gce,
            "right": "sparse_categorical_crossentropy",
        },
        loss_weights={"left": 2.0, "middle": 0.5, "right": 0.25},
    )
    outputs = {
        name: keras.ops.convert_to_tensor(value)
        for name, value in model.predict(x, verbose=0).items()
    }
    y_true = keras.ops.convert_to_tensor(labels)
    plain = kr.losses.CrossEntropy()
    cross_entropy = {k: float(plain(y_true, v)) for k, v in outputs.items()}
    asked = {
        "left": float(robust(y_true, outputs["left"])),
        "middle": float(kr.losses.AsymmetricGCE()(y_true, outputs["middle"])),
        "right": cross_entropy["right"],
    }
    history = model.fit(
        x,
        {name: labels for name in heads},
        batch_size=frozen.N,
        epochs=2,
        verbose=0,
        callbacks=[kr.callbacks.CrossEntropyWarmUp(1)],
    ).history
    for name in heads:
        np.testing.assert_allclose(
            history[f"{name}_loss"],
            [cross_entropy[name], asked[name]],
            rtol=1e-5,
        )
    totals = [
        2.0 * part["left"] + 0.5 * part["middle"] + 0.25 * part["right"]
        for part in (cross_entropy, asked)
    ]
    np.testing.assert_allclose(history["loss"], totals, rtol=1e-5)


@pytest.mark.parametrize("tracker_first", [True, False])
def test_beside_a_tracker(tracker_first):
    x, labels = frozen.samples()
    loss = kr.losses.AsymmetricGCE(q=3)
    model = frozen.classifier(loss)
    plain, robust = losses_of(model, loss)
    tracker = frozen.tracker()
    callbacks = [tracker, kr.callbacks.CrossEntropyWarmUp(1)]
    if not tracker_first:
        callbacks.reverse()
    data = tracker.track(x, labels, batch_size=frozen.N)
    for _ in range(2):
        history = model.fit(data, epochs=2, verbose=0, callbacks=callbacks)
        np.testing.assert_allclose(
            history.history["loss"], [plain, robust], rtol=1e-5
        )
        assert "_keras_robust_attachment" not in vars(model)
        assert len(model.metrics) == 1
    frozen.check(tracker, model, x, labels, epochs=4)


def test_weights_masks_and_reductions_stay_the_losses_own():
    x, labels = frozen.samples()
    weights = np.linspace(0.5, 2.0, frozen.N)
    options = {"ignore_class": 2, "reduction": "sum"}
    warm, plain = same_start(
        kr.losses.AsymmetricGCE(q=3, **options),
        kr.losses.CrossEntropy(**options),
    )
    np.testing.assert_allclose(
        one_batch(warm, 1, warm_up=1, sample_weight=weights),
        one_batch(plain, 1, sample_weight=weights),
        rtol=1e-5,
    )
    assert_same_weights(warm, plain)


def test_the_moment_of_the_switch_can_be_printed(capsys):
    x, labels = frozen.samples()
    model = frozen.classifier(kr.losses.AsymmetricGCE(q=3))
    line = "Epoch 2: cross-entropy gives way to the loss."
    for verbose in (0, 1):
        warm_up = kr.callbacks.CrossEntropyWarmUp(1, verbose=verbose)
        model.fit(x, labels, epochs=3, verbose=0, callbacks=[warm_up])
        assert capsys.readouterr().out.count(line) == verbose


def test_nothing_is_left_of_the_condition():
    one_batch(frozen.classifier(kr.losses.AsymmetricGCE()), 1, warm_up=1)
    assert stage.cross_entropy_condition() is None
