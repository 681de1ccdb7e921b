"""What recording adds to an epoch of the demo's CNN.

`python -m benchmarks.tracking [--quick] [--json out.json]` trains the same
network on the digits three ways, in turn, in one process: plain `fit` on
arrays, `fit` with a LossTrajectory, and plain `fit` with a `predict` over the
training data after every epoch, which is how the same numbers are had
without a tracker. The first epochs of each training are left out.
"""

import statistics
import time

import keras

from benchmarks.harness import parser
from benchmarks.harness import report
from keras_robust import callbacks
from keras_robust import demo

SKIPPED = 3


class Clock(keras.callbacks.Callback):
    """Wall and CPU seconds from the start of one epoch to that of the next."""

    def on_train_begin(self, logs=None):
        self.marks = []

    def on_epoch_begin(self, epoch, logs=None):
        self.marks.append((time.perf_counter(), time.process_time()))

    def epochs(self):
        pairs = zip(self.marks, self.marks[1:], strict=False)
        spent = [(b[0] - a[0], b[1] - a[1]) for a, b in pairs]
        return spent[SKIPPED:]


class Repredict(keras.callbacks.Callback):
    """Predicts all training samples after every epoch."""

    def __init__(self, x):
        super().__init__()
        self.x = x

    def on_epoch_end(self, epoch, logs=None):
        self.model.predict(self.x, batch_size=demo.BATCH_SIZE, verbose=0)


def train(way, digits, epochs):
    """Returns the (wall, CPU) seconds of the counted epochs."""
    clock = Clock()
    model = demo.small_cnn("sparse_categorical_crossentropy")
    x, y = digits.x_train, digits.y_train
    options = {"epochs": epochs, "verbose": 0}
    if way == "recorded":
        tracker = callbacks.LossTrajectory()
        data = tracker.track(x, y, batch_size=demo.BATCH_SIZE)
        model.fit(data, callbacks=[clock, tracker], **options)
    else:
        more = [Repredict(x)] if way == "predicted again" else []
        model.fit(
            x,
            y,
            batch_size=demo.BATCH_SIZE,
            callbacks=[clock, *more],
            **options,
        )
    return clock.epochs()


def main(arguments=None):
    options = parser(__doc__).parse_args(arguments)
    rounds, epochs = (2, 8) if options.quick else (7, 16)
    digits = demo.load_digits("symmetric", 0.4, 0)
    spent = {"plain": [], "recorded": [], "predicted again": []}
    bar = keras.utils.Progbar(rounds * len(spent))
    ratios = {way: [] for way in spent}
    for turn in range(rounds):
        ways = list(spent) if turn % 2 else list(spent)[::-1]
        medians = {}
        for way in ways:
            times = train(way, digits, epochs)
            spent[way] += times
            medians[way] = [
                statistics.median(column) for column in zip(*times, strict=True)
            ]
            bar.add(1)
        for way in spent:
            pair = zip(medians[way], medians["plain"], strict=True)
            ratios[way].append([ours / plain for ours, plain in pair])
    rows = []
    for way, times in spent.items():
        wall, cpu = zip(*times, strict=True)
        wall_ratio, cpu_ratio = zip(*ratios[way], strict=True)
        rows.append(
            {
                "training": way,
                "epoch wall ms": round(statistics.median(wall) * 1e3, 1),
                "epoch CPU ms": round(statistics.median(cpu) * 1e3, 1),
                "wall ratio": round(statistics.median(wall_ratio), 3),
                "CPU ratio": round(statistics.median(cpu_ratio), 3),
                "wall ratios seen": (
                    f"{min(wall_ratio):.2f} to {max(wall_ratio):.2f}"
                ),
            }
        )
    report("tracking", rows, options)


if __name__ == "__main__":
    main()
