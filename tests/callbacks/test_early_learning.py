"""EarlyLearning: the authors' numbers, inside `fit`, and what it refuses."""

import pathlib

import keras
import numpy as np
import pytest
from keras import ops

import keras_robust as kr
from keras_robust.losses import early_learning
from keras_robust.losses.labelled import Labelled
from tests.backend import crossed
from tests.backend import to_numpy
from tests.backend import values_and_slopes
from tests.training import frozen

GOLDEN = pathlib.Path(__file__).parents[1] / "golden" / "early_learning.npz"


def quiet(**options):
    return kr.callbacks.EarlyLearning(verbose=0, **options)


def test_the_authors_numbers():
    golden = np.load(GOLDEN)
    labels = golden["labels"]
    target = np.zeros_like(golden["target"][0])
    for step, logits in enumerate(golden["logits"]):

        def probabilities(z):
            return Labelled(labels, z, True, -1, None).classes.p

        p = probabilities(ops.convert_to_tensor(logits))
        target = to_numpy(
            early_learning.moved(ops.convert_to_tensor(target), p, 0.7)
        )
        np.testing.assert_allclose(target, golden["target"][step], rtol=1e-5)

        def loss(z, target=target):
            plain = kr.losses.cross_entropy(labels, z, from_logits=True)
            held = ops.convert_to_tensor(target)
            more = early_learning.penalty(held, probabilities(z))
            return plain + 3.0 * more

        values, slopes = values_and_slopes(loss, logits)
        np.testing.assert_allclose(values, golden["loss"][step], rtol=1e-4)
        np.testing.assert_allclose(
            slopes, golden["grad"][step], rtol=1e-3, atol=1e-5
        )


def by_hand(p, labels, epochs, weight, beta):
    """Loss and targets of a frozen model, in float64."""
    own = np.take_along_axis(p, labels[:, None], 1)[:, 0]
    target, logged = np.zeros_like(p), []
    for _ in range(epochs):
        clipped = np.clip(p, 1e-4, 1 - 1e-4)
        share = clipped / clipped.sum(1, keepdims=True)
        target = beta * target + (1 - beta) * share
        more = np.log(1 - (target * clipped).sum(1))
        logged.append(np.mean(-np.log(own) + weight * more))
    return logged, target


@crossed("from_logits, first", [False, True], [False, True])
def test_in_fit(from_logits, first):
    loss = kr.losses.CrossEntropy(from_logits=from_logits)
    model = frozen.classifier(loss, None if from_logits else "softmax")
    x, labels = frozen.samples()
    tracker, elr = frozen.tracker(), quiet(weight=2.0, beta=0.6)
    callbacks = [elr, tracker] if first else [tracker, elr]
    outputs = model.predict(x, verbose=0).astype("float64")
    p = np.exp(frozen.log_probs(outputs, from_logits))
    logged, target = by_hand(p, labels, 3, 2.0, 0.6)
    data = tracker.track(x, labels, batch_size=frozen.N)
    for _ in range(2):
        history = model.fit(data, epochs=3, verbose=0, callbacks=callbacks)
        # The second fit begins from 0 again.
        np.testing.assert_allclose(history.history["loss"], logged, rtol=1e-5)
        np.testing.assert_allclose(elr.targets, target, rtol=1e-5)
    frozen.check(tracker, model, x, labels, 6, from_logits=from_logits)
    assert "_keras_robust_attachment" not in vars(model)


def test_every_target_at_its_place():
    """Batches, shuffled, the last one partial."""
    model = frozen.classifier(kr.losses.CrossEntropy())
    x, labels = frozen.samples()
    tracker, elr = frozen.tracker(), quiet()
    p = model.predict(x, verbose=0).astype("float64")
    _, target = by_hand(p, labels, 2, 3.0, 0.7)
    data = tracker.track(x, labels, batch_size=frozen.BATCH)
    model.fit(data, epochs=2, verbose=0, callbacks=[tracker, elr])
    np.testing.assert_allclose(elr.targets, target, rtol=1e-5)


def test_half_precision_is_near():
    model = frozen.classifier(kr.losses.CrossEntropy())
    x, labels = frozen.samples()
    tracker, elr = frozen.tracker(), quiet(dtype="float16")
    p = model.predict(x, verbose=0).astype("float64")
    _, target = by_hand(p, labels, 2, 3.0, 0.7)
    data = tracker.track(x, labels, batch_size=frozen.BATCH)
    model.fit(data, epochs=2, verbose=0, callbacks=[tracker, elr])
    assert elr.targets.dtype == np.float16
    np.testing.assert_allclose(elr.targets, target, rtol=2e-3)


