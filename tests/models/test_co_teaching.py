"""Two networks in one `fit`: each learns from what the other one chose."""

import keras
import numpy as np
import pytest

import keras_robust as kr
from keras_robust.models.reading import Reading
from tests.backend import to_numpy
from tests.models import pairs
from tests.training import frozen


def compiled(model, learning_rate=0.0, loss=None, **options):
    loss = loss or "sparse_categorical_crossentropy"
    return frozen.compiled(model, loss, learning_rate, **options)


# A third of the samples, so that most tests compile one step.
def logged(model, x, y, batch_size=10, **options):
    history = model.fit(
        x, y, batch_size=batch_size, shuffle=False, verbose=0, **options
    )
    return history.history


def test_dropped_is_the_papers():
    model = pairs.pair(noise_rate=0.4, epochs=4)
    found = [model.dropped(epoch) for epoch in range(6)]
    np.testing.assert_allclose(found, [0, 0.1, 0.2, 0.3, 0.4, 0.4])
    model = pairs.pair(noise_rate=0.5, epochs=8, exponent=2)
    found = [model.dropped(epoch) for epoch in range(4)]
    np.testing.assert_allclose(found, [0, 0.0625, 0.25, 0.5])


# Without jit JAX compiles each operation by itself.
SLOW = [pytest.mark.slow] if keras.backend.backend() == "jax" else []


@pytest.mark.parametrize(
    "how",
    ["compiled", "two_at_once", pytest.param("uncompiled", marks=SLOW)],
)
def test_each_epoch_drops_its_share_inside_the_step(how, monkeypatch):
    """Also resumed, in a second fit, and without a new trace."""
    options = {
        "compiled": {},
        "two_at_once": {"steps_per_execution": 2},
        "uncompiled": {"jit_compile": False},
    }[how]
    backend = keras.backend.backend()
    if backend == "torch" and options:
        pytest.skip("PyTorch runs one step at a time, uncompiled")
    traces = []
    cross_entropy = Reading.cross_entropy

    def counted(self, y, y_pred):
        traces.append(y_pred)
        return cross_entropy(self, y, y_pred)

    monkeypatch.setattr(Reading, "cross_entropy", counted)
    model = compiled(pairs.pair(noise_rate=0.8, epochs=4), **options)
    x, labels = frozen.samples()
    # The last batch has 6 samples, of which R = 0.8 keeps one.
    expected = [
        pairs.loss_of_epoch(model, x, labels, rate, frozen.BATCH)
        for rate in (0, 0.2, 0.4, 0.6, 0.8, 0.8)
    ]
    assert len({round(value, 3) for value in expected}) == 5
    found = logged(model, x, labels, frozen.BATCH, epochs=6)["loss"]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    traced = len(traces)
    resumed = {"initial_epoch": 3, "epochs": 5}
    found = logged(model, x, labels, frozen.BATCH, **resumed)["loss"]
    np.testing.assert_allclose(found, expected[3:5], rtol=1e-5)
    found = logged(model, x, labels, frozen.BATCH, epochs=2)["loss"]
    np.testing.assert_allclose(found, expected[:2], rtol=1e-5)
    traces_once = {"jax": how != "uncompiled", "tensorflow": True}
    assert (len(traces) == traced) == traces_once.get(backend, False)


def one_step(network, x, labels, weights, learning_rate):
    """Weights after a step of SGD on the weighted sum, by hand."""
    p = pairs.probabilities(network, x)
    pulls = (p - np.eye(p.shape[1])[labels]) * weights[:, None]
    kernel, bias = network.get_weights()
    if kernel.shape[1] == 1:
        pulls = pulls[:, 1:]
    return (
        kernel - learning_rate * x.T @ pulls,
        bias - learning_rate * pulls.sum(axis=0),
    )


def shares(size, positions):
    weights = np.zeros(size)
    weights[positions] = 1.0 / len(positions)
    return weights


LOSSES = {
    "integers": ("sparse_categorical_crossentropy", "softmax", 3),
    "one_hot": (keras.losses.CategoricalCrossentropy(), "softmax", 3),
    "logits": (kr.losses.CrossEntropy(from_logits=True), None, 3),
    "added_up": (kr.losses.CrossEntropy(reduction="sum"), "softmax", 3),
    "binary": ("binary_crossentropy", "sigmoid", 1),
}


