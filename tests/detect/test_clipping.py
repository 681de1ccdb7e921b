"""The threshold of optimized gradient clipping, as the authors' code has it."""

import pathlib

import numpy as np
import pytest

from keras_robust.detect import clipping

GOLDEN = pathlib.Path(__file__).parents[1] / "golden" / "gradient_clipping.npz"


def cross_entropies(logits, labels):
    p = np.exp(logits - logits.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    own = np.take_along_axis(p, labels[..., None].astype(int), -1)[..., 0]
    return -np.log(own.clip(clipping.LEAST, clipping.MOST))


@pytest.mark.parametrize("step", [3, 7, 11, 15])
def test_the_authors_numbers(step):
    golden = np.load(GOLDEN)
    every = cross_entropies(golden["logits"], golden["labels"])
    queue = every[step - 3 : step + 1].ravel()
    right, wrong = clipping.fit(queue)
    np.testing.assert_allclose([*right, *wrong], golden["gmm"][step], rtol=1e-5)
    found = clipping.best_threshold(queue, lambda p: 1 / p, 1 + 0.1 * 20)
    np.testing.assert_allclose(found, golden["prob_thr"][step], rtol=1e-6)


def test_the_ratio_is_that_of_the_formula():
    """By truncated normal densities, summed up in plain steps."""
    right, wrong = (0.3, 0.1), (4.0, 2.0)
    losses = np.linspace(-np.log(clipping.MOST), -np.log(clipping.LEAST), 1000)

    def mean(mean, variance, threshold):
        density = np.exp(-((losses - mean) ** 2) / (2 * variance))
        pull = np.minimum(np.exp(losses), 1 / threshold)
        return np.average(pull, weights=density)

    for threshold in (1e-5, 0.1, 0.7):
        expected = mean(*wrong, threshold) / mean(*right, threshold)
        found = clipping.ratio(threshold, right, wrong, lambda p: 1 / p)
        np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_the_more_is_allowed_the_lower_the_threshold():
    rng = np.random.default_rng(0)
    queue = np.concatenate([rng.exponential(0.2, 300), rng.normal(5, 1, 100)])
    queue = queue.clip(1e-7, 16)
    every = [
        clipping.best_threshold(queue, lambda p: 1 / p, allowed)
        for allowed in (1.0, 1.5, 3.0, 1e9)
    ]
    assert every == sorted(every, reverse=True)
    assert every[0] == clipping.MOST
    assert every[-1] < 1e-3
    # The one that is found is allowed, the next below is not.
    right, wrong = clipping.fit(queue)
    at = [
        clipping.ratio(every[2] - d, right, wrong, lambda p: 1 / p)
        for d in (0.0, 1.1 / 1024)
    ]
    assert at[0] <= 3.0 < at[1]


def test_losses_that_are_all_alike_give_a_threshold():
    found = clipping.best_threshold(np.full(64, 0.5), lambda p: 1 / p, 2.0)
    assert 0 < found < 1
