"""What recording adds to a step as the data grow.

`python -m benchmarks.tracking_size [--quick] [--json out.json]` trains a
linear model on batches of 64 of N samples in turn plain, recorded by
`tracker.fit` and recorded by `model.fit(tracker.track(x, y))`, and times the
steps of the later epochs but for their first.
"""

import statistics
import time
import warnings

import keras
import numpy as np

from benchmarks.harness import parser
from benchmarks.harness import report
from keras_robust import callbacks

FEATURES, CLASSES, BATCH = 8, 10, 64
# No more than 10,000 samples have.
STEPS = 150
FIRST = 20
WAYS = ("tracker.fit", "track")


class Between(keras.callbacks.Callback):
    """Seconds of the steps of every epoch but for its first.

    Reading the loss waits for what is still under way: JAX computes behind
    Python's back, and at an epoch's start once what the whole table needs.
    """

    def __init__(self):
        super().__init__()
        self.seconds = []

    def on_train_batch_end(self, batch, logs=None):
        if batch in (FIRST, STEPS - 1):
            float(logs["loss"])
            now = time.perf_counter()
            if batch == FIRST:
                self.begin = now
            else:
                self.seconds.append(now - self.begin)


def model():
    made = keras.Sequential(
        [
            keras.Input((FEATURES,)),
            keras.layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    made.compile("sgd", "sparse_categorical_crossentropy")
    return made


def samples(count):
    """Made samples: nothing here depends on what they are."""
    rng = np.random.default_rng(0)
    x = rng.random((count, FEATURES), dtype="float32")
    return x, rng.integers(0, CLASSES, count, dtype="int32")


def step_ms(way, x, y, epochs):
    """Milliseconds a step."""
    clock = Between()
    tracker = callbacks.LossTrajectory(warn_on_collapse=False)
    options = {"steps_per_epoch": STEPS, "epochs": epochs, "verbose": 0}
    with warnings.catch_warnings():
        # A part of the samples is enough.
        warnings.simplefilter("ignore")
        if way == "tracker.fit":
            options.update(batch_size=BATCH, callbacks=[clock, tracker])
            tracker.fit(model(), x, y, **options)
        elif way == "track":
            data = tracker.track(x, y, batch_size=BATCH)
            model().fit(data, **options, callbacks=[clock, tracker])
        else:
            options.update(batch_size=BATCH, callbacks=[clock])
            model().fit(x, y, **options)
    # The first epochs touch much of a large table for the first time.
    seconds = clock.seconds[epochs // 2 :]
    return statistics.median(seconds) / (STEPS - 1 - FIRST) * 1e3


def steps(counts, rounds):
    """Rows of the added time a step, one for each number of samples."""
    rows = []
    for count in counts:
        x, y = samples(count)
        plain, added = [], {way: [] for way in WAYS}
        for turn in range(rounds):
            order = ("plain", *WAYS)[:: -1 if turn % 2 else 1]
            ms = {way: step_ms(way, x, y, 9) for way in order}
            plain.append(ms["plain"])
            for way in WAYS:
                added[way].append(ms[way] - ms["plain"])
        row = {
            "samples": f"{count:,}",
            "plain step ms": round(statistics.median(plain), 3),
        }
        for way in WAYS:
            row[f"{way}: added ms"] = round(statistics.median(added[way]), 3)
        rows.append(row)
    return rows


def main(arguments=None):
    options = parser(__doc__).parse_args(arguments)
    counts, rounds = (10_000, 1_000_000, 10_000_000), 3
    if options.quick:
        counts, rounds = counts[:2], 2
    report("tracking_size", steps(counts, rounds), options)


if __name__ == "__main__":
    main()
