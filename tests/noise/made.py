"""Samples of classes that are told apart, and what noise makes of them."""

import numpy as np

KINDS = ["symmetric", "pair", "asymmetric"]


def transition(kind, num_classes=5, rate=0.3):
    """A matrix of the noise that papers test with."""
    right = np.eye(num_classes)
    if kind == "symmetric":
        off = rate / (num_classes - 1)
        return right * (1 - rate - off) + off
    matrix = (1 - rate) * right + rate * np.roll(right, 1, axis=1)
    if kind == "asymmetric":
        # Some classes only.
        matrix[2:] = right[2:]
    return matrix


def drawn(matrix, num_samples=3000, seed=0):
    """True and given labels, the classes of different size."""
    rng = np.random.default_rng(seed)
    size = len(matrix)
    priors = np.arange(size, 2 * size) / np.arange(size, 2 * size).sum()
    true = rng.choice(size, num_samples, p=priors)
    over = rng.random(num_samples)[:, None] > matrix.cumsum(axis=1)[true]
    return true, np.minimum(over.sum(axis=1), size - 1)


def embeddings_of(true, seed=1):
    """Points whose nearest neighbours are of their class."""
    points = 0.3 * np.random.default_rng(seed).normal(size=(true.size, 8))
    points[np.arange(true.size), true] += 3
    return points


def probabilities_of(true, matrix, noise=0.3, seed=2):
    """What a model says that knows the classes nearly, and their labels."""
    rng = np.random.default_rng(seed)
    logits = noise * rng.normal(size=(true.size, len(matrix)))
    logits[np.arange(true.size), true] += 9
    clean = np.exp(logits)
    clean /= clean.sum(axis=1, keepdims=True)
    return clean, clean @ matrix