def test_it_trains_as_a_loop_by_hand():
    """The gradient of the penalty reaches the weights."""
    model = frozen.classifier(kr.losses.CrossEntropy(), learning_rate=0.5)
    x, labels = frozen.samples()
    kernel, bias = (w.astype("float64") for w in model.get_weights())
    tracker, elr = frozen.tracker(), quiet()
    data = tracker.track(x, labels, batch_size=frozen.N)
    model.fit(data, epochs=4, verbose=0, callbacks=[tracker, elr])
    target = np.zeros((frozen.N, frozen.CLASSES))
    one_hot = np.eye(frozen.CLASSES)[labels]
    for _ in range(4):
        z = x @ kernel + bias
        p = np.exp(z - z.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        target = 0.7 * target + 0.3 * p
        inner = (target * p).sum(1, keepdims=True)
        slope = -p * (target - inner) / (1 - inner)
        slope = (p - one_hot + 3.0 * slope) / frozen.N
        kernel -= 0.5 * x.T @ slope
        bias -= 0.5 * slope.sum(0)
    for ours, theirs in zip(model.get_weights(), (kernel, bias), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4)


def test_sample_weights_weigh_the_penalty():
    model = frozen.classifier(kr.losses.CrossEntropy())
    x, labels = frozen.samples()
    weights = np.linspace(0.0, 2.0, frozen.N)
    tracker, elr = frozen.tracker(), quiet(weight=2.0, beta=0.6)
    p = model.predict(x, verbose=0).astype("float64")
    own = np.take_along_axis(p, labels[:, None], 1)[:, 0]
    more = np.log(1 - 0.4 * (p * p).sum(1))
    expected = np.mean(weights * (-np.log(own) + 2.0 * more))
    data = tracker.track(x, labels, batch_size=frozen.N, sample_weight=weights)
    logs = model.fit(data, verbose=0, callbacks=[tracker, elr]).history
    np.testing.assert_allclose(logs["loss"], [expected], rtol=1e-5)


def test_weights_of_a_callback_weigh_the_penalty_too():
    model = frozen.classifier(kr.losses.CrossEntropy())
    x, labels = frozen.samples()
    weights = np.linspace(0.0, 2.0, frozen.N)
    tracker, elr = frozen.tracker(), quiet(weight=2.0, beta=0.6)
    p = model.predict(x, verbose=0).astype("float64")
    own = np.take_along_axis(p, labels[:, None], 1)[:, 0]
    more = np.log(1 - 0.4 * (p * p).sum(1))
    expected = np.mean(weights * (-np.log(own) + 2.0 * more))
    weigh = kr.callbacks.SampleWeights(weights, normalize=False)
    data = tracker.track(x, labels, batch_size=frozen.N)
    logs = model.fit(data, verbose=0, callbacks=[tracker, elr, weigh]).history
    np.testing.assert_allclose(logs["loss"], [expected], rtol=1e-5)


def test_weights_of_its_output_weigh_the_penalty():
    x, labels = frozen.samples()
    inputs = keras.Input((frozen.FEATURES,))
    heads = {
        name: keras.layers.Dense(frozen.CLASSES, "softmax", name=name)(inputs)
        for name in ("a", "b")
    }
    model = keras.Model(inputs, heads)
    frozen.compiled(model, {name: kr.losses.CrossEntropy() for name in heads})
    tracker = frozen.tracker(output="b")
    data = tracker.track(
        x,
        {"a": labels, "b": labels},
        batch_size=frozen.N,
        sample_weight={"a": np.ones(frozen.N), "b": np.zeros(frozen.N)},
    )
    callbacks = [tracker, quiet(output="b", weight=50.0)]
    logs = model.fit(data, verbose=0, callbacks=callbacks).history
    p = model.predict(x, verbose=0)["a"].astype("float64")
    own = np.take_along_axis(p, labels[:, None], 1)[:, 0]
    np.testing.assert_allclose(logs["loss"], [-np.log(own).mean()], rtol=1e-5)


def test_what_it_takes_is_said_and_limited(capsys):
    model = frozen.classifier(kr.losses.CrossEntropy())
    tracker = frozen.tracker()
    data = tracker.track(*frozen.samples())
    elr = kr.callbacks.EarlyLearning()
    model.fit(data, verbose=0, callbacks=[tracker, elr])
    assert "keeps 30 x 3 numbers, 360 bytes" in capsys.readouterr().out
    small = quiet(max_bytes=200)
    with pytest.raises(ValueError, match="360 bytes.*float16"):
        model.fit(data, verbose=0, callbacks=[tracker, small])
    halved = quiet(max_bytes=200, dtype="float16")
    model.fit(data, verbose=0, callbacks=[tracker, halved])
    assert halved.targets.shape == (30, 3)


def test_without_a_tracker_it_raises():
    model = frozen.classifier(kr.losses.CrossEntropy())
    x, labels = frozen.samples()
    with pytest.raises(ValueError, match="EarlyLearning acts on single"):
        model.fit(x, labels, verbose=0, callbacks=[quiet()])
    assert "_keras_robust_attachment" not in vars(model)
    tracker = frozen.tracker(mode="eval")
    data = tracker.track(x, labels)
    with pytest.raises(ValueError, match="mode='train'"):
        model.fit(data, verbose=0, callbacks=[tracker, quiet()])


def test_dense_labels_are_refused():
    labels = np.arange(20).reshape(4, 5) % 3
    model = keras.Sequential(
        [keras.Input((5, 2)), keras.layers.Dense(3, activation="softmax")]
    )
    frozen.compiled(model, kr.losses.CrossEntropy())
    tracker = frozen.tracker()
    x = np.zeros((4, 5, 2), "float32")
    data = tracker.track(x, labels, num_classes=3)
    with pytest.raises(ValueError, match="several positions"):
        model.fit(data, verbose=0, callbacks=[tracker, quiet()])


@pytest.mark.parametrize(
    "bad",
    [{"weight": -1}, {"beta": 1.0}, {"dtype": "int8"}, {"max_bytes": -1}],
    ids=str,
)
def test_bad_arguments(bad):
    with pytest.raises(ValueError, match=f"`{next(iter(bad))}` must"):
        kr.callbacks.EarlyLearning(**bad)
