"""A run killed at any moment goes on where it was, and loses no epoch."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from keras_robust.trajectories import Trajectories
from tests.callbacks import killed_run

ROOT = Path(__file__).parents[2]
# Seconds; an epoch takes some hundredths.
LONGEST = 0.6


def start(folder, epochs):
    command = [sys.executable, "-m", "tests.callbacks.killed_run"]
    return subprocess.Popen(
        [*command, str(folder), str(epochs)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def recorded(folder):
    path = os.path.join(folder, "run.zarr")
    if not os.path.exists(path):
        return 0
    try:
        return Trajectories.load(path).num_epochs
    except ValueError as error:
        assert "no finished epoch" in str(error)
        return 0


def survives(kills, folder):
    waits = random.Random(0)
    most = 0
    for _ in range(kills):
        with start(folder, 10_000) as run:
            assert run.stdout.readline() == "begins\n", run.stderr.read()
            time.sleep(waits.uniform(0, LONGEST))
            assert run.poll() is None, run.stderr.read()
            run.kill()
        # What was finished before is there, but for the epoch that the
        # next run may have begun to repeat.
        now = recorded(folder)
        assert now >= most - 1
        most = now
    epochs = max(most, 1) + 2
    with start(folder, epochs) as run:
        _, errors = run.communicate(timeout=120)
    assert run.returncode == 0, errors
    return epochs


@pytest.mark.parametrize("kills", [3, pytest.param(50, marks=pytest.mark.slow)])
def test_kills_at_random_moments(kills, tmp_path):
    broken, unbroken = tmp_path / "broken", tmp_path / "unbroken"
    broken.mkdir()
    unbroken.mkdir()
    epochs = survives(kills, broken)
    killed_run.run(str(unbroken), epochs)
    found, expected = (
        Trajectories.load(folder / "run.zarr") for folder in (broken, unbroken)
    )
    np.testing.assert_array_equal(found.epochs, np.arange(epochs))
    np.testing.assert_array_equal(found.counts, expected.counts)
    for name, values in expected.signals.items():
        np.testing.assert_allclose(
            found.signals[name], values, rtol=1e-5, atol=1e-6, err_msg=name
        )
    # Training goes on, so every epoch is another.
    assert (np.diff(expected.signals["cross_entropy"].mean(axis=1)) < 0).all()
