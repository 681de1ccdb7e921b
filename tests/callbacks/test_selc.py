"""SELC: corrected labels by hand, inside `fit`, and what it refuses."""

import keras
import numpy as np
import pytest

import keras_robust as kr
from tests.training import frozen


def quiet(**options):
    return kr.callbacks.SELC(verbose=0, **options)


def by_hand(p, labels, epochs, start, alpha):
    """Loss and corrected labels of a frozen model, in float64."""
    target, logged = np.eye(p.shape[1])[labels], []
    for epoch in range(epochs):
        if epoch >= start:
            target = alpha * target + (1 - alpha) * p
        logged.append(np.mean(-(target * np.log(p)).sum(1)))
    return logged, target


def fit(model, selc, x, labels, first=False, batch=frozen.N, **options):
    tracker = frozen.tracker()
    data = tracker.track(x, labels, batch_size=batch, shuffle=False)
    options = {"epochs": 5, "verbose": 0, "shuffle": False, **options}
    callbacks = [selc, tracker] if first else [tracker, selc]
    return model.fit(data, callbacks=callbacks, **options).history, tracker


@pytest.mark.parametrize(
    "from_logits, first", [(False, True), (True, False)], ids=str
)
def test_in_fit(from_logits, first):
    loss = kr.losses.CrossEntropy(from_logits=from_logits)
    activation = None if from_logits else "softmax"
    model = frozen.classifier(loss, activation, metrics=["accuracy"])
    x, labels = frozen.samples()
    outputs = model.predict(x, verbose=0)
    p = np.exp(frozen.log_probs(outputs, from_logits))
    logged, target = by_hand(p, labels, 5, 2, 0.6)
    selc = quiet(start=2, alpha=0.6)
    for _ in range(2):
        history, tracker = fit(model, selc, x, labels, first)
        # The second fit begins from the given labels again.
        np.testing.assert_allclose(history["loss"], logged, rtol=1e-5)
        np.testing.assert_allclose(selc.targets, target, rtol=1e-5)
    corrected = target.argmax(axis=1)
    assert (corrected != labels).any()
    np.testing.assert_array_equal(selc.corrected_labels, corrected)
    # Metrics and records are of the given labels.
    right = np.mean(p.argmax(axis=1) == labels)
    np.testing.assert_allclose(history["accuracy"], right, rtol=1e-6)
    frozen.check(tracker, model, x, labels, 5, from_logits=from_logits)
    assert "_keras_robust_attachment" not in vars(model)


