"""Which losses start cold: every default on digits, 40 % symmetric noise.

`python -m benchmarks.cold_start [--quick] [--json out.json]` trains the
demo's CNN from random weights and after a few epochs of cross-entropy, and
prints the clean test accuracy at the last epoch, how many runs lost a class,
and in how many of those, and of the others, the tracker warned.
"""

import statistics
import warnings

import keras
import numpy as np

from benchmarks.harness import parser
from benchmarks.harness import report
from keras_robust import callbacks
from keras_robust import demo
from keras_robust import losses

RATE = 0.4
# A run has collapsed when some class is predicted for less than this share of
# its clean test images: judged on other images than the tracker's warning is.
LOST = 0.1


def contestants():
    """The losses, fresh for every run: defaults, and the usage line's q=3."""
    return {
        "CrossEntropy()": losses.CrossEntropy(),
        "AsymmetricGCE()": losses.AsymmetricGCE(),
        "AsymmetricGCE(q=3)": losses.AsymmetricGCE(q=3),
        "AsymmetricUnhinged()": losses.AsymmetricUnhinged(),
        "AsymmetricExponential()": losses.AsymmetricExponential(),
        "GeneralizedCrossEntropy()": losses.GeneralizedCrossEntropy(),
        "NormalizedCrossEntropy()": losses.NormalizedCrossEntropy(),
        "Blurry()": losses.Blurry(),
        "Blurry(stop_gradient=False)": losses.Blurry(stop_gradient=False),
        "PiecewiseZero()": losses.PiecewiseZero(),
        "NormalizedCrossEntropy() + AsymmetricGCE()": losses.ActivePassive(
            losses.NormalizedCrossEntropy(), losses.AsymmetricGCE()
        ),
    }


def train(loss, seed, warm_up, epochs):
    """Returns (clean test accuracy, whether collapsed, whether warned)."""
    digits = demo.load_digits("symmetric", RATE, seed)
    keras.utils.set_random_seed(seed)
    model = demo.small_cnn(loss)
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


def main(arguments=None):
    options = parser(__doc__).parse_args(arguments)
    seeds, epochs = (2, 10) if options.quick else (10, 40)
    names = list(contestants())
    bar = keras.utils.Progbar(len(names) * 2 * seeds)
    rows = []
    for name in names:
        for warm_up in (0, demo.WARM_UP):
            runs = []
            for seed in range(seeds):
                runs.append(train(contestants()[name], seed, warm_up, epochs))
                bar.add(1)
            accuracy = [run[0] for run in runs]
            bad = [run[2] for run in runs if run[1]]
            good = [run[2] for run in runs if not run[1]]
            rows.append(
                {
                    "loss": name,
                    "warm-up": warm_up,
                    "mean": round(statistics.mean(accuracy), 3),
                    "worst": round(min(accuracy), 3),
                    "best": round(max(accuracy), 3),
                    "collapsed": len(bad),
                    "warned": f"{sum(bad)}/{len(bad)}",
                    "false alarms": f"{sum(good)}/{len(good)}",
                }
            )
    report("cold_start", rows, options)


if __name__ == "__main__":
    main()
