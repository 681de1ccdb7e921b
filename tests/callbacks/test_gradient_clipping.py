"""OptimizedGradientClipping inside `fit`: queue, threshold, what it refuses."""

import keras
import numpy as np
import pytest

import keras_robust as kr
from keras_robust.detect import clipping
from tests.training import frozen


def clipped(base=None, **options):
    base = kr.losses.CrossEntropy() if base is None else base
    return kr.losses.GradientClipping(base, **options)


def callback(**options):
    return kr.callbacks.OptimizedGradientClipping(**options)


def values(p, threshold):
    """Clipped cross-entropy by definition."""
    line = -np.log(threshold) + (threshold - p) / threshold
    return np.where(p > threshold, -np.log(np.maximum(p, threshold)), line)


def given_p(model, x, labels):
    p = model.predict(x, verbose=0).astype("float64")
    return p[np.arange(len(labels)), labels]


@pytest.mark.parametrize("together", [1, 2], ids=["steps", "two_at_once"])
def test_in_fit(together):
    """Of a frozen model: every threshold by hand, from the last samples."""
    if together > 1 and keras.backend.backend() == "torch":
        pytest.skip("Keras takes one step at a time there")
    model = frozen.classifier()
    x, labels = frozen.samples(32)
    p = given_p(model, x, labels)
    # A learning rate, and steps that change nothing.
    model.compile(
        keras.optimizers.SGD(0.5, clipvalue=1e-20),
        clipped(),
        steps_per_execution=together,
    )
    ogc = callback(epsilon=0.2, every=2, queue=20)
    seen = []

    class Log(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(logs["loss"])

    model.fit(
        x,
        labels,
        batch_size=8,
        epochs=2,
        shuffle=False,
        verbose=0,
        callbacks=[ogc, Log()],
    )
    # After step 2 the queue of 20 is not full yet.
    assert [step for step, _ in ogc.history] == [4, 6, 8]
    queue, threshold, expected, log = [], clipping.LEAST, [], []
    found = []
    for step in range(1, 9):
        part = slice(8 * ((step - 1) % 4), 8 * ((step - 1) % 4) + 8)
        log = log if (step - 1) % 4 else []
        log.append(values(p[part], threshold).mean())
        queue = [*queue, *-np.log(p[part])][-20:]
        if step % together == 0:
            expected.append(np.mean(log))
        if step % 2 == 0 and len(queue) == 20:
            threshold = clipping.best_threshold(
                np.array(queue), lambda p: 1 / p, 1.0 + 0.5 * 0.2
            )
            found.append(threshold)
    np.testing.assert_allclose([t for _, t in ogc.history], found, rtol=1e-6)
    assert found[0] > 0.01 and len(set(found)) > 1
    assert ogc.threshold == ogc.history[-1][1]
    np.testing.assert_allclose(seen, expected, rtol=1e-4)
    assert "_keras_robust_attachment" not in vars(model)


@pytest.mark.parametrize(
    "every, expected", [(2, [2, 4, 7, 9, 10]), (3, [4, 7, 9]), (5, [5, 10])]
)
def test_steps_that_do_not_fit_into_an_execution(every, expected):
    """Keras calls back after 2, 4 and 5 of 5 steps, as if that were 6."""
    if keras.backend.backend() == "torch":
        pytest.skip("Keras takes one step at a time there")
    model = frozen.classifier(clipped(), steps_per_execution=2)
    x, labels = frozen.samples(40)
    ogc = callback(every=every, queue=16)
    for _ in range(2):
        # The model has made steps before the second `fit`.
        model.fit(x, labels, batch_size=8, epochs=2, verbose=0, callbacks=[ogc])
        assert [step for step, _ in ogc.history] == expected


def noisy(count=256):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(count, 4)).astype("float32")
    right = x.argmax(axis=1)
    noisy = kr.noise.symmetric(right, rate=0.3, num_classes=4, seed=0)
    return x, right, noisy.labels


