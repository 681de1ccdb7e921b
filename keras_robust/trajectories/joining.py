"""Trajectories from parts of others."""

import dataclasses
import warnings

import numpy as np

from keras_robust.trajectories.selection import epoch_positions
from keras_robust.trajectories.selection import id_positions

# What all parts must have in common, and how it is told in an error.
_SAME = {
    "epochs": lambda part: part.epochs.tolist(),
    "signals": lambda part: sorted(part.signals),
    "number of classes": lambda part: part.num_classes,
    "kind of ids": lambda part: {"U": "strings", "i": "integers"}[
        part.ids.dtype.kind
    ],
    "kind of counts": lambda part: "none" if part.counts is None else "some",
}


_HINTS = {
    "epochs": " (Runs one after the other are not joined: go on recording with "
    "the same tracker, or with `resume=True`.)"
}


class Joining:
    """What `Trajectories` can do with parts of itself and with others."""

    def select(self, epochs=None, ids=None):
        """Some of the epochs and samples.

        Args:
            epochs: epoch numbers, as they stand in the attribute `epochs`
                and not counted from its start: a list of them, increasing,
                or a slice such as `slice(5, 10)` for the recorded ones from
                5 to below 10 (with a step of 2: 5, 7, 9). None for all.
            ids: the ids of the wanted samples, in the order in which they
                are to come out. None for all.

        Returns:
            `Trajectories` of these epochs and samples.

        Raises:
            ValueError: if an epoch or id was not recorded, or none is left.

        Example:

        >>> from keras_robust.trajectories import Trajectories
        >>> t = Trajectories(
        ...     ids=["a", "b", "c"],
        ...     epochs=[3, 4, 5],
        ...     signals={"margin": [[1, 2, 3], [4, 5, 6], [7, 8, 9]]},
        ...     given_label=[0, 1, 1],
        ...     num_classes=2,
        ... )
        >>> t.select(epochs=slice(4, None), ids=["c", "a"]).signal("margin")
        array([[6., 4.],
               [9., 7.]], dtype=float32)
        >>> t.select(epochs=t.epochs[-1:]).epochs
        array([5])
        """
        if epochs is None and ids is None:
            return self
        rows = epoch_positions(self.epochs, epochs)
        columns = id_positions(self.ids, ids)
        pick = np.ix_(rows, columns)
        return dataclasses.replace(
            self,
            ids=self.ids[columns],
            epochs=self.epochs[rows],
            signals={name: v[pick] for name, v in self.signals.items()},
            given_label=self.given_label[columns],
            counts=None if self.counts is None else self.counts[pick],
        )

    @classmethod
    def concat(cls, parts):
        """Joins trajectories of different samples, recorded side by side.

        For data that was split among processes, each of which tracked its
        own part; where each tracked all of the data, use `merge`.

        Args:
            parts: list of `Trajectories` with the same epochs, signals and
                number of classes, and no id in common.

        Returns:
            `Trajectories` of all samples, in the order of `parts`.

        Raises:
            ValueError: if the parts do not fit together, or share an id.

        Example:

        >>> from keras_robust.trajectories import Trajectories
        >>> a = Trajectories([7, 8], [0], {"margin": [[1, 2]]}, [0, 1], 2)
        >>> b = Trajectories([5], [0], {"margin": [[3]]}, [1], 2)
        >>> Trajectories.concat([a, b]).ids
        array([7, 8, 5])
        """
        parts = _check_parts(cls, parts, "concat")
        first = parts[0]
        ids = np.concatenate([part.ids for part in parts])
        values, counts = np.unique(ids, return_counts=True)
        if values.size != ids.size:
            raise ValueError(
                "The parts must have no id in common; `merge` joins parts of "
                "one run in which each process saw its share of the samples. "
                "Received: "
                f"{ids.size - values.size} repeated, the first is "
                f"{values[counts > 1][0].item()!r}"
            )
        return dataclasses.replace(
            first,
            ids=ids,
            signals={
                name: np.concatenate([p.signals[name] for p in parts], axis=1)
                for name in first.signals
            },
            given_label=np.concatenate([part.given_label for part in parts]),
            counts=None
            if first.counts is None
            else np.concatenate([part.counts for part in parts], axis=1),
        )

    @classmethod
    def merge(cls, parts):
        """Joins trajectories of the same samples, each seen by one of them.

        For distributed training: every process tracks all of the data, but
        sees only its share in an epoch.

        Args:
            parts: list of `Trajectories` with the same ids (in any order),
                labels, epochs, signals and number of classes.

        Returns:
            `Trajectories` in the order of the first part. What a sample had
            in an epoch is taken from the part that saw it, the last of them
            if several did; the counts are added.

        Raises:
            ValueError: if the parts do not fit together.

        Example:

        >>> import numpy as np
        >>> from keras_robust.trajectories import Trajectories
        >>> nan = np.nan
        >>> a = Trajectories([7, 8], [0], {"margin": [[1, nan]]}, [0, 1], 2)
        >>> b = Trajectories([8, 7], [0], {"margin": [[2, nan]]}, [1, 0], 2)
        >>> Trajectories.merge([a, b]).signal("margin")
        array([[1., 2.]], dtype=float32)
        """
        parts = _check_parts(cls, parts, "merge")
        first = parts[0]
        signals = {name: v.copy() for name, v in first.signals.items()}
        counts = None
        known = first.seen.copy()
        if first.counts is not None:
            counts = first.counts.astype(np.uint32)
        for number, part in enumerate(parts[1:], 1):
            order = _check_samples(first, part, number)
            seen = part.seen
            both = np.count_nonzero(known & seen[:, order])
            # A sampler of several processes fills up its last batches.
            if both > max(0.05 * known.size, 16):
                warnings.warn(
                    f"{both} of {known.size} values were recorded by several "
                    "parts; the last part's are kept. `merge` is for parts of "
                    "one run, not for several runs.",
                    stacklevel=2,
                )
            known |= seen[:, order]
            # Epoch by epoch: no reordered copy of a whole part.
            for row in range(first.num_epochs):
                here = seen[row, order]
                for name, values in signals.items():
                    found = part.signals[name][row, order]
                    np.copyto(values[row], found, where=here)
                if counts is not None:
                    counts[row] += part.counts[row, order]
        return dataclasses.replace(first, signals=signals, counts=counts)


