import sys

import keras
import pytest

from keras_robust.tuning import limit_time
from tests.tuning.searches import search
from tests.tuning.searches import tuner_of


class Clock:
    now = 0.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    # The function has the name of its module.
    module = sys.modules["keras_robust.tuning.limit_time"]
    monkeypatch.setattr(module, "time", made)
    return made


class Slow(keras.callbacks.Callback):
    """Every epoch takes ten seconds, by the clock of the test."""

    clock = None

    def on_epoch_end(self, epoch, logs=None):
        Slow.clock.now += 10


def test_no_trial_begins_after_the_limit_and_the_search_goes_on(
    clock, tmp_path
):
    Slow.clock = clock
    tuner = limit_time(tuner_of(tmp_path, max_trials=4), max_time=15)
    search(tuner, epochs=1, callbacks=[Slow()])
    # One began at 0 and one at 10.
    trials = tuner.oracle.trials.values()
    assert [trial.status for trial in trials] == ["COMPLETED"] * 2
    assert clock.now == 20
    again = limit_time(tuner_of(tmp_path, max_trials=4), max_time=5)
    search(again, epochs=1, callbacks=[Slow()])
    assert len(again.oracle.trials) == 3


def test_a_worker_leaves_it_to_the_chief():
    class Worker:
        oracle = object()

    worker = Worker()
    assert limit_time(worker, 5) is worker


@pytest.mark.parametrize("seconds", [0, -1, "1h", None])
def test_bad_limits_are_refused(seconds):
    with pytest.raises(ValueError, match="`max_time`"):
        limit_time(None, seconds)
