"""Trainings of many methods on many settings, over seeds, kept run by run.

What benchmarks/acting.py and benchmarks/loss_table.py share: every method
trains the same network of benchmarks/recipe.py, and is judged by the accuracy
on clean test images.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace

import keras
import numpy as np

from benchmarks import data
from benchmarks import recipe
from benchmarks.harness import parser
from benchmarks.harness import report
from benchmarks.methods import Task
from benchmarks.runs import Runs
from keras_robust import callbacks


@dataclass(frozen=True)
class Setting:
    """A data set with its noise, and how it is trained on.

    Attributes:
        name: What it is called in the table.
        load: Images of a folder and a seed.
        published: The data set whose published parameters are taken.
        widths: Of the convolutions.
        epochs: Of the training.
        warm_up: Epochs before methods begin that need a start.
        train: The number of training images; `None` for all.
        test: The number of test images; `None` for all.
    """

    name: str
    load: Callable
    published: str
    widths: tuple
    epochs: int = 12
    warm_up: int = 2
    train: int | None = None
    test: int | None = None

    def made_with(self):
        """What a run depends on beside its method and seed."""
        return {
            "setting": self.name,
            "backend": keras.backend.backend(),
            "widths": list(self.widths),
            "epochs": self.epochs,
            "warm_up": self.warm_up,
            "train": self.train,
            "test": self.test,
        }


def _plan(make, setting, tracker, transition_matrix, noise_rate):
    return make(
        Task(
            tracker,
            setting.epochs,
            setting.warm_up,
            noise_rate,
            setting.published,
            transition_matrix,
        )
    )


def made_with(make, setting):
    """What a run depends on beside its seed, known before data are loaded.

    The share of wrong labels, which is of the data, is some number here, and
    so is their transition matrix.
    """
    some = np.eye(data.NUM_CLASSES)
    plan = _plan(make, setting, callbacks.LossTrajectory(), some, 0.5)
    return {**setting.made_with(), "method": plan.made_with()}


def train(make, setting, images, seed):
    """Trains a method once; returns what is kept of it, a dict."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    begun = time.process_time()
    tracker = callbacks.LossTrajectory(warn_on_collapse=False)
    plan = _plan(
        make, setting, tracker, images.transition_matrix, images.noise_rate
    )
    shape = images.x_train.shape[1:]
    model = plan.model(lambda: recipe.network(shape, setting.widths))
    recipe.compile_model(model, plan.loss)
    count = len(images.y_train)
    held_out = count // 10 if plan.validates else 0
    x, y = images.x_train[held_out:], images.y_train[held_out:]
    options = {"epochs": setting.epochs, "verbose": 0}
    if held_out:
        options["validation_data"] = (
            images.x_train[:held_out],
            images.y_train[:held_out],
        )
        options["validation_batch_size"] = 500
    listed = [recipe.cosine(setting.epochs), *plan.callbacks]
    if plan.tracked:
        followed = tracker.track(x, y, batch_size=recipe.BATCH_SIZE, seed=seed)
        listed.insert(0, tracker)
        history = model.fit(followed, callbacks=listed, **options)
    else:
        options["batch_size"] = recipe.BATCH_SIZE
        history = model.fit(x, y, callbacks=listed, **options)
    return {
        "accuracy": recipe.accuracy(model, images.x_test, images.y_test),
        "epoch": _epoch_kept(plan.callbacks, len(history.epoch), setting),
        "noise_rate": images.noise_rate,
        "loss": repr(plan.loss),
        "cpu_seconds": round(time.process_time() - begun, 1),
        "date": time.strftime("%Y-%m-%d %H:%M"),
    }


def _epoch_kept(listed, trained, setting):
    """After how many epochs the model had the weights that it ends with."""
    for callback in listed:
        always = isinstance(callback, keras.callbacks.EarlyStopping)
        best = getattr(callback, "best_epoch", None)
        if best is not None and (always or trained < setting.epochs):
            return best + 1
    return trained


