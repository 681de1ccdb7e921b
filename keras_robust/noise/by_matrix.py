"""Label noise of any transition matrix."""

import numpy as np

from keras_robust.noise.flips import as_classes
from keras_robust.noise.flips import as_flag
from keras_robust.noise.flips import generator
from keras_robust.noise.matrices import as_transition_matrix
from keras_robust.noise.matrices import assign
from keras_robust.noise.matrices import bernoulli
from keras_robust.noise.matrices import exact_counts
from keras_robust.noise.noisy_labels import with_labels


def by_matrix(labels, transition_matrix, seed=None, exact=True):
    """Changes labels as a transition matrix says.

    Formula: `P(noisy = k | given = c) = transition_matrix[c, k]`.

    For noise whose structure you know or have estimated: what was estimated
    on real labels is put into clean ones, to rehearse with.

    Args:
        labels: integer class numbers in [0, K - 1], shape `(N,)` or
            `(N, 1)`. They are not changed.
        transition_matrix: numbers of at least 0, shape `(K, K)`, row c the
            shares of class c that become class 0 to K - 1; rows sum to 1 (to
            1e-5).
        seed: non-negative integer for the same flips every time, a
            `numpy.random.Generator`, or None for fresh ones.
        exact: True (default) changes exact numbers, each share of a class
            within one sample; False draws every label on its own.

    Returns:
        `NoisyLabels`: the noisy `labels`, a new array of the shape and dtype
        of those given, the mask `is_wrong` and the realised
        `transition_matrix`.

    Raises:
        ValueError: if the labels are not integers in [0, K - 1], or the
            matrix is not square or not row-stochastic; the first bad row is
            named.

    Example:

    >>> import numpy as np
    >>> from keras_robust.noise import by_matrix
    >>> labels = np.repeat([0, 1], 10)
    >>> noisy = by_matrix(labels, [[0.7, 0.3], [0.1, 0.9]], seed=0)
    >>> noisy.transition_matrix
    array([[0.7, 0.3],
           [0.1, 0.9]])

    Reference:
        Patrini et al., "Making Deep Neural Networks Robust to Label Noise: A
        Loss Correction Approach", CVPR 2017.
    """
    matrix = as_transition_matrix(transition_matrix)
    num_classes = len(matrix)
    given, classes, _ = as_classes(labels, num_classes)
    rng = generator(seed)
    if as_flag("exact", exact):
        sizes = np.bincount(classes, minlength=num_classes)
        new = assign(classes, exact_counts(sizes, matrix), rng)
    else:
        new = bernoulli(classes, matrix, rng)
    return with_labels(given, classes, slice(None), new, num_classes)
