"""Finding wrong labels with losses that back off from hard samples.

`python -m benchmarks.back_off [--data DIR] [--runs DIR] [--full] [--quick]
[--json FILE]` follows Pellegrino et al.: 20 % of the labels are flipped, five
networks are trained on four fifths each, confident learning flags labels by
their predictions of the last fifth, and the flags are measured against the
truth. Cross-entropy, focal loss and generalised cross-entropy, and Blurry (in
both forms) and Piecewise-zero after a delay, over a grid. With `--data` (see
benchmarks/data.py) on Fashion-MNIST, without on digits.

The grid is a part of the paper's, on 3,000 images, with seed 0; the best of
every loss is run with the other seeds too, which had no part in choosing it.
`--full` takes the whole grid, 10,000 images and every seed. What `--runs` has
is not run again.
"""

import statistics
import time
from dataclasses import dataclass

import keras

from benchmarks import data
from benchmarks import recipe
from benchmarks.folds import out_of_fold
from benchmarks.harness import parser
from benchmarks.harness import report
from benchmarks.runs import Runs
from keras_robust import callbacks
from keras_robust import losses
from keras_robust.detect import confident_learning
from keras_robust.losses import recipes

NOISE_RATE = 0.2
SEEDS = (0, 1, 2)
ATTACHED = "Blurry(stop_gradient=False)"


@dataclass(frozen=True)
class Size:
    """How much is done.

    Attributes:
        images: How many.
        delays, gammas, cutoffs: The grid.
        folds: Parts of the data.
        epochs: Of each training.
        widths: Of the convolutions.
    """

    images: int
    delays: tuple
    gammas: tuple
    cutoffs: tuple
    folds: int = 5
    epochs: int = 10
    widths: tuple = (32, 64)


FULL = Size(
    10_000,
    (0, 2, 4, 6, 8),
    (0.1, 0.2, 0.3, 0.4, 0.5, 0.6),
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.2),
)
PART = Size(3_000, (0, 4, 8), (0.2, 0.5), (0.05, 0.2))
# Whole batches: one shape to compile for.
QUICK = Size(384, (2,), (0.5,), (0.05,), 2, 3, (8,))


@dataclass(frozen=True)
class Entry:
    """A loss of the grid, and what it is called in the table."""

    loss: losses.RobustLoss
    kind: str
    value: float | None = None
    delay: int | None = None

    @property
    def name(self):
        if self.value is None:
            return self.kind
        return f"{self.kind}-{self.value}-after-{self.delay}"


def entries(size):
    """The baselines and the grid."""
    logits = {"from_logits": True}
    found = [
        Entry(losses.CrossEntropy(**logits), "CrossEntropy"),
        Entry(losses.Focal(gamma=2.0, **logits), "Focal(2)"),
        Entry(losses.GeneralizedCrossEntropy(q=0.7, **logits), "GCE(0.7)"),
    ]
    grids = (
        ("Blurry", size.gammas, (), {}),
        (ATTACHED, size.gammas, (), {"stop_gradient": False}),
        ("PiecewiseZero", (), size.cutoffs, {}),
    )
    for kind, gammas, cutoffs, more in grids:
        for delay in size.delays:
            grid = recipes.delayed_grid(
                (delay,), gammas, cutoffs, **more, **logits
            )
            for value, loss in zip(gammas or cutoffs, grid, strict=True):
                found.append(Entry(loss, kind, value, delay))
    return found


def out_of_sample(entry, images, size, seed):
    """Probabilities `(N, K)` of networks that have not seen the sample."""
    x, y = images.x_train, images.y_train

    def make():
        model = recipe.network(x.shape[1:], size.widths)
        recipe.compile_model(model, entry.loss)
        listed = [recipe.cosine(size.epochs)]
        if entry.delay is not None:
            listed.append(callbacks.LossSchedules())
        return model, listed

    return out_of_fold(
        make,
        x,
        y,
        data.NUM_CLASSES,
        size.folds,
        seed,
        batch_size=recipe.BATCH_SIZE,
        epochs=size.epochs,
    )


