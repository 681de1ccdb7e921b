"""What a model said of its training samples while it was learning them."""

import numpy as np

# How surely another class is predicted by a model that contradicts clearly.
_CLEARLY = 0.7
# More would add up to no number where both are infinite.
_LARGEST = 1e30
# A model that predicts one class for more of the samples than this has
# collapsed, unless so many are given it.
_NEARLY_ALL = 0.95


def last_epochs(num_epochs, share=1 / 3):
    """How many epochs that share is, one at least."""
    return max(1, round(num_epochs * share))


def given_and_other(part, epochs=slice(None)):
    """The probabilities of the given label, and of the strongest other class.

    Args:
        part: `Trajectories` with `"cross_entropy"` and `"margin"`.
        epochs: A slice of the epochs that are wanted. Defaults to all.

    Returns:
        Two float64 arrays `(E, N)`, NaN where a sample was not seen.
    """
    loss = part.signals["cross_entropy"][epochs]
    loss = np.clip(loss, 0.0, _LARGEST, dtype=np.float64)
    own = np.exp(-loss)
    # Before the exponential, or 0 would meet infinity.
    loss += np.clip(part.signals["margin"][epochs], -_LARGEST, _LARGEST)
    np.negative(loss, out=loss)
    other = np.exp(np.minimum(loss, 0.0, out=loss), out=loss)
    return own, np.minimum(other, 1.0 - own, out=other)


def learnt_after_contradiction(part, other):
    """Which samples were contradicted clearly, and predicted as given later.

    Args:
        part: `Trajectories` with `"predicted"`.
        other: Of `given_and_other`.

    Returns:
        bool `(N,)`: in an epoch of the middle third another class was
        predicted with a probability of at least .7, and in all epochs of the
        last third the given one.
    """
    own = part.signals["predicted"] == part.given_label
    late = last_epochs(part.num_epochs)
    middle = slice(late, -late)
    against = (other[middle] >= _CLEARLY) & ~own[middle]
    return against.any(axis=0) & own[-late:].all(axis=0)


def looks_collapsed(trajectories):
    """Whether nearly all samples were predicted as one class in the end."""
    size = trajectories.num_classes
    counts = np.zeros(size, np.int64)
    for _, part in trajectories.blocks(("predicted",)):
        last = part.signals["predicted"][-1]
        seen = (last >= 0) & (last < size)
        counts += np.bincount(last[seen].astype(np.int64), minlength=size)
    if not counts.sum():
        return False
    most = int(counts.argmax())
    given = float((trajectories.given_label == most).mean())
    return counts[most] > _NEARLY_ALL * counts.sum() and given < _NEARLY_ALL
