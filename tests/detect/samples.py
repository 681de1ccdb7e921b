"""Small trajectories for the tests of detection."""

import numpy as np

from keras_robust.trajectories import Trajectories


def from_logits(logits, given, ids=None):
    """Every signal, worked out in NumPy from logits (E, N, K)."""
    logits = np.asarray(logits, np.float64)
    num_epochs, num_samples, num_classes = logits.shape
    high = logits.max(axis=2, keepdims=True)
    norm = np.log(np.exp(logits - high).sum(axis=2, keepdims=True))
    log_p = logits - high - norm
    is_given = np.arange(num_classes) == np.asarray(given)[:, None]
    log_given = np.where(is_given, log_p, -np.inf).max(axis=2)
    log_other = np.where(is_given, -np.inf, log_p).max(axis=2)
    predicted = log_p.argmax(axis=2)
    return Trajectories(
        ids=np.arange(num_samples) if ids is None else ids,
        epochs=np.arange(num_epochs),
        signals={
            "cross_entropy": -log_given,
            "margin": log_given - log_other,
            "correct": predicted == given,
            "predicted": predicted,
            "el2n": np.linalg.norm(np.exp(log_p) - is_given, axis=2),
            "entropy": -(np.exp(log_p) * log_p).sum(axis=2),
        },
        given_label=given,
        num_classes=num_classes,
    )


def noisy(num_samples=200, rate=0.2, num_classes=4, num_epochs=6, seed=0):
    """Trajectories of a model that sees through the noise, and the truth."""
    rng = np.random.default_rng(seed)
    true = rng.integers(num_classes, size=num_samples)
    given = true.copy()
    wrong = rng.permutation(num_samples)[: round(rate * num_samples)]
    shift = rng.integers(1, num_classes, size=wrong.size)
    given[wrong] = (true[wrong] + shift) % num_classes
    logits = rng.normal(size=(num_epochs, num_samples, num_classes))
    logits += 5.0 * (np.arange(num_classes) == true[:, None])
    return from_logits(logits, given), true


def subset(trajectories, positions):
    """The samples at `positions`, in that order."""
    return Trajectories(
        ids=trajectories.ids[positions],
        epochs=trajectories.epochs,
        signals={
            name: values[:, positions]
            for name, values in trajectories.signals.items()
        },
        given_label=trajectories.given_label[positions],
        num_classes=trajectories.num_classes,
    )
