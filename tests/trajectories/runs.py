"""A small run, the same every time, for the tests of stores."""

import numpy as np

from keras_robust.trajectories.store import Store

SIGNALS = ("margin", "counts")
IDS = np.array(["a", "bü", "", "\U0001f40d-long"])
LABELS = np.array([0, 1, 2, 0])


def epoch_values(epoch, samples=4):
    """`(values (2, N), counts (N,))` of an epoch, with gaps."""
    random = np.random.default_rng(epoch)
    values = random.normal(size=(len(SIGNALS), samples)).astype("float32")
    counts = random.integers(0, 3, size=samples).astype("int32")
    values[:, counts == 0] = np.nan
    return values, counts


def append(store, *epochs):
    for epoch in epochs:
        store.append(epoch, 3, *epoch_values(epoch, store.ids.size))
    return store


def make(path, epochs=(0, 1, 2), ids=IDS, labels=LABELS):
    return append(Store.create(path, ids, labels, SIGNALS), *epochs)


def assert_epochs(trajectories, epochs):
    """Checks that the run has exactly these epochs, to the bit."""
    assert trajectories.epochs.tolist() == list(epochs)
    samples = len(trajectories)
    for row, epoch in enumerate(epochs):
        values, counts = epoch_values(epoch, samples)
        for name, expected in zip(SIGNALS, values, strict=True):
            np.testing.assert_array_equal(
                trajectories.signals[name][row], expected
            )
        np.testing.assert_array_equal(trajectories.counts[row], counts)
