"""Dense labels: signals at every position, one number a sample."""

import keras
import numpy as np
import pytest
from keras import ops

import keras_robust as kr
from keras_robust.training import signals
from keras_robust.training.per_position import PerPosition
from tests import backend
from tests.training import frozen

RNG = np.random.default_rng(0)
B, T, K = 5, 4, 3
LOGITS = RNG.normal(size=(B, T, K)).astype("float32") * 2
GIVEN = RNG.integers(0, K, (B, T))
NAMES = [name for name in signals.SIGNALS if name != "loss"]
COUNTED = np.array(
    [[1, 1, 1, 1], [1, 0, 1, 1], [0, 0, 0, 1], [0, 0, 0, 0], [1, 1, 0, 0]], bool
)


def by_position():
    """Every signal `(B, T)`, by definition."""
    flat = frozen.signals(LOGITS.reshape(-1, K), GIVEN.reshape(-1), True)
    return {name: values.reshape(B, T) for name, values in flat.items()}


def recorded(reduce="mean", y=GIVEN, ignore_class=None, **options):
    made = PerPosition(NAMES, True, -1, ignore_class, reduce)
    tensors = ops.convert_to_tensor(y), ops.convert_to_tensor(LOGITS)
    rows = made.rows(*tensors, **options)
    epoch = made.read(backend.to_numpy(rows))
    return epoch, dict(zip(NAMES, epoch.values, strict=True))


@pytest.mark.parametrize("given", ["integers", "one-hot"])
def test_the_mean_over_positions(given):
    y = GIVEN if given == "integers" else np.eye(K, dtype="float32")[GIVEN]
    epoch, found = recorded(y=y)
    for name, values in by_position().items():
        if name != "predicted":
            expected = values.mean(axis=1)
            np.testing.assert_allclose(found[name], expected, rtol=1e-5)
    p = np.exp(frozen.log_probs(LOGITS.reshape(-1, K), True)).reshape(B, T, K)
    np.testing.assert_array_equal(found["predicted"], p.mean(1).argmax(1))
    np.testing.assert_allclose(epoch.fingerprint, GIVEN.mean(1), rtol=1e-6)


@pytest.mark.parametrize("quantile", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("masked", [False, True])
def test_a_quantile_over_positions(quantile, masked):
    options = {"mask": ops.convert_to_tensor(COUNTED)} if masked else {}
    _, found = recorded(quantile, **options)
    for name, values in by_position().items():
        if name == "predicted":
            continue
        for row, counted, value in zip(
            values, COUNTED, found[name], strict=True
        ):
            ordered = np.sort(row[counted] if masked else row)
            if not len(ordered):
                assert np.isnan(value)
                continue
            at = int(np.floor(quantile * (len(ordered) - 1)))
            np.testing.assert_allclose(value, ordered[at], rtol=1e-5)


@pytest.mark.parametrize("way", ["mask", "ignore_class", "both"])
def test_positions_that_do_not_count(way):
    y = np.where(COUNTED, GIVEN, 9) if way != "mask" else GIVEN
    options = {} if way == "mask" else {"ignore_class": 9}
    if way != "ignore_class":
        options["mask"] = ops.convert_to_tensor(COUNTED)
    epoch, found = recorded(y=y, **options)
    number = COUNTED.sum(axis=1)
    for name, values in by_position().items():
        if name == "predicted":
            continue
        with np.errstate(invalid="ignore"):
            expected = np.where(COUNTED, values, 0).sum(axis=1) / number
        np.testing.assert_allclose(found[name], expected, rtol=1e-5)
    np.testing.assert_allclose(epoch.fingerprint, y.mean(1), rtol=1e-6)


def test_images_in_fit():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(frozen.N, 4, 4, 1)).astype("float32")
    y = rng.integers(0, 3, (frozen.N, 4, 4))
    y[:, 0, 0] = 255
    y[3] = 255
    model = keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            keras.layers.Conv2D(3, 3, padding="same", activation="softmax"),
        ]
    )
    loss = kr.losses.AsymmetricGCE(q=3, ignore_class=255)
    frozen.compiled(model, loss)
    tracker = frozen.tracker(("cross_entropy", "loss"))
    data = tracker.track(x, y, batch_size=frozen.BATCH)
    model.fit(data, epochs=2, verbose=0, callbacks=[tracker])
    p = model.predict(x, verbose=0)
    counted = y != 255
    own = np.take_along_axis(p, np.where(counted, y, 0)[..., None], -1)[..., 0]
    values = {
        "cross_entropy": -np.log(own),
        "loss": backend.to_numpy(loss.call(y, ops.convert_to_tensor(p))),
    }
    found = tracker.trajectories
    for name, expected in values.items():
        total = np.where(counted, expected, 0).sum(axis=(1, 2))
        with np.errstate(invalid="ignore"):
            mean = total / counted.sum(axis=(1, 2))
        for epoch in found.signals[name]:
            np.testing.assert_allclose(epoch, mean, rtol=1e-4, atol=1e-6)


