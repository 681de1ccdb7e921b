"""What confident learning says of single positions."""

import typing

import numpy as np

from keras_robust.noise.confident_joint import ConfidentClasses
from keras_robust.noise.confident_joint import most_probable
from keras_robust.noise.probabilities import blocks


class Judged(typing.NamedTuple):
    """The positions of a chunk, arrays `(P,)`.

    Args:
        quality: float64, the probability of the given label.
        confident: int64, the class that the model is sure of, -1 for none.
        flagged: bool, where that is another one than the label, and the most
            probable class is too.
    """

    quality: np.ndarray
    confident: np.ndarray
    flagged: np.ndarray


def judged(chunk, thresholds):
    """Judges every position of a chunk by the thresholds of the classes."""
    count = chunk.labels.size
    found = Judged(
        np.empty(count), np.empty(count, np.int64), np.empty(count, bool)
    )
    if not count:
        return found
    classes = ConfidentClasses(thresholds)
    for where, block in blocks(chunk.probs):
        predicted, highest = most_probable(block)
        confident = classes.of(block, predicted, highest)
        labels = chunk.labels[where]
        quality = block[np.arange(labels.size), labels]
        # Rounding can leave a probability a hair outside.
        found.quality[where] = np.clip(quality, 0.0, 1.0)
        found.confident[where] = confident
        found.flagged[where] = (
            (confident >= 0) & (confident != labels) & (predicted != labels)
        )
    return found
