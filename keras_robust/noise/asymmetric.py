"""Asymmetric label noise: some classes are mistaken for certain others."""

import numbers
from collections.abc import Mapping

import numpy as np

from keras_robust.noise.class_maps import NAMED
from keras_robust.noise.flips import MOST_CLASSES
from keras_robust.noise.flips import as_classes
from keras_robust.noise.flips import draw
from keras_robust.noise.flips import generator
from keras_robust.noise.noisy_labels import with_labels


def asymmetric(labels, rate, mapping, num_classes=None, seed=None, exact=True):
    """Flips labels of some classes to the class each is mistaken for.

    Formula: `P(noisy = mapping[c] | given = c) = rate` for every class c in
    the mapping; the labels of other classes stay.

    Mistakes between similar classes, as people make them, and harder than
    symmetric noise of the same rate: from `rate = 0.5` on the wrong labels of
    a class outnumber the right ones. The overall rate is lower than `rate`
    where some classes are in no mapping (`"cifar10"` of 0.4 makes 0.2 of
    balanced labels wrong); `noisy.rate` is what it came to.

    The named mappings are those of the papers: `"mnist"` (7 to 1, 2 to 7, 5
    and 6 exchanged, 3 to 8), `"cifar10"` (truck to automobile, bird to
    airplane, deer to horse, cat and dog exchanged) and `"cifar100"` (each
    class to the next of its superclass, by class number, the last to the
    first). Public code of the papers takes blocks of five successive class
    numbers for CIFAR-100's superclasses, which they are not, as the classes
    are numbered by the alphabet; for the same noise give
    `mapping=np.arange(100) // 5 * 5 + (np.arange(100) + 1) % 5`.
    For `"fashion_mnist"` no table is common; here pullover and coat, T-shirt
    and shirt, sandal and sneaker are exchanged.

    Args:
        labels: integer class numbers in [0, K - 1], shape `(N,)` or
            `(N, 1)`. They are not changed.
        rate: share of the labels of each mapped class to flip, in [0, 1].
        mapping: one of the names above; a dict from class to class; or K
            integers, the class that each class is mistaken for. A class that
            is mapped to itself stays.
        num_classes: number of classes K >= 2. Defaults to that of the
            mapping of a name or of K integers, else to the largest class in
            `labels` or `mapping` plus one.
        seed: non-negative integer for the same flips every time, a
            `numpy.random.Generator`, or None for fresh ones.
        exact: True (default) flips `round(rate * n)` of the n labels of
            mapped classes, each class giving its proportional number within
            one sample; False flips every one with probability `rate`.

    Returns:
        `NoisyLabels`: the noisy `labels`, a new array of the shape and dtype
        of those given, the mask `is_wrong` and the realised
        `transition_matrix`.

    Raises:
        ValueError: if an argument is outside the ranges above, the labels are
            not integers, or the mapping maps no class to another.

    Example:

    >>> import numpy as np
    >>> from keras_robust.noise import asymmetric
    >>> labels = np.repeat([0, 1, 2], 5)
    >>> asymmetric(labels, rate=0.4, mapping={2: 0}, seed=0).transition_matrix
    array([[1. , 0. , 0. ],
           [0. , 1. , 0. ],
           [0.4, 0. , 0.6]])
    >>> asymmetric([9, 2, 4, 3, 5], rate=1.0, mapping="cifar10").labels
    array([1, 0, 7, 5, 3])

    Reference:
        Patrini et al., "Making Deep Neural Networks Robust to Label Noise: A
        Loss Correction Approach", CVPR 2017; the tables as in the code of Ma
        et al., "Normalized Loss Functions for Deep Learning with Noisy
        Labels", ICML 2020.
    """
    pairs, of_mapping = _as_pairs(mapping)
    if num_classes is None and not isinstance(mapping, Mapping):
        num_classes = of_mapping
    given, classes, num_classes = as_classes(
        labels, num_classes, least=of_mapping
    )
    if of_mapping > num_classes or (
        isinstance(mapping, str) and of_mapping != num_classes
    ):
        raise ValueError(
            f"The mapping is one of {of_mapping} classes. Received: "
            f"num_classes={num_classes}, mapping={mapping!r}"
        )
    becomes = np.arange(num_classes)
    becomes[list(pairs)] = list(pairs.values())
    mapped = np.flatnonzero(becomes[classes] != classes)
    rng = generator(seed)
    drawn = draw(classes[mapped], rate, num_classes, rng, exact)
    positions = mapped[drawn]
    new = becomes[classes[positions]]
    return with_labels(given, classes, positions, new, num_classes)


def _as_pairs(mapping):
    """The classes that become others, as a dict, and how many classes it is of.

    Of a dict, the least number of classes that it may be of.
    """
    if isinstance(mapping, str):
        if mapping not in NAMED:
            raise ValueError(
                "`mapping` must be a dict from class to class, K integers or "
                f"one of {sorted(NAMED)}. Received: mapping={mapping!r}"
            )
        of_mapping, pairs = NAMED[mapping]
        return pairs, of_mapping
    if isinstance(mapping, Mapping):
        pairs = dict(mapping)
        for pair in pairs.items():
            if not all(_is_class(number) for number in pair):
                raise ValueError(
                    "`mapping` must be from class number to class number, "
                    f"integers of at least 0. Received: {pair[0]!r}: "
                    f"{pair[1]!r}"
                )
        of_mapping = max([*pairs, *pairs.values()], default=-1) + 1
    else:
        size = as_classes(mapping, None, "mapping", least=2)[1].size
        _, becomes, of_mapping = as_classes(mapping, max(size, 2), "mapping")
        pairs = dict(enumerate(becomes.tolist()))
    if all(old == new for old, new in pairs.items()):
        raise ValueError(
            "`mapping` must map a class to another one. "
            f"Received: mapping={mapping!r}"
        )
    return pairs, of_mapping


def _is_class(number):
    return (
        isinstance(number, numbers.Integral)
        and not isinstance(number, bool)
        and 0 <= number < MOST_CLASSES
    )
