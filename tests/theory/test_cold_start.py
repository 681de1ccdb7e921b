"""What `fitting_profile` says against what was trained, for every loss."""

import json
from pathlib import Path

import pytest

from benchmarks import cold_start
from benchmarks.library import LEFT_OUT
from benchmarks.library import every_loss
from keras_robust import losses
from keras_robust.theory import fitting_profile

MEASURED = Path(cold_start.__file__).parent / "results" / "cold_start-jax.json"
ROWS = {
    row["loss"]: row
    for row in json.loads(MEASURED.read_text())["rows"]
    if row["warm-up"] == 0
}


@pytest.mark.parametrize("name", ROWS)
def test_the_verdict_is_what_was_measured(name):
    starts = ROWS[name]["collapsed"] == 0
    agrees = fitting_profile(every_loss()[name], 10).starts_cold == starts
    assert agrees == (name not in cold_start.EXCEPTIONS)


def test_no_loss_is_forgotten():
    assert set(ROWS) == set(every_loss())
    shown = {
        losses.canonical_name(type(loss).__name__)
        for loss in every_loss().values()
    }
    assert shown | set(LEFT_OUT) == {row["name"] for row in losses.available()}
