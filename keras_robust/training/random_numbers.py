"""Blocks that draw the same random numbers every time."""

import contextlib
import random

import keras
import numpy as np

from keras_robust.training import native


@contextlib.contextmanager
def seeded(*seeds):
    """A block that begins with a seed of its own.

    The generators of Python, NumPy and PyTorch go on afterwards as if nothing
    had been; the seeds of Keras and TensorFlow stay set.

    Args:
        *seeds: Integers of at least 0, which together are the seed; a first
            one of `None` sets none.
    """
    if seeds[0] is None:
        yield
        return
    python, numpy = random.getstate(), np.random.get_state()
    own = np.random.SeedSequence(seeds).generate_state(1)[0]
    try:
        with native.own_random_numbers():
            keras.utils.set_random_seed(int(own))
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
