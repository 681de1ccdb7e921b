"""Realistic label noise: classes are mistaken as a network mistakes them."""

import numpy as np

from keras_robust.noise.flips import as_classes
from keras_robust.noise.flips import as_flag
from keras_robust.noise.flips import as_rate
from keras_robust.noise.flips import generator
from keras_robust.noise.matrices import as_square
from keras_robust.noise.matrices import assign
from keras_robust.noise.matrices import bernoulli
from keras_robust.noise.matrices import exact_counts
from keras_robust.noise.noisy_labels import with_labels
from keras_robust.noise.probabilities import as_probabilities
from keras_robust.noise.probabilities import blocks
from keras_robust.noise.sharing import largest_remainder


def class_dependent(
    labels, pred_probs=None, rate=None, confusion=None, seed=None, exact=True
):
    """Flips labels between classes that a network takes for each other.

    Formula: `C[c, k]` is the mean probability of class k over the samples of
    class c. `P(noisy = k | given = c) = s C[c, k]` for `k != c`, where the
    number s is such that `rate` of all labels become wrong; no class loses
    more than all its labels, and what it cannot lose the others do.

    Classes that are alike are mistaken more often, and those that are like no
    other hardly ever, as with real errors; which sample of a class is
    mistaken is by chance (`from_predictions` and `instance_dependent` make
    it depend on the sample).

    Args:
        labels: integer class numbers in [0, K - 1], shape `(N,)` or
            `(N, 1)`. They are not changed.
        pred_probs: probabilities of a model that has not seen these samples,
            shape `(N, K)`.
        rate: share of the labels to flip, in [0, 1]. Defaults to `None`: the
            rows of C as they are (`s = 1`), the share of the model's doubt.
        confusion: instead of `pred_probs` any matrix `(K, K)` of numbers of
            at least 0, row c how often class c is taken for each class, as
            scikit-learn's `confusion_matrix` has it. Rows are divided by
            their sums; a class whose row is all 0 stays.
        seed: non-negative integer for the same flips every time, a
            `numpy.random.Generator`, or None for fresh ones.
        exact: True (default) flips `round(rate * N)` labels, each class and
            each pair of classes by its share within one sample; False draws
            every label on its own.

    Returns:
        `NoisyLabels`: the noisy `labels`, a new array of the shape and dtype
        of those given, the mask `is_wrong` and the realised
        `transition_matrix`.

    Raises:
        ValueError: if an argument is outside the ranges above, not one of
            `pred_probs` and `confusion` is given, a row of them is bad (the
            first is named), or `rate` is more than the classes that are ever
            mistaken can lose.

    Example:

    >>> import numpy as np
    >>> from keras_robust.noise import class_dependent
    >>> labels = np.repeat([0, 1, 2], 10)
    >>> taken_for = [[8, 1, 1], [0, 9, 1], [0, 0, 10]]
    >>> noisy = class_dependent(labels, rate=0.2, confusion=taken_for, seed=0)
    >>> noisy.transition_matrix
    array([[0.6, 0.2, 0.2],
           [0. , 0.8, 0.2],
           [0. , 0. , 1. ]])

    Reference:
        Jakubik et al., "Improving Label Error Detection and Elimination with
        Uncertainty Quantification", arXiv 2405.09602, 2024, which generates
        class-dependent errors by the similarity of classes. The mean
        probabilities are as other people's code renders the paper; that s
        scales all classes alike is chosen here, and neither was checked
        against the paper, which has no public code.
    """
    if (pred_probs is None) == (confusion is None):
        raise ValueError(
            "`class_dependent` needs either `pred_probs` or `confusion`. "
            f"Received: {'none' if confusion is None else 'both'} of them"
        )
    if confusion is not None:
        matrix = as_square(confusion, "confusion")
        given, classes, num_classes = as_classes(labels, len(matrix))
    else:
        num_samples = as_classes(labels, None, least=2)[1].size
        pred_probs = as_probabilities(pred_probs, num_samples)
        given, classes, num_classes = as_classes(labels, pred_probs.shape[1])
        matrix = _sums_by_class(classes, pred_probs, num_classes)
    exact = as_flag("exact", exact)
    rng = generator(seed)
    sizes = np.bincount(classes, minlength=num_classes)
    stay, become = _shares(matrix)
    total = None
    if rate is not None:
        total = as_rate(rate) * classes.size
        total = round(total) if exact else total
        stay = 1 - _scaled(1 - stay, sizes, total)
    if exact:
        counts = _counts(sizes, stay, become, total)
        new = assign(classes, counts, rng)
    else:
        scaled = (1 - stay)[:, np.newaxis] * become
        new = bernoulli(classes, scaled + np.diag(stay), rng)
    return with_labels(given, classes, slice(None), new, num_classes)


def _sums_by_class(classes, pred_probs, num_classes):
    """The sum of the probabilities over the samples of each class."""
    sums = np.zeros((num_classes, num_classes))
    for where, block in blocks(pred_probs):
        # One product with what is one where a sample is of a class.
        ours, place = np.unique(classes[where], return_inverse=True)
        is_of = place == np.arange(ours.size)[:, np.newaxis]
        sums[ours] += is_of.astype(block.dtype) @ block
    return np.maximum(sums, 0)


def _shares(matrix):
    """The share of each class that stays, and of those that go, to where."""
    totals = matrix.sum(axis=1)
    own = np.diag(matrix)
    stay = np.where(totals > 0, own / np.where(totals > 0, totals, 1), 1.0)
    become = matrix - np.diag(own)
    gone = become.sum(axis=1, keepdims=True)
    stay[gone[:, 0] == 0] = 1.0
    return stay, become / np.where(gone > 0, gone, 1)


def _scaled(wrong, sizes, total):
    """Shares in proportion to `wrong`, at most 1, of `total` samples."""
    most = sizes[wrong > 0].sum()
    if total > most:
        raise ValueError(
            f"`rate` must be at most {most / sizes.sum():.6g} here: the "
            "labels of the other classes are never taken for another class. "
            f"Received: a rate of {total:.6g} in {sizes.sum()} labels"
        )
    full = np.zeros(wrong.size, bool)
    while True:
        rest = (sizes * wrong)[~full].sum()
        needed = max(total - sizes[full].sum(), 0.0)
        scale = needed / rest if rest > 0 else 0.0
        scaled = np.where(full, 1.0, scale * wrong)
        if (scaled <= 1).all():
            return scaled
        # A class without samples has nothing to lose, and is cut as well.
        full |= scaled > 1


def _counts(sizes, stay, become, total):
    """How many of each class become which, `total` of them wrong."""
    if total is None:
        wrong = (1 - stay)[:, np.newaxis] * become
        return exact_counts(sizes, wrong + np.diag(stay))
    leaving = largest_remainder(sizes * (1 - stay), total)
    counts = largest_remainder(become, leaving)
    return counts + np.diag(sizes - leaving)
