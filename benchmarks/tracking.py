"""What recording adds to an epoch of the demo's CNN.

`python -m benchmarks.tracking [--quick] [--json out.json]` trains the same
network on the digits three ways, in turn, in one process: plain `fit` on
arrays, `fit` with a LossTrajectory, and plain `fit` with a `predict` over the
training data after every epoch, which is how the same numbers are had
without a tracker. Once with the demo's batches of 64, once with batches of 256
of four times as many images, whose steps take 20 ms and more. The first epochs
of each training are left out.
"""

import statistics
import time

import keras
import numpy as np

from benchmarks.harness import parser
from benchmarks.harness import report
from keras_robust import callbacks
from keras_robust import demo


class Clock(keras.callbacks.Callback):
    """Wall and CPU seconds from the start of one epoch to that of the next."""

    skipped = 3

    def on_train_begin(self, logs=None):
        self.marks = []

    def on_epoch_begin(self, epoch, logs=None):
        self.marks.append((time.perf_counter(), time.process_time()))

    def epochs(self):
        pairs = zip(self.marks, self.marks[1:], strict=False)
        spent = [(b[0] - a[0], b[1] - a[1]) for a, b in pairs]
        return spent[self.skipped :]


class Repredict(keras.callbacks.Callback):
    """Predicts all training samples after every epoch."""

    def __init__(self, x, batch_size):
        super().__init__()
        self.x, self.batch_size = x, batch_size

    def on_epoch_end(self, epoch, logs=None):
        self.model.predict(self.x, batch_size=self.batch_size, verbose=0)


def train(way, x, y, batch_size, epochs):
    """Returns the (wall, CPU) seconds of the counted epochs."""
    clock = Clock()
    model = demo.small_cnn("sparse_categorical_crossentropy")
    options = {"epochs": epochs, "verbose": 0}
    if way == "recorded":
        tracker = callbacks.LossTrajectory(warn_on_collapse=False)
        data = tracker.track(x, y, batch_size=batch_size)
        model.fit(data, callbacks=[clock, tracker], **options)
    else:
        more = [Repredict(x, batch_size)] if way == "predicted again" else []
        model.fit(
            x,
            y,
            batch_size=batch_size,
            callbacks=[clock, *more],
            **options,
        )
    return clock.epochs()


def measure(x, y, batch_size, rounds, epochs, bar):
    """Returns the rows of one size, one a way to train."""
    spent = {"plain": [], "recorded": [], "predicted again": []}
    ratios = {way: [] for way in spent}
    for turn in range(rounds):
        ways = list(spent) if turn % 2 else list(spent)[::-1]
        medians = {}
        for way in ways:
            times = train(way, x, y, batch_size, epochs)
            spent[way] += times
            medians[way] = [
                statistics.median(column) for column in zip(*times, strict=True)
            ]
            bar.add(1)
        for way in spent:
            pair = zip(medians[way], medians["plain"], strict=True)
            ratios[way].append([ours / plain for ours, plain in pair])
    steps = -(-len(x) // batch_size)
    rows = []
    for way, times in spent.items():
        wall, cpu = zip(*times, strict=True)
        wall_ratio, cpu_ratio = zip(*ratios[way], strict=True)
        rows.append(
            {
                "batch": batch_size,
                "training": way,
                "step wall ms": round(statistics.median(wall) / steps * 1e3, 2),
                "step CPU ms": round(statistics.median(cpu) / steps * 1e3, 2),
                "wall ratio": round(statistics.median(wall_ratio), 3),
                "CPU ratio": round(statistics.median(cpu_ratio), 3),
                "wall ratios seen": (
                    f"{min(wall_ratio):.2f} to {max(wall_ratio):.2f}"
                ),
            }
        )
    return rows


def main(arguments=None):
    options = parser(__doc__).parse_args(arguments)
    rounds, epochs = (2, 8) if options.quick else (7, 16)
    digits = demo.load_digits("symmetric", 0.4, 0)
    bar = keras.utils.Progbar(rounds * 6)
    rows = []
    for batch_size, times in ((demo.BATCH_SIZE, 1), (256, 4)):
        x = np.concatenate([digits.x_train] * times)
        y = np.concatenate([digits.y_train] * times)
        rows += measure(x, y, batch_size, rounds, epochs, bar)
    report("tracking", rows, options)


if __name__ == "__main__":
    main()