def test_a_model_with_one_prediction_a_sample():
    x, labels = frozen.samples()
    tracker = frozen.tracker()
    data = tracker.track(x, np.stack([labels] * 3, axis=1))
    loss = keras.losses.MeanSquaredError()
    model = frozen.classifier(loss)
    tracker.from_logits = False
    with pytest.raises(ValueError, match="several positions a sample"):
        model.fit(data, verbose=0, callbacks=[tracker])


def token_model(subclassed):
    layers = [
        keras.layers.Embedding(5, 3, mask_zero=True),
        keras.layers.Dense(K, activation="softmax"),
    ]
    if not subclassed:
        return keras.Sequential([keras.Input((T,), dtype="int32"), *layers])

    class Tokens(keras.Model):
        def __init__(self):
            super().__init__()
            self.parts = layers

        def call(self, x):
            for layer in self.parts:
                x = layer(x)
            return x

    return Tokens()


def tokens():
    rng = np.random.default_rng(2)
    x = rng.integers(1, 5, (12, T)).astype("int32")
    x[::2, 2:] = 0
    return x, rng.integers(0, K, (12, T))


@pytest.mark.parametrize("subclassed", [False, True])
def test_what_keras_masks_does_not_count(subclassed):
    x, y = tokens()
    model = frozen.compiled(
        token_model(subclassed), "sparse_categorical_crossentropy"
    )
    tracker = frozen.tracker(("cross_entropy",))
    data = tracker.track(x, y, batch_size=6)
    model.fit(data, verbose=0, callbacks=[tracker])
    p = model.predict(x, verbose=0)
    losses = -np.log(np.take_along_axis(p, y[..., None], -1)[..., 0])
    counted = x != 0
    expected = (losses * counted).sum(axis=1) / counted.sum(axis=1)
    np.testing.assert_allclose(
        tracker.trajectories.signals["cross_entropy"][0], expected, rtol=1e-5
    )


def test_a_masked_model_without_outputs_is_not_evaluated():
    x, y = tokens()
    model = frozen.compiled(
        token_model(True), "sparse_categorical_crossentropy"
    )
    tracker = frozen.tracker(mode="eval")
    data = tracker.track(x, y, batch_size=6)
    with pytest.raises(ValueError, match="masks positions"):
        model.fit(data, verbose=0, callbacks=[tracker])


def test_the_given_label_leaves_the_ignored_class_out():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(6, 10, 2)).astype("float32")
    y = np.tile([3] * 6 + [2] * 4, (6, 1))
    model = keras.Sequential(
        [keras.Input((10, 2)), keras.layers.Dense(3, activation="softmax")]
    )
    frozen.compiled(model, kr.losses.AsymmetricGCE(ignore_class=3))
    tracker = frozen.tracker()
    model.fit(tracker.track(x, y), verbose=0, callbacks=[tracker])
    assert tracker.trajectories.given_label.tolist() == [2] * 6


def test_a_diverged_model_predicts_nothing():
    made = PerPosition(NAMES, True, -1, None, "mean")
    logits = LOGITS.copy()
    logits[1] = np.nan
    tensors = ops.convert_to_tensor(GIVEN), ops.convert_to_tensor(logits)
    epoch = made.read(backend.to_numpy(made.rows(*tensors)))
    assert np.isnan(epoch.values[:, 1]).all()
    assert not np.isnan(np.delete(epoch.values, 1, axis=1)).any()


def test_a_label_that_changes_at_one_position_is_noticed():
    x = RNG.normal(size=(frozen.N, 20, 2)).astype("float32")
    y = RNG.integers(0, 3, (frozen.N, 20))
    model = keras.Sequential(
        [keras.Input((20, 2)), keras.layers.Dense(3, activation="softmax")]
    )
    frozen.compiled(model, "sparse_categorical_crossentropy")
    tracker = frozen.tracker()
    data = tracker.track(x, y)
    data.y = y.copy()
    data.y[4, 7] = (y[4, 7] + 1) % 3
    with pytest.raises(ValueError, match="1 samples came with another label"):
        model.fit(data, verbose=0, callbacks=[tracker])
