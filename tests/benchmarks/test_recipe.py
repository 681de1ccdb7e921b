"""How the benchmarks train."""

import keras
import numpy as np

from benchmarks import recipe


def test_the_penalty_comes_after_clipping():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    kernel = np.array([[3.0], [4.0]])
    model.set_weights([kernel, np.zeros(1)])
    recipe.compile_model(model, "mse")
    x, y = np.array([[100.0, 0.0]]), np.array([[0.0]])
    velocity = 0.0
    for _ in range(2):
        weights, bias = model.get_weights()
        error = 2 * (x @ weights + bias - y)
        gradient = np.concatenate([x.T @ error, error])
        gradient *= 5.0 / np.linalg.norm(gradient)
        before = np.concatenate([weights, bias[:, None]])
        velocity = 0.9 * velocity - 0.01 * (gradient + 1e-3 * before)
        model.train_on_batch(x, y)
        weights, bias = model.get_weights()
        after = np.concatenate([weights, bias[:, None]])
        np.testing.assert_allclose(after, before + velocity, rtol=1e-5)


def test_the_rate_falls_to_almost_0():
    callback = recipe.cosine(4)
    rates = [callback.schedule(epoch) for epoch in range(4)]
    np.testing.assert_allclose(rates[0], 0.01)
    np.testing.assert_allclose(rates[2], 0.005)
    np.testing.assert_allclose(rates[3], 0.01 * (1 - np.sqrt(0.5)) / 2)
