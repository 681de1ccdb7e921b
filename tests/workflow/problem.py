"""Three clear clusters, five labels wrong, for audits and repairs."""

import keras
import numpy as np

CLASSES = 3
WRONG = np.array([0, 7, 25, 41, 58])
# For so few labels the default would warn.
FEW = {"score": "aum", "split": "gmm"}


def samples(seed=0, size=60):
    rng = np.random.default_rng(seed)
    true = np.repeat(np.arange(CLASSES), size // CLASSES)
    noise = rng.normal(scale=0.1, size=(size, CLASSES))
    return (np.eye(CLASSES)[true] + noise).astype("float32"), true


def noisy():
    x, true = samples()
    given = true.copy()
    given[WRONG] = (given[WRONG] + 1) % CLASSES
    return x, given, true


def classifier(loss="sparse_categorical_crossentropy"):
    model = keras.Sequential(
        [
            keras.Input((CLASSES,)),
            keras.layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.05), loss=loss)
    return model
