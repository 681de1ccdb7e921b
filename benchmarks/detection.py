"""Which detector finds the wrong labels, on ten data sets.

`python -m benchmarks.detection [--data DIR] [--runs DIR] [--quick] [--json F]`
trains the networks of benchmarks/detection_runs.py on each data set of
benchmarks/labelled.py and judges every detector of benchmarks/detectors.py by
its order (average precision, AP) and its flags (F1). With `--data` on real
images and texts, without on three of digits. `--runs` keeps the trainings.
`auto, left out` is `auto` with its parts chosen on the other data sets, see
benchmarks/left_out.py.
"""

import functools
import statistics
import warnings

import keras

from benchmarks import labelled
from benchmarks.detection_runs import EPOCHS
from benchmarks.detection_runs import Kept
from benchmarks.detectors import DETECTORS
from benchmarks.detectors import PEERS
from benchmarks.detectors import Run
from benchmarks.detectors import judged
from benchmarks.harness import parser
from benchmarks.harness import report
from benchmarks.left_out import judged_left_out

LEFT_OUT = "auto, left out"
MEASURES = (
    "AP",
    "F1",
    "flagged / wrong",
    "ECE",
    "worst class recall",
    "false flags",
)


def load(kept, sets, name, seed, folder):
    """The trainings of a data set and a seed as one `Run`."""
    data = sets[name](folder, seed)
    trajectories, one = kept.trajectories(name, seed, "CE")
    robust, _ = kept.trajectories(name, seed, "AGCE")
    probabilities, folds = kept.probabilities(name, seed)
    return Run(
        data.given,
        data.true,
        trajectories,
        robust,
        probabilities,
        {"one": one, "folds": folds},
    )


def judge_all(runs):
    """dict of (detector, data set, seed) to what `judged` says."""
    results, choices = judged_left_out(runs)
    found = {(LEFT_OUT, *key): result for key, result in results.items()}
    bar = keras.utils.Progbar(len(runs), unit_name="run")
    for key, run in runs.items():
        for detector, ask in DETECTORS.items():
            found[(detector, *key)] = judged(ask(run), run)
        bar.add(1)
    return found, choices


def rows_of(found, names):
    """A row for each detector and measure, a column for each data set."""
    rows = []
    for measure in MEASURES:
        for detector in (LEFT_OUT, *DETECTORS):
            of_sets = {
                name: [
                    result[measure]
                    for key, result in found.items()
                    if key[:2] == (detector, name) and measure in result
                ]
                for name in names
            }
            if not all(of_sets.values()):
                continue
            means = {n: statistics.mean(v) for n, v in of_sets.items()}
            rows.append(
                {
                    "measure": measure,
                    "detector": detector,
                    **{n: f"{mean:.3f}" for n, mean in means.items()},
                    "mean": f"{statistics.mean(means.values()):.3f}",
                }
            )
    return rows


def cost_rows(runs):
    """What one training and five folds take, CPU seconds."""
    rows = []
    for name in dict.fromkeys(name for name, _ in runs):
        of_name = [r.seconds for (n, _), r in runs.items() if n == name]
        one = statistics.median(seconds["one"] for seconds in of_name)
        folds = statistics.median(seconds["folds"] for seconds in of_name)
        rows.append((name, one, folds))
    return {
        kind: {name: f"{(one, folds)[place]:.0f}" for name, one, folds in rows}
        for place, kind in enumerate(
            ("one training, CPU s", "five folds, CPU s")
        )
    }


def main(arguments=None):
    made = parser(__doc__)
    made.add_argument("--data", metavar="DIR", help="folder of the data")
    made.add_argument("--runs", metavar="DIR", help="keep the trainings here")
    made.add_argument("--seeds", nargs="+", type=int, metavar="SEED")
    made.add_argument("--sets", nargs="+", metavar="SET")
    options = made.parse_args(arguments)
    sets = labelled.OF_FILES if options.data else labelled.OF_DIGITS
    unknown = set(options.sets or ()) - set(sets)
    if unknown:
        raise SystemExit(
            f"--sets takes {', '.join(sets)}. Received: {unknown.pop()}"
        )
    names = [n for n in sets if not options.sets or n in options.sets]
    seeds = options.seeds or ([0] if options.quick else [0, 1, 2])
    kept = Kept(
        options.runs,
        lambda name, seed: sets[name](options.data, seed),
        epochs=6 if options.quick else EPOCHS,
    )
    read = functools.partial(load, kept, sets, folder=options.data)
    runs = {}
    bar = keras.utils.Progbar(len(names) * len(seeds), unit_name="set")
    for seed in seeds:
        for name in names:
            runs[name, seed] = read(name, seed)
            bar.add(1)
    with warnings.catch_warnings():
        # What they say of runs such as these is in the table.
        warnings.simplefilter("ignore")
        found, choices = judge_all(runs)
    rows = rows_of(found, names)
    for kind, costs in cost_rows(runs).items():
        rows.append({"measure": "cost", "detector": kind, **costs, "mean": ""})
    for name, (evidence, last, slope) in choices.items():
        print(f"without {name}: {evidence}, last {last:.2f}, slope {slope}")
    print(f"Peers: {', '.join(PEERS)}")
    report("detection", rows, options)


if __name__ == "__main__":
    main()
