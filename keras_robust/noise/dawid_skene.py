"""Dawid-Skene: the true labels and how each annotator errs, together."""

import math
import numbers
import warnings

import numpy as np

from keras_robust.noise.consensus import confusion_counts
from keras_robust.noise.consensus import consensus
from keras_robust.noise.consensus import shares
from keras_robust.noise.votes import as_votes


def dawid_skene(
    votes,
    num_classes=None,
    smoothing=0.0,
    max_iterations=500,
    tolerance=1e-6,
):
    """Finds true labels and each annotator's errors from votes alone.

    Formula: `q_ik ~ p_k prod_a C_a[k, v_ia]` over the votes `v_ia` on item i,
    with `C_a[k, l] = sum_i q_ik [v_ia = l] / sum_i q_ik [a voted on i]` and
    `p_k` the mean of `q_ik`, in turn, starting from the shares of the votes
    (expectation maximisation, in logarithms).

    Use it where annotators are of different quality, or mix up classes each
    in their own way. It assumes that they err independently of each other
    given the true class, and that most are right more often than not; with a
    few votes an annotator take `majority_vote`, or some `smoothing`.

    Args:
        votes: matrix `(N, A)` of class numbers, -1 or NaN where annotator a
            has not voted on item i; or `Votes`, of `from_long`.
        num_classes: number of classes K >= 2. Defaults to the largest label
            plus one.
        smoothing: votes added to every entry of every annotator's confusion
            while it iterates, at least 0, so that nothing is impossible to
            somebody with few votes. Defaults to `0.0`, as in the paper.
        max_iterations: at least 1. Defaults to `500`; it warns if that is
            not enough.
        tolerance: the largest change of a probability at which it ends, at
            least 0. Defaults to `1e-6`.

    Returns:
        `Consensus`; labels are the most probable class, the smallest among
        equals. `O(V K)` time an iteration and `O(V + N K + A K^2)` memory for
        V votes.

    Raises:
        ValueError: if an argument is not usable; the first bad vote is named.

    Example: the third annotator says the opposite, so his votes count too.

    >>> import numpy as np
    >>> from keras_robust.noise import dawid_skene
    >>> true = np.arange(20) % 2
    >>> votes = np.stack([true, true, 1 - true], axis=1)
    >>> votes[:4, 1] = -1
    >>> consensus = dawid_skene(votes)
    >>> bool((consensus.labels == true).all())
    True
    >>> consensus.quality.round(2)
    array([1., 1., 0.])

    Reference:
        Dawid, Skene, "Maximum Likelihood Estimation of Observer Error-Rates
        Using the EM Algorithm", Applied Statistics 28(1), 1979, equations 2.3
        to 2.5.
    """
    votes = as_votes(votes, num_classes)
    _check_number("smoothing", smoothing)
    _check_number("tolerance", tolerance)
    _check_iterations(max_iterations)
    q, priors = shares(votes)
    voted = np.bincount(votes.item, minlength=len(q)) > 0
    num_iterations, change = 0, math.inf
    while change > tolerance and num_iterations < max_iterations:
        priors = q[voted].mean(axis=0)
        before, q = q, _posterior(votes, q, priors, smoothing)
        change = np.abs(q - before).max()
        num_iterations += 1
    if change > tolerance:
        warnings.warn(
            f"`dawid_skene` has not converged in {max_iterations} iterations: "
            f"a probability still moved by {change:.2g}. Raise "
            "`max_iterations`, or `tolerance`.",
            stacklevel=2,
        )
    priors = q[voted].mean(axis=0)
    q[~voted] = priors
    return consensus(
        votes,
        q,
        priors,
        q.argmax(axis=1),
        "dawid_skene",
        converged=bool(change <= tolerance),
        num_iterations=num_iterations,
    )


def _posterior(votes, q, priors, smoothing):
    """The probabilities of the classes, by what the last ones say of all."""
    counts = confusion_counts(votes, q) + smoothing
    total = counts.sum(axis=2, keepdims=True)
    # Of what an annotator has never seen nothing is known.
    even = 1 / votes.num_classes
    known = np.where(total > 0, counts / np.where(total > 0, total, 1), even)
    with np.errstate(divide="ignore"):
        log_known, log_q = np.log(known), np.tile(np.log(priors), (len(q), 1))
    for k in range(votes.num_classes):
        said = log_known[votes.annotator, k, votes.label]
        log_q[:, k] += np.bincount(votes.item, said, len(q))
    log_q -= log_q.max(axis=1, keepdims=True)
    after = np.exp(log_q)
    return after / after.sum(axis=1, keepdims=True)


def _check_number(name, value):
    if (
        not isinstance(value, numbers.Real)
        or isinstance(value, bool)
        or not 0 <= value < math.inf
    ):
        raise ValueError(
            f"`{name}` must be a number of at least 0. "
            f"Received: {name}={value!r}"
        )


def _check_iterations(value):
    if (
        not isinstance(value, numbers.Integral)
        or isinstance(value, bool)
        or value < 1
    ):
        raise ValueError(
            "`max_iterations` must be an integer of at least 1. "
            f"Received: max_iterations={value!r}"
        )
