"""How the benchmarks train: one network, one optimizer, one course.

That of Zhou et al. on MNIST: convolutions with batch normalisation, SGD of
0.01 that falls to 0 on a cosine, momentum 0.9, batches of 64, gradients
clipped to a norm of 5 and an L2 penalty of 1e-3 added after that. The last
layer gives logits.
"""

import math

import keras
import numpy as np

from benchmarks.data import NUM_CLASSES

BATCH_SIZE = 64
RATE = 0.01
DECAY = 1e-3


class PenalisedSGD(keras.optimizers.SGD):
    """SGD with an L2 penalty on all weights, beside the clipped gradient."""

    def update_step(self, gradient, variable, learning_rate):
        penalised = gradient + DECAY * keras.ops.convert_to_tensor(variable)
        super().update_step(penalised, variable, learning_rate)


def network(shape, widths):
    """The network, not compiled; one convolution for every width."""
    layers = keras.layers
    normal = {"momentum": 0.9, "epsilon": 1e-5}
    listed = [keras.Input(shape)]
    for width in widths:
        listed += [
            layers.Conv2D(
                width, 3, padding="same", kernel_initializer="he_uniform"
            ),
            layers.BatchNormalization(**normal),
            layers.ReLU(),
            layers.MaxPooling2D(),
        ]
    listed += [
        layers.Flatten(),
        layers.Dense(128),
        layers.BatchNormalization(**normal),
        layers.ReLU(),
        layers.Dense(NUM_CLASSES),
    ]
    return keras.Sequential(listed)


def compile_model(model, loss):
    """Compiles a model for logits."""
    model.compile(
        PenalisedSGD(RATE, momentum=0.9, global_clipnorm=5.0),
        loss,
        metrics=["accuracy"],
    )


def cosine(epochs):
    """The callback of the learning rate."""
    return keras.callbacks.LearningRateScheduler(
        lambda epoch: RATE * (1 + math.cos(math.pi * epoch / epochs)) / 2
    )


def logits(model, x):
    """The model's outputs, NumPy."""
    return model.predict(x, batch_size=500, verbose=0)


def accuracy(model, x, y):
    """The share of right predictions; NaN if the model gives no numbers."""
    found = logits(model, x)
    if not np.isfinite(found).all():
        return float("nan")
    return float((found.argmax(axis=1) == y).mean())
