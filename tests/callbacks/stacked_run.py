"""Everything at once, in one training that can be broken off.

`python -m tests.callbacks.stacked_run FOLDER [BREAK_OFF]` trains with a
scheduled loss, a warm-up, a tracker with a store, weights from a detector and
Keras's backups in FOLDER, and writes the last weights to FOLDER/weights.npz.
With BREAK_OFF the process dies in the middle of that epoch; started again it
goes on.
"""

import os
import sys
from pathlib import Path

import keras
import numpy as np

import keras_robust as kr
from tests.training import frozen

SAMPLES, CLASSES, BATCH, EPOCHS = 120, 4, 32, 6


def samples():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(SAMPLES, 5)).astype("float32")
    y = x[:, :CLASSES].argmax(axis=1)
    return x, kr.noise.symmetric(y, 0.3, CLASSES, seed=0).labels


def network():
    model = keras.Sequential(
        [
            keras.Input((5,)),
            keras.layers.Dense(8, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    gce = kr.losses.GeneralizedCrossEntropy(
        q=kr.losses.schedules.Linear(0.1, 0.9, end_epoch=EPOCHS)
    )
    model.compile(keras.optimizers.Adam(0.02), gce)
    return frozen.begun_alike(model)


class BreaksOff(keras.callbacks.Callback):
    """Dies as if killed, in the second batch of an epoch."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.now, batch) == (self.epoch, 1):
            os._exit(1)


def main(folder, break_off=None):
    folder = Path(folder)
    tracker = kr.callbacks.LossTrajectory(
        store=folder / "run.zarr", resume=True, warn_on_collapse=False
    )
    x, y = samples()
    callbacks = [
        keras.callbacks.BackupAndRestore(folder / "backup"),
        kr.callbacks.CrossEntropyWarmUp(1),
        tracker,
        kr.callbacks.Reweight(tracker, start=2),
    ]
    if break_off is not None:
        callbacks.append(BreaksOff(int(break_off)))
    model = network()
    model.fit(
        tracker.track(x, y, batch_size=BATCH, seed=5),
        epochs=EPOCHS,
        verbose=0,
        callbacks=callbacks,
    )
    weights = model.get_weights()
    np.savez(folder / "weights.npz", *weights)
    return tracker.trajectories.num_epochs


if __name__ == "__main__":
    main(*sys.argv[1:])
