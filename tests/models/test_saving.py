"""A saved CoTeaching opens in another process, on another backend."""

import json
import os
import pathlib
import subprocess
import sys

import keras
import numpy as np

import keras_robust as kr
from tests.losses.test_saving import other_backend
from tests.models import pairs
from tests.training import frozen

ROOT = pathlib.Path(__file__).parents[2]


def test_it_is_the_same_elsewhere(tmp_path):
    x, y = frozen.samples()
    model = pairs.pair(noise_rate=0.4, epochs=2, exponent=0.5)
    model.compile(keras.optimizers.SGD(0.1), kr.GeneralizedCrossEntropy())
    model.fit(x, y, verbose=0)
    model.save(tmp_path / "model.keras")
    np.savez(tmp_path / "data.npz", x=x, y=y)
    backend = other_backend()
    result = subprocess.run(
        [sys.executable, "-m", "tests.models.load_model", str(tmp_path)],
        env={**os.environ, "KERAS_BACKEND": backend},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout.splitlines()[-1])
    assert (found["backend"], found["kind"]) == (backend, "CoTeaching")
    assert found["dropped"] == [model.dropped(epoch) for epoch in range(4)]
    expected = model.evaluate(x, y, verbose=0)
    np.testing.assert_allclose(found["loss"], expected, rtol=1e-5)
    np.testing.assert_allclose(
        found["predicted"], model.predict(x, verbose=0), rtol=1e-5
    )
    np.testing.assert_allclose(
        found["of_b"], model.model_b.predict(x, verbose=0), rtol=1e-5
    )


def test_training_goes_on_where_it_was(tmp_path):
    x, y = frozen.samples()
    model = pairs.pair(noise_rate=0.4, epochs=2)
    model.compile(keras.optimizers.Adam(0.1), kr.GeneralizedCrossEntropy())
    model.fit(x, y, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    ours, theirs = (
        made.fit(
            x, y, initial_epoch=1, epochs=3, shuffle=False, verbose=0
        ).history["loss"]
        for made in (model, loaded)
    )
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)


def test_networks_that_begin_alike_can_be_loaded(tmp_path):
    """Their weights were set, and are read only after they are made."""

    def network():
        zeros = {"kernel_initializer": "zeros", "activation": "softmax"}
        return keras.Sequential(
            [keras.Input((4,)), keras.layers.Dense(3, **zeros)]
        )

    model = kr.CoTeaching(network(), network(), 0.2)
    model.model_a.set_weights([np.eye(4)[:, :3], np.zeros(3)])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for ours, theirs in zip(
        loaded.get_weights(), model.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    ours, theirs = loaded.get_config(), model.get_config()
    assert (ours["noise_rate"], ours["name"]) == (0.2, "co_teaching")
    assert set(ours) == set(theirs)
