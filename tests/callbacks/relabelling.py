"""Labels and models that tests of Relabel share."""

import keras
import numpy as np

import keras_robust as kr


def wrong_labels(count=400, rate=0.3):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(count, 4)).astype("float32")
    right = x.argmax(axis=1)
    noisy = kr.noise.symmetric(right, rate=rate, num_classes=4, seed=0)
    return x, right, noisy.labels


def linear(loss=None, rate=0.05, **options):
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(4, activation="softmax")]
    )
    model.compile(
        keras.optimizers.Adam(rate),
        kr.losses.CrossEntropy() if loss is None else loss,
        **options,
    )
    return model


class Fixed(kr.callbacks.Relabel):
    """Tells labels of the test's own, from epoch 1 on."""

    def __init__(self, tracker, labels):
        super().__init__(tracker, start=1, every=9)
        self.told = labels

    def _judge_once(self, epoch, ago):
        self._record.set(epoch, self.told, np.ones(len(self.told)))


def told_losses(model, x, labels):
    p = model.predict(x, verbose=0).astype("float64")
    if p.shape[1] == 1:
        p = np.concatenate([1.0 - p, p], axis=1)
    return -np.log(np.take_along_axis(p, labels[:, None], 1)[:, 0])


def digits(rate=0.4):
    from sklearn.datasets import load_digits

    images, right = load_digits(return_X_y=True)
    noisy = kr.noise.symmetric(right, rate=rate, num_classes=10, seed=0)
    return (images / 16).astype("float32"), right, noisy.labels
