"""Predicted probabilities for the tests of detection."""

from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).parents[2] / "golden" / "confident_learning.npz"
SETS = ("k3_n200", "k10_n1000", "k10_n2000_pair", "k50_n1200")


def golden(name):
    """What is stored of a set, its labels, and the probabilities.

    Those of the synthetic sets are as cleanlab saw them.
    """
    with np.load(GOLDEN) as stored:
        found = {
            key.split("/", 1)[1]: stored[key]
            for key in stored.files
            if key.startswith(name + "/")
        }
    p = found["pred_probs_f32"]
    if name != "real":
        p = p.astype(np.float64)
        p /= p.sum(axis=1, keepdims=True)
    return found, found["labels"].astype(np.int64), p


def predicted(num_samples=400, num_classes=4, rate=0.2, surely=4.0, seed=0):
    """Given labels, probabilities `(N, K)` of a model, and the truth."""
    rng = np.random.default_rng(seed)
    true = rng.integers(num_classes, size=num_samples)
    given = true.copy()
    wrong = rng.permutation(num_samples)[: round(rate * num_samples)]
    shift = rng.integers(1, num_classes, size=wrong.size)
    given[wrong] = (true[wrong] + shift) % num_classes
    logits = rng.normal(size=(num_samples, num_classes))
    logits[np.arange(num_samples), true] += surely
    odds = np.exp(logits)
    return given, odds / odds.sum(axis=1, keepdims=True), true