@pytest.mark.parametrize(
    "case, weighted",
    [*((case, False) for case in LOSSES), ("one_hot", True), ("binary", True)],
)
def test_a_step_is_that_of_each_network_on_its_peers_choice(case, weighted):
    loss, activation, outputs = LOSSES[case]
    model = pairs.pair(0.4, 1, activation=activation, outputs=outputs)
    compiled(model, 0.5, loss)
    x, labels = frozen.samples(15, classes=max(outputs, 2))
    y = np.eye(3)[labels] if case == "one_hot" else labels
    given = np.linspace(0.0, 2.0, 15) if weighted else np.ones(15)
    a, b = model.model_a, model.model_b
    by_a = pairs.chosen(pairs.cross_entropy(a, x, labels), 0.4)
    by_b = pairs.chosen(pairs.cross_entropy(b, x, labels), 0.4)
    assert len(by_a) == len(by_b) == 9 and set(by_a) != set(by_b)
    scale = 9 if case == "added_up" else 1
    expected = [
        one_step(a, x, labels, scale * given * shares(15, by_b), 0.5),
        one_step(b, x, labels, scale * given * shares(15, by_a), 0.5),
    ]
    model.begin_epoch(1)
    model.train_on_batch(x, y, sample_weight=given if weighted else None)
    for network, weights in zip((a, b), expected, strict=True):
        for ours, theirs in zip(network.get_weights(), weights, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def deep(seed):
    init = [keras.initializers.GlorotUniform(seed + i) for i in range(2)]
    return keras.Sequential(
        [
            keras.Input((frozen.FEATURES,)),
            keras.layers.Dense(
                6, kernel_initializer=init[0], kernel_regularizer="l2"
            ),
            keras.layers.BatchNormalization(),
            keras.layers.ReLU(),
            keras.layers.Dropout(0.3, seed=seed),
            keras.layers.Dense(
                3, activation="softmax", kernel_initializer=init[1]
            ),
        ],
        # As two networks that one function makes are often called.
        name="same_name",
    )


def test_without_noise_it_is_two_trainings():
    """BatchNorm, dropout, penalties and the state of Adam included."""
    x, labels = frozen.samples()
    loss = kr.GeneralizedCrossEntropy()
    model = kr.CoTeaching(deep(1), deep(2), noise_rate=0.0)
    model.compile(keras.optimizers.Adam(0.05), loss=loss)
    together = logged(model, x, labels, epochs=3)["loss"]
    apart = 0.0
    for seed, network in ((1, model.model_a), (2, model.model_b)):
        alone = deep(seed)
        alone.compile(keras.optimizers.Adam(0.05), loss=loss)
        apart = apart + np.array(logged(alone, x, labels, epochs=3)["loss"])
        pairs_of = zip(network.weights, alone.weights, strict=True)
        for ours, theirs in pairs_of:
            np.testing.assert_allclose(
                to_numpy(ours.value), to_numpy(theirs.value), atol=1e-5
            )
    np.testing.assert_allclose(together, apart, rtol=1e-5)


def test_others_see_the_mean_of_both():
    x, labels = frozen.samples()
    model = compiled(pairs.pair(), metrics=["accuracy"], weighted_metrics=[])
    p = [pairs.probabilities(n, x) for n in (model.model_a, model.model_b)]
    mean = (p[0] + p[1]) / 2
    np.testing.assert_allclose(model.predict(x, verbose=0), mean, rtol=1e-5)
    loss = -np.log(mean[np.arange(len(x)), labels]).mean()
    right = (mean.argmax(axis=1) == labels).mean()
    found = model.evaluate(x, labels, verbose=0, return_dict=True)
    assert found["loss"] == pytest.approx(loss, rel=1e-5)
    assert found["accuracy"] == pytest.approx(right)
    log = logged(model, x, labels, validation_data=(x, labels))
    assert log["val_loss"] == [pytest.approx(loss, rel=1e-5)]
    assert log["accuracy"] == [pytest.approx(right)]
    assert "_outputs" not in vars(model)


def test_a_label_that_is_none_does_not_go_unseen():
    x, labels = frozen.samples(10)
    rows = np.eye(3)[labels]
    rows[3] = [1.0, 1.0, 0.0]
    model = compiled(pairs.pair(), loss=kr.losses.CrossEntropy())
    assert np.isnan(model.train_on_batch(x, rows))


def test_mixed_precision():
    before = keras.config.dtype_policy()
    try:
        keras.config.set_dtype_policy("mixed_float16")
        model = kr.CoTeaching(
            pairs.network(None), pairs.network(None), 0.4, epochs=1
        )
        loss = kr.losses.CrossEntropy(from_logits=True)
        model.compile(keras.optimizers.Adam(0.01), loss=loss)
    finally:
        keras.config.set_dtype_policy(before)
    assert type(model.optimizer).__name__ == "LossScaleOptimizer"
    x, labels = frozen.samples()
    found = logged(model, x, labels, epochs=8)["loss"]
    assert found[-1] < found[1]
    assert model.predict(x, verbose=0).dtype == np.float16


def test_a_list_of_callbacks_that_is_made_already():
    x, labels = frozen.samples()
    model = compiled(pairs.pair(noise_rate=0.8, epochs=1))
    made = keras.callbacks.CallbackList([], model=model)
    log = model.fit(x, labels, 30, 2, 0, made, shuffle=False)
    log = log or model.history
    expected = [pairs.loss_of_batch(model, x, labels, r) for r in (0, 0.8)]
    np.testing.assert_allclose(log.history["loss"], expected, rtol=1e-5)