def _check_parts(cls, parts, method):
    if not isinstance(parts, (list, tuple)) or not parts:
        raise ValueError(
            f"`{method}` takes a list of at least one `Trajectories`. "
            f"Received: {type(parts).__name__}"
        )
    for number, part in enumerate(parts):
        if not isinstance(part, cls):
            raise ValueError(
                f"`{method}` takes a list of `Trajectories`. Received: "
                f"parts[{number}] is of type {type(part).__name__}"
            )
        for what, describe in _SAME.items():
            expected, found = describe(parts[0]), describe(part)
            if expected != found:
                hint = _HINTS.get(what, "")
                raise ValueError(
                    f"The parts must have the same {what}.{hint} "
                    f"Received: {expected} in parts[0], {found} in "
                    f"parts[{number}]"
                )
    return parts


def _check_samples(first, part, number):
    """Where the samples of `first` stand in `part`."""
    if part.ids.size != first.ids.size:
        raise ValueError(
            "The parts must have the same ids; join parts of different "
            f"samples by `concat`. Received: {first.ids.size} ids in "
            f"parts[0], {part.ids.size} in parts[{number}]"
        )
    try:
        order = id_positions(part.ids, first.ids)
    except ValueError as error:
        raise ValueError(
            "The parts must have the same ids; join parts of different "
            f"samples by `concat`. In parts[{number}]: {error}"
        ) from error
    differs = part.given_label[order] != first.given_label
    if differs.any():
        at = int(np.argmax(differs))
        raise ValueError(
            "The parts must have the same labels. Received: the label of id "
            f"{first.ids[at].item()!r} is {first.given_label[at]} in "
            f"parts[0], {part.given_label[order][at]} in parts[{number}]"
        )
    return order
