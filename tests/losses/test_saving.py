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
from tests.losses.cases import LABELS
from tests.losses.cases import LOGITS

ROOT = pathlib.Path(__file__).parents[2]
SAVED = {
    "cross_entropy": losses.CrossEntropy(-0.5, from_logits=True),
    "agce": losses.AsymmetricGCE(0.6, 3, from_logits=True),
    "aul": losses.AsymmetricUnhinged(5.5, 3, from_logits=True, ignore_class=1),
    "ael": losses.AsymmetricExponential(2.5, from_logits=True, axis=1),
    "gce": losses.GeneralizedCrossEntropy(0.3, from_logits=True),
    "nce": losses.NormalizedCrossEntropy(True, reduction="sum"),
    "blurry": losses.Blurry(0.1, False, from_logits=True),
    "piecewise_zero": losses.PiecewiseZero(0.2, from_logits=True),
    "active_passive": losses.get("nce+agce", "cifar10", from_logits=True),
    "weighted_sum": 3.0 * losses.CrossEntropy(from_logits=True),
    # A function takes its defaults: for what a softmax gives.
    "function": losses.asymmetric_gce,
}


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
        keras.utils.set_random_seed(7)
        head = "softmax" if name == "function" else None
        model = keras.Sequential(
            [keras.Input((4,)), keras.layers.Dense(4, head)]
        )
        model.compile("sgd", loss=loss)
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
    classes = {type(loss) for loss in SAVED.values()}
    public = {getattr(losses, name) for name in losses.__all__}
    public = {x for x in public if isinstance(x, type)} - {losses.RobustLoss}
    assert public <= classes
    assert set(loaded[1]) == set(SAVED)
