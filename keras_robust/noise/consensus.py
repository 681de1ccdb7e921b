"""What several annotators together say: the result, and the plain majority."""

import dataclasses

import numpy as np

from keras_robust.noise.flips import generator
from keras_robust.noise.votes import as_votes


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Consensus:
    """What `majority_vote` or `dawid_skene` made of votes.

    Args:
        items: `(N,)`, what the items are called; the order of the rest.
        annotators: `(A,)`, what the annotators are called.
        labels: int64 `(N,)`, the consensus; -1 for an item without votes.
        probabilities: float64 `(N, K)`, soft labels to train on; those of an
            item without votes are the class priors.
        confusion: float64 `(A, K, K)`: P(annotator a says l | true class k)
            in `confusion[a, k, l]`; NaN in rows that no vote is about.
        quality: float64 `(A,)` in [0, 1], low = suspicious: the expected
            share of an annotator's votes that are right; NaN without any.
        class_priors: float64 `(K,)`, the shares of the classes.
        agreement: float64 `(N,)`, the share of an item's votes that are the
            consensus; NaN without votes.
        method: `"majority_vote"` or `"dawid_skene"`.
        converged: whether the iterations came to their end.
        num_iterations: how many there were.
    """

    items: np.ndarray
    annotators: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    confusion: np.ndarray
    quality: np.ndarray
    class_priors: np.ndarray
    agreement: np.ndarray
    method: str
    converged: bool = True
    num_iterations: int = 0

    def __repr__(self):
        return (
            f"Consensus({self.labels.size} items, {self.quality.size} "
            f"annotators, method={self.method!r})"
        )


def majority_vote(votes, num_classes=None, ties="lowest", seed=None):
    """The class most annotators say, for every item.

    Formula: `q_ik`, the share of the votes on item i that are k; the label is
    the k of the largest.

    Use it as a first look, or where everybody is as good as the others;
    `dawid_skene` finds out who is not.

    Args:
        votes: matrix `(N, A)` of class numbers, -1 or NaN where annotator a
            has not voted on item i; or `Votes`, of `from_long`.
        num_classes: number of classes K >= 2. Defaults to the largest label
            plus one.
        ties: which label an item gets where several classes have most votes:
            `"lowest"` (default), the smallest class number, which favours
            it; or `"random"`, any of them. The probabilities are the same.
        seed: for `"random"`: a non-negative integer for the same choice every
            time, a `numpy.random.Generator`, or None for a fresh one.

    Returns:
        `Consensus`, with the shares as probabilities; class priors are their
        means. `O(V + N K + A K^2)` memory for V votes.

    Raises:
        ValueError: if an argument is not usable; the first bad vote is named.

    Example:

    >>> from keras_robust.noise import majority_vote
    >>> consensus = majority_vote([[0, 0, 1], [1, 1, -1], [1, 1, 1]])
    >>> consensus.labels
    array([0, 1, 1])
    >>> consensus.quality.round(2)
    array([0.89, 0.89, 0.67])

    Reference:
        Dawid, Skene, "Maximum Likelihood Estimation of Observer Error-Rates
        Using the EM Algorithm", Applied Statistics 28(1), 1979, equation 3.1
        (where their iterations start).
    """
    votes = as_votes(votes, num_classes)
    if not isinstance(ties, str) or ties not in ("lowest", "random"):
        raise ValueError(
            f'`ties` must be "lowest" or "random". Received: ties={ties!r}'
        )
    rng = generator(seed)
    probabilities, priors = shares(votes)
    order = probabilities
    if ties == "random":
        most = probabilities == probabilities.max(axis=1, keepdims=True)
        order = most * rng.random(most.shape)
    labels = order.argmax(axis=1)
    return consensus(votes, probabilities, priors, labels, "majority_vote")


def shares(votes):
    """The shares of the votes on each item, and their means, the priors."""
    num_items, size = votes.items.size, votes.num_classes
    counts = np.bincount(
        votes.item * size + votes.label, minlength=num_items * size
    ).reshape(num_items, size)
    total = counts.sum(axis=1, keepdims=True)
    voted = total[:, 0] > 0
    probabilities = counts / np.maximum(total, 1)
    priors = probabilities[voted].mean(axis=0)
    probabilities[~voted] = priors
    return probabilities, priors


def confusion_counts(votes, probabilities):
    """How often each annotator says l of what is k, `(A, K, K)`."""
    num_annotators, size = votes.annotators.size, votes.num_classes
    code = votes.annotator * size + votes.label
    counts = np.empty((size, num_annotators * size))
    for k in range(size):
        weights = probabilities[votes.item, k]
        counts[k] = np.bincount(code, weights, num_annotators * size)
    return counts.reshape(size, num_annotators, size).transpose(1, 0, 2)


def consensus(votes, probabilities, priors, labels, method, **about):
    """The result, with what follows from the probabilities."""
    counts = confusion_counts(votes, probabilities)
    num_votes = np.bincount(votes.item, minlength=votes.items.size)
    agree = (labels[votes.item] == votes.label).astype(np.float64)
    agree = np.bincount(votes.item, agree, votes.items.size)
    right = np.trace(counts, axis1=1, axis2=2)
    with np.errstate(invalid="ignore"):
        return Consensus(
            items=votes.items,
            annotators=votes.annotators,
            labels=np.where(num_votes > 0, labels, -1),
            probabilities=probabilities,
            confusion=counts / counts.sum(axis=2, keepdims=True),
            quality=right / counts.sum(axis=(1, 2)),
            class_priors=priors,
            agreement=agree / num_votes,
            method=method,
            **about,
        )
