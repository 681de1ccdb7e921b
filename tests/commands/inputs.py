"""Files for the tests of `keras-robust find`: labels, 60 of 400 of them wrong.

The probabilities are those of a model that sees through the noise.
"""

import numpy as np

from tests.detect.samples import from_logits

NAMES = ["cat", "dog", "frog", "owl"]


def write(folder):
    """Writes every kind of input; returns the labels and the probabilities."""
    rng = np.random.default_rng(0)
    true = rng.integers(4, size=400)
    given = true.copy()
    given[:60] = (given[:60] + 1) % 4
    logits = rng.normal(size=(6, 400, 4)) + 6.0 * (
        np.arange(4) == true[:, None]
    )
    probs = np.exp(logits[0])
    probs /= probs.sum(axis=1, keepdims=True)
    np.save(folder / "y.npy", given)
    np.save(folder / "p.npy", probs)
    np.save(folder / "names.npy", np.array(NAMES)[given])
    (folder / "names.txt").write_text("\n".join(NAMES))
    from_logits(logits, given).save(folder / "run.npz")
    return given, probs


def frame(given, probs, labels=None, ids=None):
    """The same as a table, with columns that are not asked for."""
    import pandas

    return pandas.DataFrame(
        {
            "file": [f"{i:03d}" for i in range(len(given))]
            if ids is None
            else ids,
            "note": ["a,b"] * len(given),
            "label": np.array(NAMES)[given] if labels is None else labels,
            **{f"p_{name}": probs[:, k] for k, name in enumerate(NAMES)},
        }
    )
