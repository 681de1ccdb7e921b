"""The trainings behind the table of the detectors, kept in files.

One training of a network on all samples, recorded, with cross-entropy and
with a robust loss; and cross-entropy on five parts, for what needs
probabilities of networks that have not seen the sample. The same network,
optimizer and seed in all: two or three convolutions with batch normalisation
(texts: one hidden layer), dropout, Adam at a constant rate.
"""

import os
import pathlib
import time

import keras
import numpy as np

from benchmarks.folds import out_of_fold
from keras_robust import callbacks
from keras_robust import losses
from keras_robust.trajectories import Trajectories

EPOCHS = 15
FOLDS = 5
BATCH_SIZE = 128
WARM_UP = 3
SIGNALS = (
    "cross_entropy",
    "margin",
    "predicted",
    "correct",
    "confidence",
    "entropy",
    "el2n",
)
# What is trained with: the loss, and whether cross-entropy comes first.
LOSSES = {
    "CE": (lambda: losses.CrossEntropy(from_logits=True), False),
    "AGCE": (lambda: losses.AsymmetricGCE(q=3, from_logits=True), True),
}


class Kept:
    """Trajectories and probabilities of a folder, made where they lack.

    Args:
        folder: Where they are kept, or `None` to keep none.
        load: Loads the data set of a name and a seed.
        epochs: Of every training.
    """

    def __init__(self, folder, load, epochs=EPOCHS):
        self.folder = None if folder is None else pathlib.Path(folder)
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
        self.load = load
        self.epochs = epochs

    def trajectories(self, name, seed, loss):
        """What was recorded of one training, and its CPU seconds."""
        path = self._path(f"{name}-{seed}-{loss}")
        if path is None or not path.exists():
            found, seconds = train(self.load(name, seed), loss, seed, self)
            if path is None:
                return found, seconds
            found.save(path)
            _keep_seconds(path, seconds)
        return Trajectories.load(path), _kept_seconds(path)

    def probabilities(self, name, seed):
        """Out-of-fold probabilities, and the CPU seconds of all folds."""
        path = self._path(f"{name}-{seed}-folds")
        if path is None or not path.exists():
            found, seconds = train_folds(self.load(name, seed), seed, self)
            if path is None:
                return found, seconds
            beside = path.with_suffix(".part")
            with open(beside, "wb") as file:
                np.savez_compressed(file, pred_probs=found)
            os.replace(beside, path)
            _keep_seconds(path, seconds)
        with np.load(path, allow_pickle=False) as file:
            return file["pred_probs"], _kept_seconds(path)

    def _path(self, name):
        if self.folder is None:
            return None
        return self.folder / f"{name}-{self.epochs}.npz"


def _keep_seconds(path, seconds):
    path.with_suffix(".seconds").write_text(f"{seconds:.1f}")


def _kept_seconds(path):
    return float(path.with_suffix(".seconds").read_text())


def network(x, num_classes):
    """A new network for samples like `x`, not compiled."""
    layers = keras.layers
    if x.ndim == 2:
        return keras.Sequential(
            [
                keras.Input(x.shape[1:]),
                layers.Dropout(0.5),
                layers.Dense(256, activation="relu"),
                layers.Dropout(0.5),
                layers.Dense(num_classes),
            ]
        )
    listed = [keras.Input(x.shape[1:])]
    for width in (16, 32, 64)[: 2 if x.shape[1] < 32 else 3]:
        listed += [
            layers.Conv2D(width, 3, padding="same"),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(),
        ]
    listed += [
        layers.Flatten(),
        layers.Dropout(0.3),
        layers.Dense(128),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Dropout(0.3),
        layers.Dense(num_classes),
    ]
    return keras.Sequential(listed)


def compiled(samples, loss):
    """A new compiled network."""
    model = network(samples.x, samples.num_classes)
    model.compile(keras.optimizers.Adam(1e-3), loss)
    return model


def train(samples, loss, seed, kept):
    """Trains once while recording; returns the trajectories and seconds."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    made, warmed_up = LOSSES[loss]
    model = compiled(samples, made())
    tracker = callbacks.LossTrajectory(SIGNALS, warn_on_collapse=False)
    before = [callbacks.CrossEntropyWarmUp(WARM_UP)] if warmed_up else []
    begun = time.process_time()
    tracker.fit(
        model,
        samples.x,
        samples.given,
        batch_size=BATCH_SIZE,
        epochs=kept.epochs,
        callbacks=before,
        verbose=0,
        seed=seed,
    )
    return tracker.trajectories, time.process_time() - begun


def train_folds(samples, seed, kept):
    """Trains on four fifths, five times; returns probabilities and seconds."""
    begun = time.process_time()
    found = out_of_fold(
        lambda: (compiled(samples, LOSSES["CE"][0]()), []),
        samples.x,
        samples.given,
        samples.num_classes,
        FOLDS,
        seed,
        batch_size=BATCH_SIZE,
        epochs=kept.epochs,
    )
    return found, time.process_time() - begun
