"""Label noise that depends on what a sample looks like."""

import numpy as np

from keras_robust.noise.blocks import choose
from keras_robust.noise.blocks import row_blocks
from keras_robust.noise.flips import as_classes
from keras_robust.noise.flips import as_flag
from keras_robust.noise.flips import as_rate
from keras_robust.noise.flips import first_of_each_class
from keras_robust.noise.flips import generator
from keras_robust.noise.noisy_labels import with_labels
from keras_robust.noise.samples import as_samples
from keras_robust.noise.samples import refuse_non_finite

_DEVIATION = 0.1


def instance_dependent(
    labels, x, rate, num_classes=None, seed=None, exact=True
):
    """Flips labels by what the samples look like.

    Formula: sample i of class c flips with a probability `q_i` of its own,
    normal with mean `rate` and deviation 0.1, truncated to [0, 1]; it becomes
    class k with `softmax(x_i W_c)_k` over all `k != c`, where each class has
    a random matrix `W_c` of its own, standard normal, shape `(F, K)` for F
    numbers a sample.

    Samples that look alike are mistaken for the same class, so a network can
    learn these mistakes as if they were right: harder than noise by class of
    the same rate.

    `x` is taken as it is. Its scale decides how sure the mistakes are: with
    pixels of 0 to 255, as in the authors' code, each sample has one wrong
    class that it nearly always takes; with numbers near 0 it is any class.

    The work is that of `rate * N` products with a matrix and of drawing
    `K * F * K` random numbers; the memory beside the labels is one such
    matrix and a block of samples.

    Args:
        labels: integer class numbers in [0, K - 1], shape `(N,)` or
            `(N, 1)`. They are not changed.
        x: the samples, finite numbers of any shape `(N, ...)`.
        rate: share of the labels to flip, in [0, 1].
        num_classes: number of classes K >= 2. Defaults to the largest
            label plus one.
        seed: non-negative integer for the same flips every time, a
            `numpy.random.Generator`, or None for fresh ones.
        exact: True (default) flips `round(rate * N)` labels, each class
            giving its proportional number within one sample, its samples
            drawn one after the other with chances in proportion to `q_i`.
            False is the paper's: every label by itself with probability
            `q_i`, whose mean is `rate` in the middle of [0, 1] only (0.09
            for a `rate` of 0.02).

    Returns:
        `NoisyLabels`: the noisy `labels`, a new array of the shape and dtype
        of those given, the mask `is_wrong` and the realised
        `transition_matrix`.

    Raises:
        ValueError: if an argument is outside the ranges above, the labels are
            not integers, or `x` has another number of rows or a row that is
            not finite; the first such row is named.

    Example:

    >>> import numpy as np
    >>> from keras_robust.noise import instance_dependent
    >>> x = np.random.default_rng(0).normal(size=(100, 5))
    >>> labels = x[:, :3].argmax(axis=1)
    >>> instance_dependent(labels, x, rate=0.2, seed=0)
    NoisyLabels(20 of 100 labels wrong, 3 classes)

    Reference:
        Xia et al., "Part-dependent Label Noise: Towards Instance-dependent
        Label Noise", NeurIPS 2020, as in the authors' code, from which
        `exact=False` differs in its random numbers only.
    """
    given, classes, num_classes = as_classes(labels, num_classes)
    x = as_samples("x", x, classes.size)
    rate = as_rate(rate)
    exact = as_flag("exact", exact)
    rng = generator(seed)
    refuse_non_finite("x", x)
    chances = _truncated_normal(rate, classes.size, rng)
    if exact:
        # The smallest of these waiting times is each sample's with a chance
        # in proportion to its own; a chance of 0 waits for ever.
        with np.errstate(divide="ignore"):
            waits = rng.standard_exponential(classes.size) / chances
        order = np.argsort(waits, kind="stable")
        positions = first_of_each_class(order, classes, rate, num_classes)
    else:
        positions = np.flatnonzero(rng.random(classes.size) < chances)
    new = _look_alikes(x, classes, positions, num_classes, rng)
    return with_labels(given, classes, positions, new, num_classes)


def _truncated_normal(mean, size, rng):
    """Normal numbers of the deviation 0.1, those outside [0, 1] drawn anew."""
    drawn = rng.normal(mean, _DEVIATION, size)
    outside = np.flatnonzero((drawn < 0) | (drawn > 1))
    while outside.size:
        anew = rng.normal(mean, _DEVIATION, outside.size)
        drawn[outside] = anew
        outside = outside[(anew < 0) | (anew > 1)]
    return drawn


def _look_alikes(x, classes, positions, num_classes, rng):
    """The wrong class of each sample at `positions`, int64."""
    width = x[0].size
    # A seed for each class: what a class draws depends on no other class.
    seeds = rng.integers(2**63, size=num_classes)
    uniform = rng.random(positions.size)
    new = np.empty(positions.size, np.int64)
    ours = classes[positions]
    order = np.argsort(ours, kind="stable")
    ends = np.cumsum(np.bincount(ours, minlength=num_classes))
    for c in np.unique(ours):
        members = order[ends[c - 1] if c else 0 : ends[c]]
        matrix = np.random.default_rng(seeds[c]).standard_normal(
            (width, num_classes)
        )
        for rows in row_blocks(members.size, width + num_classes):
            block = members[rows]
            samples = x[positions[block]].reshape(block.size, width)
            with np.errstate(over="ignore", invalid="ignore"):
                logits = samples.astype(np.float64) @ matrix
            logits[:, c] = -np.inf
            largest = logits.max(axis=1, keepdims=True)
            _refuse_overflow(largest, positions[block])
            weights = np.exp(logits - largest)
            new[block] = choose(weights, uniform[block])
    return new


def _refuse_overflow(largest, rows):
    bad = ~np.isfinite(largest[:, 0])
    if bad.any():
        raise ValueError(
            "`x` must hold numbers whose weighted sums are finite; scale it "
            f"down. Received: too large numbers in x[{rows[np.argmax(bad)]}]"
        )
