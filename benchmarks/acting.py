"""What the methods that act during training are worth.

`python -m benchmarks.acting [--data DIR] [--runs DIR] [--quick] [--json FILE]`
trains the same network from the same weights, once with every method of
benchmarks/methods.py, and prints the accuracy on clean test images at the end
of the training; of methods that stop and go back, at the epoch they went back
to. All see the samples in the same order but two: NoisyEarlyStopping trains on
nine tenths, the rest is its validation data, and CoTeaching, which has no
tracker and a second network, leaves the order to Keras. With `--data` (see
benchmarks/data.py) on Fashion-MNIST and CIFAR-10N, without on digits. `--runs`
keeps every run in a file: what is there is not run again, and refused if its
setting or method was another one. TensorFlow is the fastest backend on a
processor; TF_NUM_INTRAOP_THREADS=1 holds it to one.
"""

import functools
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace

import keras

from benchmarks import data
from benchmarks import recipe
from benchmarks.harness import parser
from benchmarks.harness import report
from benchmarks.methods import METHODS
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


def _fashion(rate):
    return Setting(
        f"Fashion-MNIST, symmetric {rate}",
        functools.partial(data.fashion_mnist, rate=rate),
        "mnist",
        (32, 64),
    )


# The names that `--settings` takes.
OF_FILES = {
    "fashion-0.4": _fashion(0.4),
    "fashion-0.8": _fashion(0.8),
    "cifar10n-worst": Setting(
        "CIFAR-10N, worst", data.cifar10n, "cifar10", (16, 32, 64), warm_up=4
    ),
}
OF_DIGITS = {
    "digits-0.4": Setting(
        "digits, symmetric 0.4", data.digits, "mnist", (16, 32), 30, 5
    )
}


def _plan(method, setting, tracker, noise_rate):
    task = Task(
        tracker,
        setting.epochs,
        setting.warm_up,
        noise_rate,
        setting.published,
    )
    return METHODS[method](task)


def made_with(method, setting):
    """What a run depends on beside its seed, known before data are loaded.

    The share of wrong labels, which is of the data, is some number here.
    """
    plan = _plan(method, setting, callbacks.LossTrajectory(), 0.5)
    return {**setting.made_with(), "method": plan.made_with()}


def train(method, setting, images, seed):
    """Trains once; returns what is kept of it, a dict."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    begun = time.process_time()
    tracker = callbacks.LossTrajectory(warn_on_collapse=False)
    plan = _plan(method, setting, tracker, images.noise_rate)
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


def rows_of(settings, methods, seeds, found):
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


def main(arguments=None):
    made = parser(__doc__)
    made.add_argument("--data", metavar="DIR", help="folder of the images")
    made.add_argument("--runs", metavar="DIR", help="keep every run here")
    made.add_argument("--seeds", nargs="+", type=int, metavar="SEED")
    made.add_argument("--methods", nargs="+", metavar="METHOD")
    made.add_argument("--settings", nargs="+", metavar="SETTING")
    made.add_argument(
        "--table", action="store_true", help="train nothing: what --runs has"
    )
    options = made.parse_args(arguments)
    settings = OF_FILES if options.data else OF_DIGITS
    if options.quick:
        settings = {
            key: replace(setting, epochs=4, warm_up=1, train=640, test=500)
            for key, setting in settings.items()
        }
    chosen = _chosen(options.settings, settings, "--settings")
    settings = {key: settings[key] for key in chosen}
    methods = _chosen(options.methods, METHODS, "--methods")
    seeds = options.seeds or ([0] if options.quick else [0, 1, 2])

    kept = {
        (key, method): Runs(options.runs, made_with(method, setting))
        for key, setting in settings.items()
        for method in methods
    }
    jobs = [
        (key, method, seed)
        for key in settings
        for seed in seeds
        for method in methods
    ]
    found = {job: kept[job[:2]].get(_file(job)) for job in jobs}
    if not options.table:
        left = [job for job in jobs if found[job] is None]
        _train_all(left, settings, options.data, kept, found)
    rows = rows_of(settings, methods, seeds, found)
    if not rows:
        raise SystemExit("There are no runs yet.")
    report("acting", rows, options)


def _file(job):
    key, method, seed = job
    return f"{key}-{method}-{seed}"


def _train_all(jobs, settings, folder, kept, found):
    bar = keras.utils.Progbar(max(len(jobs), 1), unit_name="run")
    loaded = images = None
    for job in jobs:
        key, method, seed = job
        setting = settings[key]
        if loaded != (key, seed):
            images = setting.load(folder, seed)
            images = images.first(setting.train, setting.test)
            loaded = key, seed
        found[job] = train(method, setting, images, seed)
        kept[key, method].keep(_file(job), found[job])
        bar.add(1)


if __name__ == "__main__":
    main()
