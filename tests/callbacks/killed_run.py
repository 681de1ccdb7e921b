"""A run that can be killed at any moment and begun again: a program.

`python -m tests.callbacks.killed_run FOLDER EPOCHS` records into
FOLDER/run.zarr and keeps the weights of the last epoch beside it. It prints a
line when training begins.
"""

import os
import sys
import warnings

import keras
import numpy as np

import keras_robust as kr
from tests.training import frozen


class Checkpoint(keras.callbacks.Callback):
    """Keeps the weights after every epoch, in one step."""

    def __init__(self, path):
        super().__init__()
        self.path = path

    def on_train_begin(self, logs=None):
        print("begins", flush=True)

    def on_epoch_end(self, epoch, logs=None):
        kernel, bias = self.model.get_weights()
        with open(self.path + ".part", "wb") as file:
            np.savez(file, kernel=kernel, bias=bias, epoch=epoch + 1)
        os.replace(self.path + ".part", self.path)


def run(folder, epochs):
    """Trains up to `epochs` epochs, from wherever an earlier run was."""
    x, labels = frozen.samples()
    model = frozen.begun_alike(frozen.classifier(learning_rate=0.05))
    checkpoint = os.path.join(folder, "weights.npz")
    done = 0
    if os.path.exists(checkpoint):
        with np.load(checkpoint) as saved:
            model.set_weights([saved["kernel"], saved["bias"]])
            done = int(saved["epoch"])
    tracker = kr.callbacks.LossTrajectory(
        store=os.path.join(folder, "run.zarr"),
        resume=True,
        warn_on_collapse=False,
    )
    # In the same order in every run, so that all runs train alike.
    data = tracker.track(x, labels, batch_size=frozen.BATCH, shuffle=False)
    model.fit(
        data,
        epochs=epochs,
        initial_epoch=done,
        shuffle=False,
        verbose=0,
        callbacks=[tracker, Checkpoint(checkpoint)],
    )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    run(sys.argv[1], int(sys.argv[2]))
