"""All of it in one training, broken off and begun again."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from tests.callbacks import stacked_run

ROOT = Path(__file__).parents[2]


def run(*arguments):
    command = [sys.executable, "-m", "tests.callbacks.stacked_run"]
    return subprocess.run(
        [*command, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_broken_off_it_ends_with_the_weights_of_an_unbroken_run(tmp_path):
    """The losses' schedule, the weights, the order: all go on elsewhere."""
    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    for folder in (unbroken, broken):
        folder.mkdir()
    stacked_run.main(unbroken)
    broken_off = run(broken, 4)
    assert broken_off.returncode == 1 and broken_off.stdout == ""
    assert "Traceback" not in broken_off.stderr
    assert stacked_run.main(broken) == stacked_run.EPOCHS
    ends = [np.load(f / "weights.npz") for f in (unbroken, broken)]
    assert ends[0].files
    for name in ends[0].files:
        np.testing.assert_allclose(
            ends[0][name], ends[1][name], rtol=1e-5, atol=1e-6, err_msg=name
        )
