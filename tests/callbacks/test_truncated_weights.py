"""TruncatedWeights: the numbers of a public code, inside `fit`."""

import pathlib

import keras
import numpy as np
import pytest

import keras_robust as kr
from tests.training import frozen

GOLDEN = pathlib.Path(__file__).parents[1] / "golden" / "truncated_weights.npz"


def l_q(p, q=0.7):
    return (1.0 - p**q) / q


def fit(model, tracker, callback, x, labels, first=False, **options):
    data = tracker.track(x, labels, batch_size=len(labels))
    callbacks = [callback, tracker] if first else [tracker, callback]
    options = {"verbose": 0, **options}
    return model.fit(data, callbacks=callbacks, **options).history["loss"]


@pytest.mark.parametrize(
    "signal, first", [("confidence", True), ("cross_entropy", False)]
)
def test_the_numbers_of_a_public_code(signal, first):
    golden = np.load(GOLDEN)
    logits, labels = golden["logits"], golden["labels"]
    count, classes = logits.shape
    # Sample `i` is row `i` of the identity, so its logits are the kernel's.
    model = keras.Sequential(
        [keras.Input((count,)), keras.layers.Dense(classes, use_bias=False)]
    )
    loss = kr.losses.GeneralizedCrossEntropy(q=0.7, from_logits=True)
    frozen.compiled(model, loss)
    model.set_weights([logits])
    tracker = frozen.tracker(signals=[signal])
    truncated = kr.callbacks.TruncatedWeights(tracker, k=0.5, start=1)
    x = np.eye(count, dtype="float32")
    logged = fit(model, tracker, truncated, x, labels, first, epochs=3)
    weight = golden["weight"]
    assert 0 < weight.sum() < count
    np.testing.assert_array_equal(truncated.weights, weight)
    # The code takes `w l_q(k)` from the loss, which has no gradient.
    expected = np.mean(golden["loss"] + weight * l_q(0.5))
    np.testing.assert_allclose(logged[1:], [expected] * 2, rtol=1e-5)


class Told(keras.callbacks.Callback):
    """In place of training: another model every epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        keras.utils.set_random_seed(epoch)
        for weight in self.model.weights:
            weight.assign(2.0 * np.random.normal(size=weight.shape))


def run(parts, store):
    model = frozen.classifier(kr.losses.GeneralizedCrossEntropy())
    x, labels = frozen.samples()
    logged = []
    for begin, end in parts:
        tracker = frozen.tracker(store=store, resume=True)
        truncated = kr.callbacks.TruncatedWeights(
            tracker, k=0.3, start=2, every=3
        )
        data = tracker.track(x, labels, batch_size=frozen.N)
        history = model.fit(
            data,
            initial_epoch=begin,
            epochs=end,
            verbose=0,
            callbacks=[Told(), truncated, tracker],
        )
        logged += history.history["loss"]
    found = tracker.trajectories.signals["cross_entropy"]
    return logged, np.exp(-found.astype("float64")), truncated.weights


@pytest.mark.parametrize("parts", [[(0, 8)], [(0, 4), (4, 8)]], ids=str)
def test_weights_are_renewed_every_few_epochs(tmp_path, parts):
    """Broken off between two judgements: the weights are those of then."""
    logged, p, weights = run(parts, str(tmp_path / "run.zarr"))
    judged_by = [None, None, 1, 1, 1, 4, 4, 4]
    expected = [
        np.mean(l_q(now) * (1.0 if by is None else p[by] > 0.3))
        for now, by in zip(p, judged_by, strict=True)
    ]
    np.testing.assert_allclose(logged, expected, rtol=1e-4)
    np.testing.assert_array_equal(weights, p[4] > 0.3)
    assert (p[1] > 0.3).sum() != (p[4] > 0.3).sum()


def test_where_nobody_is_believed():
    x, labels = frozen.samples()
    model = frozen.classifier(kr.losses.GeneralizedCrossEntropy())
    model.set_weights([np.zeros((4, 3)), np.zeros(3)])
    tracker = frozen.tracker()
    truncated = kr.callbacks.TruncatedWeights(tracker, k=0.4, start=1)
    with pytest.warns(UserWarning, match="would leave no sample to train on"):
        logged = fit(model, tracker, truncated, x, labels, epochs=2)
    np.testing.assert_allclose(logged, [l_q(1 / 3)] * 2, rtol=1e-5)


def test_bad_arguments():
    tracker = kr.callbacks.LossTrajectory(signals=["margin"])
    with pytest.raises(ValueError, match="does not record.*cross_entropy"):
        kr.callbacks.TruncatedWeights(tracker)
    tracker = kr.callbacks.LossTrajectory()
    for bad in ({"k": 1.0}, {"k": 0}, {"start": 0}, {"every": 0}):
        with pytest.raises(ValueError, match=f"`{next(iter(bad))}` must"):
            kr.callbacks.TruncatedWeights(tracker, **bad)
    with pytest.raises(ValueError, match="`tracker` must be the LossTraj"):
        kr.callbacks.TruncatedWeights("tracker")
