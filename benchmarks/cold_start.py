"""Which losses start cold: the whole library on digits, 40 % symmetric noise.

`python -m benchmarks.cold_start [--quick] [--json out.json]` trains the
demo's CNN from random weights and, where that lost a class, after a few epochs
of cross-entropy, and prints the clean test accuracy at the last epoch, how many
runs lost a class, in how many of those, and of the others, the tracker warned,
and what `theory.fitting_profile` had said. `--only NAME ...` takes some losses.
"""

import statistics
import warnings

import keras
import numpy as np

from benchmarks.harness import parser
from benchmarks.harness import report
from benchmarks.library import every_loss
from keras_robust import callbacks
from keras_robust import demo
from keras_robust import theory

RATE = 0.4
# A run has collapsed when some class is predicted for less than this share of
# its clean test images: judged on other images than the tracker's warning is.
LOST = 0.1


# The losses of most interest have ten seeds, and both starts; others fewer.
THOROUGH = (
    "CrossEntropy()",
    "AsymmetricGCE()",
    "AsymmetricGCE(q=3)",
    "AsymmetricUnhinged()",
    "AsymmetricExponential()",
    "GeneralizedCrossEntropy()",
    "NormalizedCrossEntropy()",
    "Blurry()",
    "Blurry(stop_gradient=False)",
    "PiecewiseZero()",
    "NormalizedCrossEntropy() + AsymmetricGCE()",
)

# Of which `fitting_profile` says something else than was measured, and why.
EXCEPTIONS = {
    "DataAmbiguation()": "it takes classes that it finds plausible itself for "
    "the label: what it does depends on all probabilities",
    "NormalizedNegativeCrossEntropy()": "it pulls little, but everywhere alike",
    "NormalizedNegativeFocal()": "it pulls little, but everywhere alike",
    # As AsymmetricExponential(), which lost a class in 3 runs of 10.
    'get("agce", "cifar10")': "on the border, and two runs",
    'get("aul", "cifar10")': "on the border, and two runs",
    'get("ael", "cifar10")': "on the border, and two runs",
}


def network(loss):
    """The demo's CNN, without its softmax for a loss that takes logits."""
    model = demo.small_cnn(loss)
    if loss.from_logits:
        model.layers[-1].activation = keras.activations.linear
    return model


def train(loss, seed, warm_up, epochs):
    """Returns (clean test accuracy, whether collapsed, whether warned)."""
    digits = demo.load_digits("symmetric", RATE, seed)
    keras.utils.set_random_seed(seed)
    model = network(loss)
    tracker = callbacks.LossTrajectory(signals=())
    listed = [tracker]
    if warm_up:
        listed.insert(0, callbacks.CrossEntropyWarmUp(warm_up))
    data = tracker.track(
        digits.x_train, digits.y_train, batch_size=demo.BATCH_SIZE, seed=seed
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(data, epochs=epochs, callbacks=listed, verbose=0)
    warned = any("collapsed" in str(w.message) for w in caught)
    predicted = model.predict(digits.x_test, verbose=0).argmax(axis=1)
    made = np.bincount(predicted, minlength=demo.NUM_CLASSES)
    there = np.bincount(digits.y_test, minlength=demo.NUM_CLASSES)
    collapsed = bool((made < LOST * there).any())
    return float((predicted == digits.y_test).mean()), collapsed, warned


def row_of(name, warm_up, runs, starts_cold):
    """A row of the table, of what `train` returned for every seed."""
    accuracy = [run[0] for run in runs]
    bad = [run[2] for run in runs if run[1]]
    good = [run[2] for run in runs if not run[1]]
    return {
        "loss": name,
        "warm-up": warm_up,
        "runs": len(runs),
        "mean": round(statistics.mean(accuracy), 3),
        "worst": round(min(accuracy), 3),
        "best": round(max(accuracy), 3),
        "collapsed": len(bad),
        "warned": f"{sum(bad)}/{len(bad)}",
        "false alarms": f"{sum(good)}/{len(good)}",
        "theory": "" if warm_up else ("starts" if starts_cold else "does not"),
    }


def rows_of(name, many, few, epochs, done):
    """The rows of a loss; calls `done` after every run."""
    thorough = name in THOROUGH
    seeds = many if thorough else few
    profile = theory.fitting_profile(every_loss()[name], demo.NUM_CLASSES)
    rows = []
    for warm_up in (0, demo.WARM_UP):
        if rows and not thorough and not rows[0]["collapsed"]:
            break
        runs = []
        for seed in range(seeds):
            runs.append(train(every_loss()[name], seed, warm_up, epochs))
            done()
        rows.append(row_of(name, warm_up, runs, profile.starts_cold))
    return rows


def main(arguments=None):
    options = parser(__doc__)
    options.add_argument("--only", nargs="+", metavar="NAME")
    options = options.parse_args(arguments)
    many, few, epochs = (2, 1, 10) if options.quick else (10, 3, 40)
    rest = [name for name in every_loss() if name not in THOROUGH]
    names = options.only or [*THOROUGH, *rest]
    bar = keras.utils.Progbar(None, unit_name="run")
    rows = []
    for name in names:
        rows += rows_of(name, many, few, epochs, lambda: bar.add(1))
    report("cold_start", rows, options)


if __name__ == "__main__":
    main()
