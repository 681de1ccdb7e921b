"""What is known of data once it was read."""

from dataclasses import dataclass
from dataclasses import replace
from typing import Any

import numpy as np

from keras_robust.trajectories.checks import as_ids


@dataclass
class Tracked:
    """What `track` knows: data for `fit`, and its samples' labels and ids.

    Attributes:
        feed: What to hand to `fit`.
        given_label: int64 `(N,)`; of several positions a sample, the class
            that most have.
        ids: The samples' names `(N,)`.
        num_classes: The number of classes, `None` if not known.
        fingerprint: float32 `(N,)`: the label, or the mean over a sample's
            positions; a step that sees another sees other data.
        blended: Whether labels are mixtures, as of mixup and cutmix.
        dense: Whether samples have labels at several positions.
        second: int64 `(N,)`, of dense labels: the class that most of the
            other positions have.
        order: The `Order` of arrays, `None` of other data.
    """

    feed: Any
    given_label: np.ndarray
    ids: np.ndarray
    num_classes: int | None
    fingerprint: np.ndarray
    blended: bool = False
    dense: bool = False
    second: np.ndarray | None = None
    order: Any = None

    def without(self, ignore_class):
        """The same, where a class is left out of dense labels."""
        void = self.given_label == ignore_class
        if not self.dense or not void.any():
            return self
        label = np.where(void, self.second, self.given_label)
        return replace(self, given_label=label)

    def same_samples(self, other):
        """Whether another `Tracked` is of the same samples and labels."""
        pairs = [
            (self.ids, other.ids),
            (self.given_label, other.given_label),
            (self.fingerprint, other.fingerprint),
        ]
        return all(np.array_equal(one, two) for one, two in pairs)

    def __deepcopy__(self, memo):
        """Itself: a copied tracker, as KerasTuner makes, is of the same data.

        A copy of the feed would wait for an epoch that `fit` never reads.
        """
        return self


def tracked(feed, given, ids, order=None):
    """Returns the `Tracked` of a feed whose labels `given` says."""
    return Tracked(
        feed,
        given.label,
        ids,
        given.num_classes,
        given.fingerprint,
        given.blended,
        given.dense,
        given.second,
        order,
    )


def checked_ids(ids, count):
    """Names of `count` samples; their positions if there are none."""
    if ids is None:
        return np.arange(count)
    ids = as_ids(ids)
    if len(ids) != count:
        raise ValueError(
            f"`ids` must name every sample, {count} of them. Received: "
            f"ids.shape={ids.shape}"
        )
    return ids


def position_dtype(count):
    """The narrowest integers that number `count` samples."""
    return "int32" if count < 2**31 else "int64"
