"""What a search for a loss on noisy labels is worth.

`python -m benchmarks.tuning [--data DIR] [--runs DIR] [--quick] [--json FILE]`
searches with KerasTuner, 20 trials of random search: over six losses, their
parameters and their warm-up; and over cross-entropy, its label smoothing and,
by early stopping, its epochs; both over learning rate and dropout as well. A
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

import statistics
import tempfile

import keras
import numpy as np

from benchmarks.harness import parser
from benchmarks.harness import report
from benchmarks.loss_searches import LOSSES
from benchmarks.loss_searches import OF_DIGITS
from benchmarks.loss_searches import OF_FILES
from benchmarks.loss_searches import WIDTHS
from benchmarks.loss_searches import search
from benchmarks.runs import Runs

BY = ("noisy", "corrected", "trimmed")


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
