"""A run that is killed at any moment loses the epoch under way at most."""

import pathlib
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import keras_robust
from keras_robust.trajectories import Trajectories
from keras_robust.trajectories.store import Store
from tests.trajectories import runs

pytest.importorskip("zarr")

SAMPLES = 3000

# The package without its __init__: a store needs no Keras, and the process
# is there at once.
APPEND = """
import sys
import types

package = types.ModuleType("keras_robust")
package.__path__ = [sys.argv[1]]
sys.modules["keras_robust"] = package
sys.path.insert(0, sys.argv[2])

import numpy as np

from keras_robust.trajectories import arrays
from keras_robust.trajectories.store import Store
from tests.trajectories import runs

arrays.BLOCK = 1000
ids = np.arange(int(sys.argv[4]))
print("started", flush=True)
store = Store.resume(sys.argv[3], ids, ids % 3, runs.SIGNALS)
done = store.epochs
for epoch in range(len(done), int(sys.argv[5])):
    runs.append(store, epoch)
    print(epoch, flush=True)
print("ended", flush=True)
"""


def start(path, epochs):
    command = [sys.executable, "-c", APPEND]
    command.append(pathlib.Path(keras_robust.__file__).parent)
    command.append(pathlib.Path(__file__).parents[2])
    process = subprocess.Popen(
        [*command, path, str(SAMPLES), str(epochs)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "started\n"
    return process


def kill_and_check(path, wait, after_one):
    """Kills a run; returns its epochs.

    It is killed `wait` seconds after its start, or after its first epoch.
    """
    process = start(path, epochs=10**6)
    first = process.stdout.readline() if after_one else ""
    time.sleep(wait)
    process.kill()
    output, _ = process.communicate()
    output = first + output
    assert process.returncode == -signal.SIGKILL
    # A number cut off in its middle has no line end.
    told = [int(line) for line in output.splitlines(True) if "\n" in line]
    if not path.exists():
        assert not told
        return 0
    finished = Store.open(path).epochs
    assert finished == list(range(len(finished)))
    if told:
        # What `append` returned from is there, and what it was at may be.
        assert finished[-1] - told[-1] in (0, 1)
        runs.assert_epochs(Trajectories.load(path), finished)
    return len(finished)


def check_kills(path, times):
    random_ = random.Random(times)
    finished = 0
    for number in range(times):
        # From within the creation to some epochs on.
        wait = random_.uniform(0, 0.5)
        now = kill_and_check(path, wait, after_one=number % 2 == 1)
        assert now >= finished
        finished = now
    epochs = finished + 2
    output, _ = start(path, epochs).communicate()
    assert output.endswith("ended\n")
    loaded = Trajectories.load(path)
    runs.assert_epochs(loaded, range(epochs))
    ids = np.arange(SAMPLES)
    runs.make(path.with_name("unbroken"), range(epochs), ids, ids % 3)
    unbroken = Trajectories.load(path.with_name("unbroken"))
    for name in runs.SIGNALS:
        np.testing.assert_array_equal(
            loaded.signals[name], unbroken.signals[name]
        )
    np.testing.assert_array_equal(loaded.counts, unbroken.counts)
    return finished


def test_five_kills(tmp_path):
    assert check_kills(tmp_path / "run.zarr", 5) >= 2


@pytest.mark.slow
def test_fifty_kills(tmp_path):
    assert check_kills(tmp_path / "run.zarr", 50) >= 25
