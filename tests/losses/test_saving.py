"""Saved models open in another process, on another backend."""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest

from keras_robust import losses
from tests.losses.cases import BY_CLASS
from tests.losses.cases import LABELS
from tests.losses.cases import LOGITS
from tests.losses.cases import PUBLIC
from tests.losses.cases import snake_name

ROOT = pathlib.Path(__file__).parents[2]
# Every class once, with arguments and options that are not its defaults.
OPTIONS = [{}, {"ignore_class": 1}, {"axis": 1}, {"reduction": "sum"}]
SAVED = {
    snake_name(cls): case.build(from_logits=True, **OPTIONS[i % len(OPTIONS)])
    for i, (cls, case) in enumerate(BY_CLASS.items())
}
# A function takes its defaults: for what a softmax gives.
SAVED["function"] = losses.asymmetric_gce


def other_backend():
    """An installed backend that is not this one, if there is one."""
    here = keras.backend.backend()
    for name in ("jax", "torch", "tensorflow"):
        if name != here and importlib.util.find_spec(name):
            return name
    return here


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """What this process saved and what another one, elsewhere, makes of it."""
    folder = tmp_path_factory.mktemp("models")
    values = {}
    for name, loss in SAVED.items():
        head = "softmax" if name == "function" else None
        model = keras.Sequential(
            [keras.Input((4,)), keras.layers.Dense(4, head)]
        )
        # Compiled steps are those of other tests, and take longer here.
        model.compile("sgd", loss=loss, run_eagerly=True)
        values[name] = model.evaluate(LOGITS, LABELS, verbose=0)
        model.save(folder / f"{name}.keras")
    np.savez(folder / "data.npz", x=LOGITS, y=LABELS)
    command = [sys.executable, "-m", "tests.losses.load_models", str(folder)]
    backend = other_backend()
    environment = {**os.environ, "KERAS_BACKEND": backend}
    result = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout.splitlines()[-1])
    assert found.pop("backend") == backend
    return values, found


@pytest.mark.parametrize("name", SAVED)
def test_the_loss_is_the_same_elsewhere(name, loaded):
    values, found = loaded
    assert found[name]["kind"] == type(SAVED[name]).__name__
    assert found[name]["loss"] == pytest.approx(values[name], rel=1e-5)


def test_nothing_is_left_untested(loaded):
    assert PUBLIC <= {type(loss) for loss in SAVED.values()}
    assert set(loaded[1]) == set(SAVED)
