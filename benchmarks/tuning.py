"""What a search for a loss on noisy labels is worth.

`python -m benchmarks.tuning [--data DIR] [--runs DIR] [--quick] [--json FILE]`
searches with KerasTuner, 20 trials of random search: over six losses, their
parameters, their warm-up and the learning rate; and over learning rate,
dropout, label smoothing and, by early stopping, epochs of cross-entropy. A
trial and its epoch are chosen on noisy validation labels: by the accuracy on
them, by the noise-corrected accuracy with the true transition matrix, or by
the accuracy on those that are left of `trimmed_validation`. Beside them stands
the full grid of the six losses, chosen with clean validation labels. Printed
is the accuracy on clean test images of what each chooses, the rank correlation
of the scores of the trials with it, and the CPU time of a trial beside its
training. On digits with symmetric and pair noise of 40 %; with `--data` (see
benchmarks/data.py) on a part of Fashion-MNIST. `--runs` keeps every trial, so
that a benchmark that was broken off goes on. PyTorch is the fastest backend
for networks this small.
"""

import functools
import itertools
import json
import math
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from benchmarks import data
from benchmarks.harness import parser
from benchmarks.harness import report
from benchmarks.runs import Runs
from keras_robust import losses
from keras_robust import noise
from keras_robust import tuning

LOSSES = ("agce", "aul", "gce", "sce", "nce+agce", "ce")
WARM_UP = 5
BATCH_SIZE = 128
WIDTHS = (16, 32, 64)
RATE = 2e-3
BY = ("noisy", "corrected", "trimmed")


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
    from keras_robust import demo

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
        functools.partial(_fashion, count=4000, tests=2000),
        "symmetric",
        15,
        ("losses", "cross-entropy", "grid"),
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
        name = f"{tuning.trial_seed.seed_of(hp)}.json"
        return [_Curves(split, str(path / name), hp)]

    score = tuning.NoiseCorrectedAccuracy(split.transition_matrix)
    options = {"score": score, "callbacks": curves, "seed": seed}
    if kind == "cross-entropy":
        build = network(_rate, _dropout)
        options |= {"losses": "ce", "patience": 5}
    else:
        build = network(_rate) if kind == "losses" else network()
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
            name = f"{tuning.trial_seed.seed_of(hp)}.json"
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
    """The defaults of every loss, and two values of each parameter.

    Of a sum its weights are varied, the others are the published ones.
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


def chosen(trials, by):
    """The test accuracy and the loss of the trial and epoch best by a curve."""
    best = max(trials, key=lambda one: max(one["curves"][by]))
    epoch = int(np.argmax(best["curves"][by]))
    return best["curves"]["test"][epoch], best["values"]["loss"]


def rank_correlation(trials, by):
    """Spearman's, of the score of trials with their clean test accuracy."""
    from scipy.stats import spearmanr

    epochs = [int(np.argmax(one["curves"][by])) for one in trials]
    score = [max(one["curves"][by]) for one in trials]
    test = [
        one["curves"]["test"][epoch]
        for one, epoch in zip(trials, epochs, strict=True)
    ]
    return float(spearmanr(score, test).statistic)


def rows_of(setting, found):
    """A row for every way to choose and seed, and their means."""
    rows = []
    for by in BY:
        of_seeds = []
        for seed, of_seed in found.items():
            trials = of_seed["losses"]["trials"]
            accuracy, loss = chosen(trials, by)
            row = {
                "data": setting.name,
                "chosen by": by,
                "seed": seed,
                "search": accuracy,
                "its loss": loss,
                "cross-entropy": None,
                "grid, clean labels": None,
                "gap": None,
                "rank correlation": rank_correlation(trials, by),
                "overhead, CPU s": of_seed["losses"]["overhead"],
            }
            if "grid" in of_seed:
                best = chosen(of_seed["grid"]["trials"], "clean")[0]
                row["grid, clean labels"] = best
                row["gap"] = best - accuracy
            if "cross-entropy" in of_seed:
                of_ce = of_seed["cross-entropy"]["trials"]
                row["cross-entropy"] = chosen(of_ce, by)[0]
            of_seeds.append(row)
        mean = {**of_seeds[0], "seed": "mean", "its loss": ""}
        for name, value in of_seeds[0].items():
            if isinstance(value, float):
                mean[name] = statistics.mean(row[name] for row in of_seeds)
        rows += [*of_seeds, mean]
    return [_printed(row) for row in rows]


def _printed(row):
    return {
        name: ""
        if value is None
        else f"{value:.3f}"
        if isinstance(value, float)
        else value
        for name, value in row.items()
    }


def main(arguments=None):
    made = parser(__doc__)
    made.add_argument("--data", metavar="DIR", help="folder of the images")
    made.add_argument("--runs", metavar="DIR", help="keep every trial here")
    made.add_argument("--seeds", nargs="+", type=int, metavar="SEED")
    made.add_argument("--trials", type=int, default=20)
    options = made.parse_args(arguments)
    settings = OF_FILES if options.data else OF_DIGITS
    seeds = options.seeds or ([0] if options.quick else [0, 1, 2])
    trials = 4 if options.quick else options.trials
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.runs or temporary
        rows = []
        for setting in settings:
            searches = setting.searches
            if options.quick:
                searches = [kind for kind in searches if kind != "grid"]
            found = {}
            for seed in seeds:
                split = setting.split(options.data, seed)
                found[seed] = {
                    kind: _kept(folder, split, setting, seed, trials, kind)
                    for kind in searches
                }
            rows += rows_of(setting, found)
    report("tuning", rows, options)


def _kept(folder, split, setting, seed, trials, kind):
    made_with = {
        "backend": keras.backend.backend(),
        "epochs": setting.epochs,
        "trials": trials,
        "losses": list(LOSSES),
        "widths": list(WIDTHS),
    }
    runs = Runs(folder, made_with)
    name = f"{setting.name}-{kind}-{seed}"
    found = runs.get(name)
    if found is None:
        found = search(split, setting, seed, trials, folder, kind)
        runs.keep(name, found)
        print(f"{name}: done", flush=True)
    return found


if __name__ == "__main__":
    main()
