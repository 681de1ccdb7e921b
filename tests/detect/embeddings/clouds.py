"""Embeddings in clouds, with labels of which some are wrong."""

import numpy as np


def clouds(num_samples=300, rate=0.2, num_classes=4, seed=0, spread=0.5):
    """Embeddings, given labels and the true ones."""
    rng = np.random.default_rng(seed)
    true = np.arange(num_samples) % num_classes
    given = true.copy()
    wrong = rng.permutation(num_samples)[: round(rate * num_samples)]
    shift = rng.integers(1, num_classes, size=wrong.size)
    given[wrong] = (true[wrong] + shift) % num_classes
    centres = 3.0 * np.eye(num_classes, 8) + 1.0
    noise = rng.normal(size=(num_samples, 8))
    return centres[true] + spread * noise, given, true
