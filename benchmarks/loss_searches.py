"""The searches of benchmarks/tuning.py: data, network, and what is kept."""

import functools
import itertools
import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from benchmarks import data
from keras_robust import demo
from keras_robust import losses
from keras_robust import noise
from keras_robust import tuning
from keras_robust.tuning.trial_seed import seed_of

LOSSES = ("agce", "aul", "gce", "sce", "nce+agce", "ce")
WARM_UP = 5
BATCH_SIZE = 128
WIDTHS = (16, 32, 64)
RATE = 2e-3


@dataclass(frozen=True)
class Split:
    """Images of which training and validation labels are noisy."""

    x: np.ndarray
    y: np.ndarray
    x_valid: np.ndarray
    y_valid: np.ndarray
    true_valid: np.ndarray
    keep_valid: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    transition_matrix: np.ndarray


@dataclass(frozen=True)
class Setting:
    """A data set with its noise, and how long it is trained on."""

    name: str
    load: Callable
    kind: str
    epochs: int
    searches: tuple

    def split(self, folder, seed):
        """The data of a seed, a third of the noisy images for validation."""
        x, true, x_test, y_test = self.load(folder, seed)
        make = {"symmetric": noise.symmetric, "pair": noise.pair_flip}
        made = make[self.kind](true, 0.4, data.NUM_CLASSES, seed=seed)
        # Not the noise's own generator, whose first samples are wrong ones.
        order = np.random.default_rng([seed, 1]).permutation(len(true))
        held, kept = np.split(order, [len(true) // 3])
        train = x[kept], made.labels[kept]
        valid = x[held], made.labels[held]
        trimmed = tuning.trimmed_validation(
            lambda: _compiled(network()(None)),
            *train,
            valid,
            epochs=8,
            batch_size=BATCH_SIZE,
            seed=seed,
            verbose=0,
        )
        return Split(
            *train,
            *valid,
            true[held],
            trimmed.keep,
            x_test,
            y_test,
            np.asarray(made.transition_matrix),
        )


def _digits(folder, seed):
    found = data.digits(folder, seed, rate=0.0)
    rest = demo.load_digits("symmetric", 0.0, seed)
    x = np.concatenate([found.x_train, rest.x_valid])
    true = np.concatenate([found.true_train, rest.y_valid])
    return x, true, found.x_test, found.y_test


def _fashion(folder, seed, count, tests):
    found = data.fashion_mnist(folder, seed, rate=0.0, count=count)
    return (
        found.x_train,
        found.true_train,
        found.x_test[:tests],
        found.y_test[:tests],
    )


OF_DIGITS = (
    Setting(
        "digits, symmetric 0.4",
        _digits,
        "symmetric",
        25,
        ("losses", "cross-entropy", "grid"),
    ),
    Setting("digits, pair 0.4", _digits, "pair", 25, ("losses",)),
)
OF_FILES = (
    Setting(
        "Fashion-MNIST, symmetric 0.4",
        functools.partial(_fashion, count=3000, tests=1000),
        "symmetric",
        10,
        ("losses", "grid"),
    ),
)


def network(rate=lambda hp: RATE, dropout=lambda hp: 0.0):
    """A function of the hyperparameters that builds a small network."""

    def build(hp):
        layers = keras.layers
        first, second, dense = WIDTHS
        conv = {"kernel_size": 3, "padding": "same", "activation": "relu"}
        model = keras.Sequential(
            [
                layers.Conv2D(first, **conv),
                layers.Conv2D(second, **conv),
                layers.MaxPooling2D(),
                layers.Flatten(),
                layers.Dropout(dropout(hp)),
                layers.Dense(dense, activation="relu"),
                layers.Dropout(dropout(hp)),
                layers.Dense(data.NUM_CLASSES, activation="softmax"),
            ]
        )
        model.compile(keras.optimizers.Adam(rate(hp)))
        return model

    return build


def _compiled(model):
    model.compile("adam", losses.CrossEntropy())
    return model


class _Curves(keras.callbacks.Callback):
    """Clean accuracies of every epoch, and the CPU time of the training."""

    def __init__(self, split, path, hp):
        super().__init__()
        self.split, self.path = split, path
        self.values = dict(hp.values)
        self.curves = {}

    def on_train_begin(self, logs=None):
        self.begun = time.process_time()

    def on_epoch_end(self, epoch, logs=None):
        images = np.concatenate([self.split.x_valid, self.split.x_test])
        predicted = self.model.predict(images, batch_size=1000, verbose=0)
        true = np.concatenate([self.split.true_valid, self.split.y_test])
        right = predicted.argmax(axis=1) == true
        valid, test = np.split(right, [len(self.split.true_valid)])
        as_given = predicted[: len(valid)].argmax(axis=1) == self.split.y_valid
        found = {
            "noisy": logs["val_accuracy"],
            "corrected": logs["val_noise_corrected_accuracy"],
            "trimmed": as_given[self.split.keep_valid].mean(),
            "clean": valid.mean(),
            "test": test.mean(),
        }
        for name, value in found.items():
            self.curves.setdefault(name, []).append(round(float(value), 5))

    def on_train_end(self, logs=None):
        # Written at once: the search itself remembers its best epoch only.
        content = {
            "values": self.values,
            "cpu_seconds": time.process_time() - self.begun,
            "curves": self.curves,
        }
        beside = f"{self.path}.part"
        Path(beside).write_text(json.dumps(content))
        os.replace(beside, self.path)


def search(split, setting, seed, trials, folder, kind):
    """Runs a search; returns what is kept of it."""
    import keras_tuner

    path = Path(folder, f"{setting.name}-{kind}-{seed}")
    path.mkdir(parents=True, exist_ok=True)

    def curves(hp, tracker):
        name = f"{seed_of(hp)}.json"
        return [_Curves(split, str(path / name), hp)]

    score = tuning.NoiseCorrectedAccuracy(split.transition_matrix)
    options = {"score": score, "callbacks": curves, "seed": seed}
    build = network() if kind == "grid" else network(_rate, _dropout)
    if kind == "cross-entropy":
        options |= {"losses": "ce", "patience": 5}
    else:
        options |= {"losses": LOSSES, "max_warm_up": WARM_UP}
    hypermodel = tuning.RobustHyperModel(build, **options)
    tuner = keras_tuner.RandomSearch(
        hypermodel,
        keras_tuner.Objective("val_accuracy", "max"),
        max_trials=trials,
        seed=seed + 1,
        directory=str(path),
        project_name="search",
    )
    before = set(path.glob("*.json"))
    fit_options = _fit_options(split, setting)
    begun = time.process_time()
    if kind == "grid":
        for values in grid():
            hp = keras_tuner.HyperParameters()
            hypermodel.build(hp)
            hp.values = values
            name = f"{seed_of(hp)}.json"
            if (path / name).exists():
                continue
            keras.utils.clear_session()
            model = hypermodel.build(hp)
            hypermodel.fit(hp, model, split.x, split.y, **fit_options)
    else:
        tuner.search(split.x, split.y, **fit_options)
    made = sorted(path.glob("*.json"))
    found = [json.loads(file.read_text()) for file in made]
    new = [json.loads(f.read_text()) for f in made if f not in before]
    spent = time.process_time() - begun
    spent -= sum(one["cpu_seconds"] for one in new)
    return {
        "trials": found,
        "overhead": spent / len(new) if new else None,
        "date": time.strftime("%Y-%m-%d %H:%M"),
    }


def _rate(hp):
    return hp.Float("rate", 5e-4, 5e-3, sampling="log", default=RATE)


def _dropout(hp):
    return hp.Float("dropout", 0.0, 0.6)


def _fit_options(split, setting):
    return {
        "validation_data": (split.x_valid, split.y_valid),
        "epochs": setting.epochs,
        "batch_size": BATCH_SIZE,
        "validation_batch_size": 1000,
        "verbose": 0,
    }


def grid():
    """Three values of every parameter of every loss, of a sum its weights.

    The other parameters of a sum are the published ones.
    """
    listed = []
    for name in LOSSES:
        space = losses.search_space(name)
        ranges = dict(space.ranges)
        if "+" in name:
            ranges = {k: ranges[k] for k in ("alpha", "beta")}
        axes = [
            [_at(one, p) for p in (0.1, 0.5, 0.9)] for one in ranges.values()
        ]
        for point in itertools.product(*axes):
            values = {**space.defaults, **dict(zip(ranges, point, strict=True))}
            values = {f"loss_{name}_{k}": v for k, v in values.items()}
            warm_up = {} if name == "ce" else {"loss_warm_up": WARM_UP}
            listed.append({"loss": name, **values, **warm_up})
    return listed


def _at(one, share):
    if one.sampling == "log":
        low, high = math.log(one.low), math.log(one.high)
        return math.exp(low + share * (high - low))
    return one.low + share * (one.high - one.low)
