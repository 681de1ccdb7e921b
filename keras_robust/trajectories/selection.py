"""Where the wanted epochs and ids stand among those there are."""

import numbers

import numpy as np

from keras_robust.trajectories.checks import as_epochs
from keras_robust.trajectories.checks import as_ids


def epoch_positions(epochs, wanted):
    """Positions in `epochs` of the epoch numbers `wanted`.

    Args:
        epochs: Increasing epoch numbers, int64 `(E,)`.
        wanted: `None` for all; a slice of epoch numbers, its stop excluded;
            or increasing epoch numbers.

    Raises:
        ValueError: If an epoch is not there, or none is left.
    """
    if wanted is None:
        return np.arange(epochs.size)
    if isinstance(wanted, slice):
        return _slice_positions(epochs, wanted)
    wanted = as_epochs(wanted)
    unknown = ~np.isin(wanted, epochs)
    if unknown.any():
        raise ValueError(
            f"Epoch {wanted[unknown][0]} was not recorded; there are "
            f"{_listed(epochs)}. Received: epochs={wanted.tolist()}"
        )
    return np.searchsorted(epochs, wanted)


def _slice_positions(epochs, wanted):
    start, stop, step = wanted.start, wanted.stop, wanted.step
    for part, least in ((start, 0), (stop, 0), (step, 1)):
        if part is None:
            continue
        if isinstance(part, numbers.Integral) and part >= least:
            continue
        raise ValueError(
            "A slice of `epochs` means epoch numbers, from start to below "
            "stop, so it does not count from the end; take the last ones by "
            "`trajectories.epochs[-3:]`. "
            f"Received: epochs={wanted}"
        )
    start = epochs[0] if start is None else start
    chosen = epochs >= start
    if stop is not None:
        chosen &= epochs < stop
    chosen &= (epochs - start) % (step or 1) == 0
    if not chosen.any():
        raise ValueError(
            f"No epoch of the slice was recorded; there are {_listed(epochs)}. "
            f"Received: epochs={wanted}"
        )
    return np.flatnonzero(chosen)


def id_positions(ids, wanted):
    """Positions in `ids` of the ids `wanted`, in their order.

    Args:
        ids: Unique ids as `as_ids` gives them, `(N,)`.
        wanted: `None` for all, or ids.

    Raises:
        ValueError: If an id is not there.
    """
    if wanted is None:
        return np.arange(ids.size)
    wanted = as_ids(wanted)
    if wanted.dtype.kind != ids.dtype.kind:
        kinds = {"U": "strings", "i": "integers"}
        raise ValueError(
            f"The recorded ids are {kinds[ids.dtype.kind]}. Received: ids of "
            f"{kinds[wanted.dtype.kind]}, the first is {wanted[0].item()!r}"
        )
    order = np.argsort(ids, kind="stable")
    place = np.searchsorted(ids, wanted, sorter=order)
    found = order[np.minimum(place, ids.size - 1)]
    unknown = ids[found] != wanted
    if unknown.any():
        raise ValueError(
            f"{int(unknown.sum())} of {wanted.size} ids were not recorded. "
            f"Received: ids[{int(np.argmax(unknown))}]="
            f"{wanted[unknown][0].item()!r}"
        )
    return found


def _listed(epochs):
    if epochs.size <= 10:
        return ", ".join(map(str, epochs.tolist()))
    return f"{epochs.size} of them, from {epochs[0]} to {epochs[-1]}"
