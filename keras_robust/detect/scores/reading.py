"""Trajectories as they are given: an object, or the path of one."""

import os

import numpy as np

from keras_robust.trajectories import Trajectories
from keras_robust.trajectories.on_disk import TrajectoriesOnDisk

# Probabilities of half precision may add up to a little more than 1.
_ROUNDING = 0.01


def opened(trajectories):
    """`Trajectories`, or those of a path; a store stays on disk.

    Raises:
        OSError: if there is nothing at the path.
        ValueError: if it is something else, or damaged.
    """
    if isinstance(trajectories, str | os.PathLike):
        if os.path.isdir(trajectories):
            return TrajectoriesOnDisk(trajectories)
        return Trajectories.load(trajectories)
    if not isinstance(trajectories, TrajectoriesOnDisk):
        check_in_memory(trajectories)
    return trajectories


def check_in_memory(trajectories):
    """Raises a `ValueError` unless it is `Trajectories`."""
    if not isinstance(trajectories, Trajectories):
        raise ValueError(
            "`trajectories` must be a Trajectories, or the path of saved "
            "ones; a tracker has them as `tracker.trajectories`. "
            f"Received: {type(trajectories).__name__}"
        )


def check_losses(trajectories):
    """Raises a `ValueError` if cross-entropies in memory are below 0.

    `log p` in the place of `-log p` would turn every score around. Those of
    a store were written by a recorder.
    """
    if not isinstance(trajectories, Trajectories):
        return
    loss = trajectories.signal("cross_entropy")
    # Skips NaN, without a copy.
    if not np.fmin.reduce(loss, axis=None) < -_ROUNDING:
        return
    epoch, sample = np.argwhere(loss < -_ROUNDING)[0]
    raise ValueError(
        'The signal "cross_entropy" must be `-log p`, at least 0. Received: '
        f"{loss[epoch, sample]} in epoch {trajectories.epochs[epoch]} of the "
        f"id {trajectories.ids[sample].item()!r}"
    )


def correct_of(trajectories):
    """The signal `"correct"`, `(E, N)`: 0 to 1, or NaN.

    Raises:
        ValueError: if it was not recorded, or is something else.
    """
    correct = trajectories.signal("correct")
    bad = (correct < 0) | (correct > 1)
    if bad.any():
        epoch, sample = np.argwhere(bad)[0]
        raise ValueError(
            'The signal "correct" must be 1 where the given label was '
            "predicted, 0 where not (shares of positions in between), and "
            f"NaN where not seen. Received: {correct[epoch, sample]} in "
            f"epoch {trajectories.epochs[epoch]} of the id "
            f"{trajectories.ids[sample].item()!r}"
        )
    return correct
