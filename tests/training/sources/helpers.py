"""Tracking and training on a frozen model, whatever the data is."""

import keras
import numpy as np

from keras_robust.training import ids
from keras_robust.training import sources
from tests.training import frozen

EPOCHS = 2
X, LABELS = frozen.samples()
# Ids in no order, so that a position is never an id.
INTEGERS = np.random.default_rng(3).permutation(frozen.N).astype("int64") * 7
STRINGS = np.array([f"image {i}" for i in INTEGERS])


def track(x, y=None, **options):
    """`sources.track` with a seed."""
    return sources.track(x, y, **{"seed": 0, **options})


class Recorded:
    """A tracker of data that is tracked already.

    Args:
        tracked: A `Tracked`.
    """

    def __init__(self, tracked):
        self.tracker = frozen.tracker()
        self.tracker.track(X, LABELS)
        self.tracker._tracked = tracked


def fit(tracked, model=None, epochs=EPOCHS, **options):
    """Trains a frozen model on tracked data, and returns model and tracker."""
    model = frozen.classifier() if model is None else model
    tracker = Recorded(tracked).tracker
    model.fit(
        tracked.feed, epochs=epochs, verbose=0, callbacks=[tracker], **options
    )
    return model, tracker


def check(tracked, labels=LABELS, x=X, model=None, epochs=EPOCHS, **options):
    """Every value is at its own sample, every epoch."""
    model, tracker = fit(tracked, model, epochs, **options)
    frozen.check(tracker, model, x, labels, epochs)
    return tracker.trajectories


def batches(x=X, y=LABELS, size=frozen.BATCH, order=None):
    """Lists of `(x, y)` in batches, of nested arrays too."""
    order = np.arange(frozen.N) if order is None else order
    starts = range(0, len(order), size)
    return [
        keras.tree.map_structure(
            lambda array, at=order[start : start + size]: array[at], (x, y)
        )
        for start in starts
    ]


def epoch(feed):
    """All batches of an armed epoch of a feed, as NumPy arrays."""
    if not isinstance(feed, keras.utils.PyDataset):
        return [keras.tree.map_structure(np.asarray, batch) for batch in feed]
    sources.arm(feed)
    feed.on_epoch_begin()
    found = [feed[step] for step in range(feed.num_batches)]
    feed.on_epoch_end()
    return found


def positions(found):
    """The sample positions of batches, in their order."""
    return np.concatenate([batch[1][ids.INDEX] for batch in found])


def weights(tracked):
    """The sample weights of an epoch, by position."""
    found = epoch(tracked.feed)
    joined = np.concatenate([batch[2] for batch in found])
    return joined[np.argsort(positions(found))]