def run(entry, images, size, seed):
    """Returns how well the wrong labels were found, a dict."""
    from sklearn.metrics import balanced_accuracy_score

    begun = time.process_time()
    given = images.y_train
    probabilities = out_of_sample(entry, images, size, seed)
    wrong = given != images.true_train
    issues = confident_learning(given, probabilities, filter_by="both")
    found = issues.evaluate(images.true_train)
    predicted = issues.predicted_label
    return {
        "f1": found["f1"],
        "balanced_accuracy": float(
            balanced_accuracy_score(wrong, issues.is_label_issue)
        ),
        "auroc": found["auroc"],
        "accuracy": float((predicted == images.true_train).mean()),
        "loss": repr(entry.loss),
        "cpu_seconds": round(time.process_time() - begun, 1),
        "date": time.strftime("%Y-%m-%d %H:%M"),
    }


def made_with(entry, size, folder):
    """What a run depends on beside its seed."""
    return {
        "backend": keras.backend.backend(),
        "data": "Fashion-MNIST" if folder else "digits",
        "noise_rate": NOISE_RATE,
        "images": size.images,
        "folds": size.folds,
        "epochs": size.epochs,
        "widths": size.widths,
        "loss": repr(entry.loss),
        "schedules": entry.delay is not None,
    }


def best_of_each(listed, found):
    """The entry of every kind with the largest F1 at the first seed."""
    best = {}
    for entry in listed:
        f1 = found[entry.name, SEEDS[0]]["f1"]
        if entry.kind not in best or f1 > best[entry.kind][0]:
            best[entry.kind] = f1, entry
    return [entry for _, entry in best.values()]


def rows_of(listed, found):
    """A row for each entry that has runs."""
    rows = []
    for entry in listed:
        of = {
            s: found[entry.name, s] for s in SEEDS if (entry.name, s) in found
        }
        if not of:
            continue
        others = [run["f1"] for seed, run in of.items() if seed != SEEDS[0]]

        def mean(key, of=of):
            return f"{statistics.mean(run[key] for run in of.values()):.3f}"

        rows.append(
            {
                "loss": entry.kind,
                "parameter": "" if entry.value is None else entry.value,
                "delay": "" if entry.delay is None else entry.delay,
                "runs": len(of),
                "F1": mean("f1"),
                "F1 of other seeds": (
                    f"{min(others):.3f} to {max(others):.3f}" if others else ""
                ),
                "balanced accuracy": mean("balanced_accuracy"),
                "AUROC": mean("auroc"),
                "accuracy": mean("accuracy"),
                "CPU s": round(
                    statistics.median(r["cpu_seconds"] for r in of.values())
                ),
            }
        )
    return rows


def main(arguments=None):
    made = parser(__doc__)
    made.add_argument("--data", metavar="DIR", help="folder of the images")
    made.add_argument("--runs", metavar="DIR", help="keep every run here")
    made.add_argument("--full", action="store_true", help="the whole grid")
    made.add_argument(
        "--table", action="store_true", help="train nothing: what --runs has"
    )
    options = made.parse_args(arguments)
    size = FULL if options.full else PART
    size = QUICK if options.quick else size
    listed = entries(size)
    kept = {
        entry.name: Runs(options.runs, made_with(entry, size, options.data))
        for entry in listed
    }
    found = {}

    def have(wanted, seeds):
        jobs = [(entry, seed) for seed in seeds for entry in wanted]
        for entry, seed in jobs:
            result = kept[entry.name].get(f"{entry.name}-{seed}")
            if result is not None:
                found[entry.name, seed] = result
        left = [job for job in jobs if (job[0].name, job[1]) not in found]
        if options.table or not left:
            return
        bar = keras.utils.Progbar(len(left), unit_name="run")
        images = {seed: _images(options.data, seed, size) for seed in seeds}
        for entry, seed in left:
            result = run(entry, images[seed], size, seed)
            kept[entry.name].keep(f"{entry.name}-{seed}", result)
            found[entry.name, seed] = result
            bar.add(1)

    have(listed, SEEDS if options.full else SEEDS[:1])
    if not (options.quick or options.full):
        complete = all((entry.name, SEEDS[0]) in found for entry in listed)
        if complete:
            have(best_of_each(listed, found), SEEDS[1:])
    rows = rows_of(listed, found)
    if not rows:
        raise SystemExit("There are no runs yet.")
    report("back_off", rows, options)


def _images(folder, seed, size):
    if folder is None:
        images = data.digits(None, seed, NOISE_RATE)
        return images.first(size.images, None)
    return data.fashion_mnist(folder, seed, NOISE_RATE, size.images)


if __name__ == "__main__":
    main()
