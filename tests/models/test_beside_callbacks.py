"""CoTeaching in a `fit` with what this package puts into one."""

import keras
import numpy as np
import pytest

import keras_robust as kr
from tests.models import pairs
from tests.training import frozen


def test_tracker_warm_up_schedule_and_weights():
    x, labels = frozen.samples()
    model = pairs.pair(noise_rate=0.8, epochs=4)
    q = kr.losses.schedules.Linear(0.2, 0.8, end_epoch=3)
    frozen.compiled(model, kr.GeneralizedCrossEntropy(q=q))
    given = np.linspace(0.0, 2.0, frozen.N)
    tracker = frozen.tracker()
    callbacks = [
        tracker,
        kr.callbacks.CrossEntropyWarmUp(2),
        kr.callbacks.SampleWeights(given, normalize=False),
    ]
    data = tracker.track(x, labels, batch_size=frozen.N, shuffle=False)
    log = model.fit(
        data, epochs=4, shuffle=False, verbose=0, callbacks=callbacks
    )
    of_a, of_b = (
        pairs.cross_entropy(network, x, labels)
        for network in (model.model_a, model.model_b)
    )
    expected = []
    for epoch in range(4):
        by_a, by_b = (pairs.chosen(of, 0.2 * epoch) for of in (of_a, of_b))
        q = 0.2 + 0.2 * epoch

        def loss(losses, epoch=epoch, q=q):
            return losses if epoch < 2 else (1 - np.exp(-q * losses)) / q

        expected.append(
            (given * loss(of_a))[by_b].mean()
            + (given * loss(of_b))[by_a].mean()
        )
    np.testing.assert_allclose(log.history["loss"], expected, rtol=1e-5)
    # The tracker records every sample, of the mean of both outputs.
    frozen.check(tracker, model, x, labels, epochs=4)
    assert "_keras_robust_attachment" not in vars(model)


def test_early_learning_holds_both_to_their_mean():
    x, labels = frozen.samples()
    model = pairs.pair(noise_rate=0.4, epochs=1)
    frozen.compiled(model, kr.losses.CrossEntropy())
    tracker = frozen.tracker()
    elr = kr.callbacks.EarlyLearning(beta=0.5, verbose=0)
    model.fit(
        tracker.track(x, labels), verbose=0, epochs=2, callbacks=[tracker, elr]
    )
    mean = model.predict(x, verbose=0)
    np.testing.assert_allclose(elr.targets, 0.75 * mean, rtol=1e-2)


def test_a_schedule_that_nobody_tells_the_epoch():
    """`LossSchedules` is asked for, as with any model."""
    x, labels = frozen.samples()
    model = pairs.pair(noise_rate=0.0)
    q = kr.losses.schedules.Linear(0.2, 0.8, end_epoch=3)
    frozen.compiled(model, kr.GeneralizedCrossEntropy(q=q))
    log = model.fit(
        x,
        labels,
        epochs=2,
        verbose=0,
        callbacks=[kr.callbacks.LossSchedules()],
    ).history["loss"]
    of = [
        pairs.cross_entropy(network, x, labels)
        for network in (model.model_a, model.model_b)
    ]
    expected = [
        sum(((1 - np.exp(-q * losses)) / q).mean() for losses in of)
        for q in (0.2, 0.4)
    ]
    np.testing.assert_allclose(log, expected, rtol=1e-5)


@pytest.mark.once
def test_digits_choose_right_labels():
    from sklearn.datasets import load_digits

    keras.utils.set_random_seed(0)
    images, right = load_digits(return_X_y=True)
    x = (images / 16).astype("float32")
    noisy = kr.noise.symmetric(right, rate=0.4, num_classes=10, seed=0)
    y = noisy.labels

    def network():
        return keras.Sequential(
            [
                keras.Input((64,)),
                keras.layers.Dense(128, activation="relu"),
                keras.layers.Dense(10, activation="softmax"),
            ]
        )

    model = kr.CoTeaching(network(), network(), noise_rate=0.4, epochs=5)
    model.compile(keras.optimizers.Adam(2e-3), kr.losses.CrossEntropy())
    model.fit(x, y, batch_size=128, epochs=15, verbose=0)
    for made in (model.model_a, model.model_b):
        p = made.predict(x, verbose=0)
        chosen = np.argsort(-p[np.arange(len(y)), y])[: int(0.6 * len(y))]
        precision = (y == right)[chosen].mean()
        assert precision > 0.9
    predicted = model.predict(x, verbose=0).argmax(axis=1)
    assert (predicted == right).mean() > 0.9
