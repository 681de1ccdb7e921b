"""What acting on samples adds to a training step.

`python -m benchmarks.acting_cost [--quick] [--json FILE]` trains the demo's
CNN on 50,000 images, batches of 256, with `PiecewiseZero`: plain `fit` on
arrays; with its cutoff on a schedule; and from one loss to another with
`SwitchLoss`; then tracked by a `LossTrajectory`, and tracked with
`SampleWeights` and with `EarlyLearning` (a target of 10 numbers a sample). All
in turn in one process, and each against the plain and the tracked training of
its turn. The first epoch of each training is left out.
"""

import statistics

import keras
import numpy as np

from benchmarks.harness import parser
from benchmarks.harness import report
from benchmarks.tracking import Clock
from keras_robust import callbacks
from keras_robust import demo
from keras_robust import losses
from keras_robust.losses import schedules

BATCH_SIZE = 256
CUTOFF = 0.05


class _Clock(Clock):
    skipped = 1


def _plain(count):
    return losses.PiecewiseZero(CUTOFF), ()


def _scheduled(count):
    # It changes between the epochs that count.
    cutoff = schedules.Delayed(CUTOFF, start_epoch=2)
    return losses.PiecewiseZero(cutoff), (callbacks.LossSchedules(),)


def _switched(count):
    then = losses.PiecewiseZero(CUTOFF)
    loss = losses.SwitchLoss(losses.CrossEntropy(), then, at_epoch=2)
    return loss, (callbacks.LossSchedules(),)


def _weighted(count):
    weights = np.random.default_rng(0).integers(0, 2, count)
    return losses.PiecewiseZero(CUTOFF), (callbacks.SampleWeights(weights),)


def _early_learning(count):
    acting = callbacks.EarlyLearning(verbose=0)
    return losses.PiecewiseZero(CUTOFF), (acting,)


# way -> what it trains with, and whether it is tracked
WAYS = {
    "plain": (_plain, False),
    "scheduled": (_scheduled, False),
    "switched": (_switched, False),
    "tracked": (_plain, True),
    "tracked, weighted": (_weighted, True),
    "tracked, early learning": (_early_learning, True),
}


def train(way, x, y, epochs):
    """Returns the (wall, CPU) seconds of the counted epochs."""
    make, tracked = WAYS[way]
    loss, acting = make(len(x))
    clock = _Clock()
    model = demo.small_cnn(loss)
    options = {"epochs": epochs, "verbose": 0}
    if tracked:
        tracker = callbacks.LossTrajectory(warn_on_collapse=False)
        followed = tracker.track(x, y, batch_size=BATCH_SIZE)
        model.fit(followed, callbacks=[clock, tracker, *acting], **options)
    else:
        model.fit(
            x, y, batch_size=BATCH_SIZE, callbacks=[clock, *acting], **options
        )
    return clock.epochs()


def measure(x, y, rounds, epochs):
    """Returns a row for each way to train."""
    seen = {way: [] for way in WAYS}
    bar = keras.utils.Progbar(rounds * len(WAYS), unit_name="training")
    for turn in range(rounds):
        for way in list(WAYS) if turn % 2 else list(WAYS)[::-1]:
            times = train(way, x, y, epochs)
            columns = zip(*times, strict=True)
            seen[way].append([statistics.median(c) for c in columns])
            bar.add(1)
    steps = -(-len(x) // BATCH_SIZE)
    rows = []
    for way, medians in seen.items():
        wall, cpu = zip(*medians, strict=True)
        row = {
            "training": way,
            "step wall ms": round(statistics.median(wall) / steps * 1e3, 2),
            "step CPU ms": round(statistics.median(cpu) / steps * 1e3, 2),
        }
        for base in ("plain", "tracked"):
            ratios = [
                [ours / theirs for ours, theirs in zip(*pair, strict=True)]
                for pair in zip(medians, seen[base], strict=True)
            ]
            wall, cpu = zip(*ratios, strict=True)
            row[f"wall to {base}"] = round(statistics.median(wall), 3)
            row[f"CPU to {base}"] = round(statistics.median(cpu), 3)
            row[f"CPU to {base}, seen"] = f"{min(cpu):.2f} to {max(cpu):.2f}"
        rows.append(row)
    return rows


def main(arguments=None):
    options = parser(__doc__).parse_args(arguments)
    rounds, epochs, count = (2, 3, 2_560) if options.quick else (7, 5, 50_000)
    digits = demo.load_digits("symmetric", 0.4, 0)
    positions = np.arange(count) % len(digits.x_train)
    x, y = digits.x_train[positions], digits.y_train[positions]
    report("acting_cost", measure(x, y, rounds, epochs), options)


if __name__ == "__main__":
    main()