def test_the_switch_needs_no_new_trace():
    if keras.backend.backend() == "torch":
        pytest.skip("PyTorch runs every step in Python")
    traces, seen = [], []

    class Counted(kr.losses.AsymmetricGCE):
        def formula(self, labelled):
            traces.append(None)
            return super().formula(labelled)

    class Watch(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append(len(traces))

    x, labels = frozen.samples()
    model = frozen.classifier(Counted(q=3))
    tracker = frozen.tracker()
    model.fit(
        tracker.track(x, labels),
        epochs=4,
        verbose=0,
        callbacks=[tracker, quiet(start=2), Watch()],
    )
    assert seen == [seen[0]] * 4


@pytest.mark.parametrize("options", [{}, {"top_k": 2}], ids=str)
def test_it_trains_as_a_loop_by_hand(options):
    """The gradient is that of the corrected labels, not through them."""
    model = frozen.classifier(kr.losses.CrossEntropy(), learning_rate=0.5)
    x, labels = frozen.samples()
    kernel, bias = (w.astype("float64") for w in model.get_weights())
    selc = quiet(start=1, alpha=0.6, **options)
    fit(model, selc, x, labels)
    target = np.eye(frozen.CLASSES)[labels]
    for epoch in range(5):
        z = x @ kernel + bias
        p = np.exp(z - z.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        if epoch >= 1:
            target = 0.6 * target + 0.4 * p
        if epoch >= 1 and options:
            target[np.arange(frozen.N), target.argmin(axis=1)] = 0.0
            target /= target.sum(1, keepdims=True)
        slope = (p - target) / frozen.N
        kernel -= 0.5 * x.T @ slope
        bias -= 0.5 * slope.sum(0)
    for ours, theirs in zip(model.get_weights(), (kernel, bias), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)


def test_the_losses_of_keras_take_one_hot_labels():
    model = frozen.classifier("categorical_crossentropy")
    x, labels = frozen.samples()
    p = model.predict(x, verbose=0).astype("float64")
    logged, target = by_hand(p, labels, 5, 1, 0.9)
    selc = quiet(start=1)
    one_hot = np.eye(frozen.CLASSES, dtype="float32")[labels]
    history, _ = fit(model, selc, x, one_hot)
    np.testing.assert_allclose(history["loss"], logged, rtol=1e-5)
    np.testing.assert_allclose(selc.targets, target, rtol=1e-5)


def test_a_binary_head():
    model = frozen.classifier("binary_crossentropy", "sigmoid", outputs=1)
    x, labels = frozen.samples(classes=2)
    p = np.exp(frozen.log_probs(model.predict(x, verbose=0)))
    logged, target = by_hand(p, labels, 5, 1, 0.9)
    selc = quiet(start=1)
    history, _ = fit(model, selc, x, labels)
    np.testing.assert_allclose(history["loss"], logged, rtol=1e-5)
    np.testing.assert_allclose(selc.targets, target, rtol=1e-5)


def test_one_of_two_outputs():
    inputs = keras.Input((frozen.FEATURES,))
    outputs = {
        name: keras.layers.Dense(size, activation="softmax", name=name)(inputs)
        for name, size in (("a", frozen.CLASSES), ("b", 2))
    }
    model = keras.Model(inputs, outputs)
    losses = {
        "a": kr.losses.CrossEntropy(),
        "b": "sparse_categorical_crossentropy",
    }
    frozen.compiled(model, losses)
    x, labels = frozen.samples()
    others = labels % 2
    p = model.predict(x, verbose=0)
    logged, target = by_hand(p["a"].astype("float64"), labels, 3, 1, 0.9)
    rest = -np.log(p["b"][np.arange(frozen.N), others]).mean()
    tracker = frozen.tracker(output="a")
    selc = quiet(start=1, output="a")
    y = {"a": labels, "b": others}
    data = tracker.track(x, y, batch_size=frozen.N)
    history = model.fit(data, epochs=3, verbose=0, callbacks=[tracker, selc])
    expected = np.array(logged) + rest
    np.testing.assert_allclose(history.history["loss"], expected, rtol=1e-5)
    np.testing.assert_allclose(selc.targets, target, rtol=1e-5)


@pytest.mark.filterwarnings("ignore:20 of 30 samples were never seen")
def test_who_was_never_seen_keeps_the_label():
    model = frozen.classifier(kr.losses.CrossEntropy())
    x, labels = frozen.samples()
    selc = quiet(start=0, alpha=0.0)
    fit(model, selc, x, labels, batch=10, epochs=1, steps_per_epoch=1)
    said = model.predict(x[:10], verbose=0)
    np.testing.assert_allclose(selc.targets[:10], said, rtol=1e-5)
    np.testing.assert_array_equal(selc.corrected_labels[10:], labels[10:])


def test_losses_without_soft_labels_are_refused():
    x, labels = frozen.samples()

    def wrong(y_true, y_pred):
        """Takes rows for numbers, without a word."""
        first = keras.ops.reshape(y_true, (keras.ops.shape(y_pred)[0], -1))
        return keras.ops.abs(first[:, 0] - y_pred[:, 0])

    for loss in (
        "sparse_categorical_crossentropy",
        keras.losses.SparseCategoricalCrossentropy(),
        wrong,
    ):
        model = frozen.classifier(loss)
        selc = quiet(start=1, from_logits=False)
        tracker = frozen.tracker(from_logits=False)
        data = tracker.track(x, labels)
        with pytest.raises(ValueError, match="compile the model with a loss"):
            model.fit(data, verbose=0, callbacks=[tracker, selc])
    model = frozen.classifier(kr.losses.CrossEntropy(ignore_class=0))
    with pytest.raises(ValueError, match="no class to ignore"):
        fit(model, quiet(start=1), x, labels)


def test_bad_use():
    x, labels = frozen.samples()
    model = frozen.classifier(kr.losses.CrossEntropy())
    with pytest.warns(UserWarning, match="start=5, epochs=1"):
        fit(model, quiet(start=5), x, labels, epochs=1)
    with pytest.raises(ValueError, match="SELC acts on single samples"):
        model.fit(x, labels, verbose=0, callbacks=[quiet()])
    with pytest.raises(ValueError, match="Nothing has been corrected"):
        print(quiet().corrected_labels)
    for bad in ({"start": -1}, {"alpha": 1.0}, {"alpha": -0.1}):
        with pytest.raises(ValueError, match=f"`{next(iter(bad))}` must"):
            kr.callbacks.SELC(**bad)
