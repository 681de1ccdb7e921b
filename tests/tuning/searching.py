"""A search as a user writes it, on its own or started by `launch`.

    python searching.py FOLDER KIND RESULTS [KILLED]

writes the scores of all trials and the best one to RESULTS, as JSON. With
KILLED, a file that is not there, worker1 kills itself once, in its first
trial, and leaves that file.
"""

import json
import os
import signal
import sys
import time

import keras

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", ".."))

from keras_robust.tuning import RobustHyperModel
from keras_robust.tuning import SearchReport
from keras_robust.tuning import launch
from tests.tuning.searches import build
from tests.tuning.searches import search
from tests.tuning.searches import tuner_of


class Killed(keras.callbacks.Callback):
    def __init__(self, path):
        super().__init__()
        self.path = path

    def on_epoch_end(self, epoch, logs=None):
        mine = os.environ.get("KERASTUNER_TUNER_ID") == "worker1"
        if mine and not os.path.exists(self.path):
            with open(self.path, "w") as file:
                file.write(str(epoch))
            os.kill(os.getpid(), signal.SIGKILL)
        if not mine and not os.path.exists(self.path):
            # The other worker leaves it a trial.
            time.sleep(0.5)


def main(folder, kind, results, killed=None):
    if kind == "GridSearch":
        losses, options = ("mae", "nce"), {"cross_entropy": False}
    else:
        losses, options = ("agce", "gce"), {}
    hypermodel = RobustHyperModel(build, losses, max_warm_up=1, **options)
    # All of the grid.
    trials = 6 if kind == "RandomSearch" else None
    tuner = tuner_of(folder, kind, hypermodel, max_trials=trials)
    listed = [Killed(killed)] if killed else []
    search(tuner, epochs=1, callbacks=listed)
    if launch.is_worker():
        return
    report = SearchReport(tuner)
    found = [
        {
            "score": row["score"],
            "values": dict(sorted(trial.hyperparameters.values.items())),
        }
        for row, trial in zip(report.rows, report._trials, strict=True)
    ]
    with open(results, "w") as file:
        json.dump(found, file)


def sleep_less():
    """A chief looks every 20 seconds whether its workers have gone."""
    from keras_tuner.src.distribute import oracle_chief

    class Quicker:
        @staticmethod
        def sleep(seconds):
            time.sleep(min(seconds, 0.2))

    oracle_chief.time = Quicker


if __name__ == "__main__":
    if "chief" in os.environ.get("KERASTUNER_TUNER_ID", ""):
        sleep_less()
    main(*sys.argv[1:])