def rows_of(settings, methods, seeds, found, folder=None):
    """A row for each setting and method that has runs."""
    rows = []
    for key, setting in settings.items():
        for method in methods:
            kept = [found.get((key, method, seed)) for seed in seeds]
            kept = [run for run in kept if run is not None]
            if not kept:
                continue
            accuracy = [run["accuracy"] for run in kept]
            rows.append(
                {
                    "data": setting.name,
                    "method": method,
                    "runs": len(kept),
                    "mean": f"{statistics.mean(accuracy):.3f}",
                    "worst": f"{min(accuracy):.3f}",
                    "best": f"{max(accuracy):.3f}",
                    "epoch": round(statistics.mean(r["epoch"] for r in kept)),
                    "CPU s": round(
                        statistics.median(r["cpu_seconds"] for r in kept)
                    ),
                }
            )
    return rows


def _chosen(given, known, option):
    for name in given or ():
        if name not in known:
            raise SystemExit(
                f"{option} takes {', '.join(known)}. Received: {name}"
            )
    return [name for name in known if not given or name in given]


def rows_by_method(settings, methods, seeds, found, folder=None):
    """A row for each method: per cent, and half of what seeds lie apart."""
    rows = []
    for method in methods:
        row = {"loss": method}
        for key in settings:
            kept = [found.get((key, method, seed)) for seed in seeds]
            kept = [100 * run["accuracy"] for run in kept if run is not None]
            apart = f" ±{(max(kept) - min(kept)) / 2:.1f}" if kept[1:] else ""
            row[key] = f"{statistics.mean(kept):.1f}{apart}" if kept else "-"
        rows.append(row)
    return rows


@dataclass(frozen=True)
class Study:
    """A benchmark: methods by settings by seeds.

    Attributes:
        name: Of the command.
        about: What it does, its docstring.
        of_files: name -> `Setting`, with `--data`.
        of_digits: name -> `Setting`, without.
        methods: name -> function of a `Task` that returns a `Plan`.
        rows: Makes the table, as `rows_of`; the last argument is `--data`.
    """

    name: str
    about: str
    of_files: dict
    of_digits: dict
    methods: dict
    rows: Callable = rows_of

    def main(self, arguments=None):
        """The command."""
        made = parser(self.about)
        made.add_argument("--data", metavar="DIR", help="folder of the images")
        made.add_argument("--runs", metavar="DIR", help="keep every run here")
        made.add_argument("--seeds", nargs="+", type=int, metavar="SEED")
        made.add_argument("--methods", nargs="+", metavar="METHOD")
        made.add_argument("--settings", nargs="+", metavar="SETTING")
        made.add_argument(
            "--table",
            action="store_true",
            help="train nothing: what --runs has",
        )
        options = made.parse_args(arguments)
        settings = self.of_files if options.data else self.of_digits
        if options.quick:
            settings = {
                key: replace(setting, epochs=4, warm_up=1, train=640, test=500)
                for key, setting in settings.items()
            }
        chosen = _chosen(options.settings, settings, "--settings")
        settings = {key: settings[key] for key in chosen}
        methods = _chosen(options.methods, self.methods, "--methods")
        methods = {name: self.methods[name] for name in methods}
        seeds = options.seeds or ([0] if options.quick else [0, 1, 2])
        found = _found(settings, methods, seeds, options)
        if all(run is None for run in found.values()):
            raise SystemExit("There are no runs yet.")
        rows = self.rows(settings, methods, seeds, found, options.data)
        report(self.name, rows, options)


def _found(settings, methods, seeds, options):
    """(setting, method, seed) -> what its run found, or `None`."""
    kept = {
        (key, method): Runs(options.runs, made_with(make, setting))
        for key, setting in settings.items()
        for method, make in methods.items()
    }
    found = {
        (key, method, seed): kept[key, method].get(_file(key, method, seed))
        for key in settings
        for seed in seeds
        for method in methods
    }
    if options.table:
        return found
    left = [job for job, run in found.items() if run is None]
    bar = keras.utils.Progbar(max(len(left), 1), unit_name="run")
    loaded = images = None
    for job in left:
        key, method, seed = job
        setting = settings[key]
        if loaded != (key, seed):
            images = setting.load(options.data, seed)
            images = images.first(setting.train, setting.test)
            loaded = key, seed
        found[job] = train(methods[method], setting, images, seed)
        kept[key, method].keep(_file(*job), found[job])
        bar.add(1)
    return found


def _file(key, method, seed):
    return f"{key}-{method}-{seed}"