def test_beside_the_others_with_a_learning_rate_that_falls():
    keras.utils.set_random_seed(0)
    x, right, given = noisy()
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4)])
    rate = keras.optimizers.schedules.ExponentialDecay(0.2, 16, 0.5)
    base = kr.losses.GeneralizedCrossEntropy(q=0.3, from_logits=True)
    model.compile(keras.optimizers.Adam(rate), clipped(base))
    tracker = kr.callbacks.LossTrajectory()
    ogc = callback(every=8, queue=128)
    callbacks = [
        kr.callbacks.CrossEntropyWarmUp(1),
        ogc,
        tracker,
        kr.callbacks.EarlyLearning(weight=0.1, verbose=0),
    ]
    logged = model.fit(
        tracker.track(x, given, batch_size=16),
        epochs=4,
        verbose=0,
        validation_data=(x[:64], right[:64]),
        callbacks=callbacks,
    ).history
    thresholds = [t for _, t in ogc.history]
    assert len(thresholds) == 8 and all(1e-7 < t < 1 for t in thresholds)
    # Less is allowed as the rate falls.
    assert thresholds[-1] > thresholds[0]
    assert (model.predict(x, verbose=0).argmax(1) == right).mean() > 0.8
    # Outside of training it is the loss it is around.
    z = model.predict(x[:64], verbose=0)
    expected = float(base(right[:64], z))
    np.testing.assert_allclose(logged["val_loss"][-1], expected, rtol=1e-4)
    assert "_keras_robust_attachment" not in vars(model)


def test_the_next_fit_begins_anew():
    model = frozen.classifier(clipped())
    x, labels = frozen.samples()
    plain = -np.log(given_p(model, x, labels)).mean()
    ogc = callback(every=1, queue=8, epsilon=0.0)
    for _ in range(2):
        interrupt = frozen.Interrupt(KeyboardInterrupt, epoch=1, batch=0)
        with pytest.raises(KeyboardInterrupt):
            model.fit(
                x, labels, epochs=3, verbose=0, callbacks=[ogc, interrupt]
            )
        assert len(ogc.history) == 1 and ogc.threshold > 1e-3
        logged = model.fit(x, labels, verbose=0, callbacks=[ogc])
        np.testing.assert_allclose(logged.history["loss"], [plain], rtol=1e-5)


def test_without_it_training_raises():
    model = frozen.classifier(clipped(), learning_rate=0.1)
    x, labels = frozen.samples()
    with pytest.raises(ValueError, match="nothing tells it one"):
        model.fit(x, labels, verbose=0)


@pytest.mark.parametrize(
    "loss, options, message",
    [
        (kr.losses.CrossEntropy(), {}, "without `threshold`"),
        (clipped(threshold=0.1), {}, "without `threshold`"),
        (clipped(kr.losses.CrossEntropy(multi_label=True)), {}, "one label"),
        (
            clipped(
                kr.losses.Focal(kr.losses.schedules.Linear(0, 2, end_epoch=2))
            ),
            {},
            "without a schedule",
        ),
        (None, {"epsilon": -1}, "`epsilon` must.*at least 0"),
        (None, {"every": 0}, "`every` must.*at least 1"),
        (None, {"queue": 1}, "`queue` must.*at least 2"),
        (None, {"seed": -1}, "`seed` must"),
    ],
)
def test_refused(loss, options, message):
    with pytest.raises(ValueError, match=message):
        ogc = callback(**options)
        model = frozen.classifier(loss)
        x, y = frozen.samples()
        if message == "one label":
            y = np.eye(frozen.CLASSES)[y]
        model.fit(x, y, verbose=0, callbacks=[ogc])
    if loss is not None:
        assert "_keras_robust_attachment" not in vars(model)


@pytest.mark.parametrize("form", ["one_hot", "ignored", "large"])
def test_what_the_queue_holds(form):
    """One-hot labels, labels left out, batches larger than the queue."""
    options = {"ignore_class": -1} if form == "ignored" else {}
    model = frozen.classifier(clipped(kr.losses.CrossEntropy(**options)))
    x, labels = frozen.samples()
    expected = -np.log(given_p(model, x, labels))
    y, size = labels, frozen.N
    if form == "one_hot":
        y = np.eye(frozen.CLASSES)[labels]
    elif form == "ignored":
        y = np.where(np.arange(frozen.N) % 3, labels, -1)
        expected = expected[y >= 0]
    else:
        size = 7
        expected = expected[-7:]
    ogc = callback(every=1, queue=size)
    held = []

    class Read(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            held.append(ogc.participant.read())

    model.fit(
        x,
        y,
        batch_size=frozen.N,
        shuffle=False,
        verbose=0,
        callbacks=[ogc, Read()],
    )
    np.testing.assert_allclose(held[0], expected, rtol=1e-4)
