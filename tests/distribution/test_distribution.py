"""Several devices record the values one device records."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import keras
import pytest

from tests.distribution.on_several_devices import MEETING
from tests.distribution.on_several_devices import MET

WAYS = {
    "jax": ["data", "model"],
    "tensorflow": ["mirrored"],
    "torch": ["ddp"],
}
ROOT = Path(__file__).parents[2]
# Seconds; it takes about 20.
LONGEST = 180


@pytest.mark.parametrize("way", WAYS[keras.backend.backend()])
def test_every_value_at_its_place(way, tmp_path):
    command = [sys.executable, "-m", "tests.distribution.on_several_devices"]
    printed = tmp_path / "printed"
    with open(printed, "w") as file:
        # Files, not pipes, and a session of its own: processes that it began
        # may outlive it, and would keep a pipe open.
        run = subprocess.Popen(
            [*command, way, str(tmp_path)],
            cwd=ROOT,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = run.wait(LONGEST)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            stop(run)
    said = printed.read_text()
    if MEETING in said and MET not in said:
        pytest.skip(
            "Two processes of torch.distributed cannot meet on this machine: "
            + said[-300:]
        )
    assert code == 0, said[-3000:]


def stop(run):
    try:
        os.killpg(run.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    run.wait()
