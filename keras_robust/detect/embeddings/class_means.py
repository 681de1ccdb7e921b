"""Labels compared with the mean of every class in an embedding."""

import numpy as np

from keras_robust.detect.embeddings.centred import Centred
from keras_robust.detect.embeddings.centred import sums_by_class
from keras_robust.detect.embeddings.judgement import Judgement
from keras_robust.detect.embeddings.neighbourhood import embeddings_of
from keras_robust.detect.scores.score import register_score
from keras_robust.noise.blocks import row_blocks
from keras_robust.noise.flips import as_classes

# Numbers handled at once: bounds the extra memory for large data.
_BLOCK = 2**20
# Less than this is rounding: of a difference of numbers of about 1.
_ROUNDING = 1e-12


@register_score("class_means", reads="embeddings")
def class_means(labels, embeddings):
    """Compares each label with the class whose mean is the most similar.

    Formula: `evidence = s_y - max_{k != y} s_k` and `quality = 1/2 +
    evidence / 4`, with `s_k` the cosine of the sample and the mean direction
    of class `k`, after the mean of all samples is taken away. The mean of its
    own class leaves the sample out, so that no label vouches for itself. So
    the quality is below 1/2 where another class is more similar than the
    given one.

    Means of penultimate features are compared in many papers; leaving the
    sample out and taking the common mean away are ours. Without the latter
    features that are all positive, as after a ReLU, are alike everywhere.

    Use it where every class is one cloud, such as of the features before the
    last layer: it is the cheapest detector there is, and needs few samples of
    a class. Where a class has several clouds take `simifeat_vote`.

    It takes `O(N K D)` time, and beside the embeddings `O(K D)` memory.

    Args:
        labels: integer class numbers, shape `(N,)` or `(N, 1)`.
        embeddings: finite numbers, shape `(N, D)`.

    Returns:
        `Judgement`. The suggestion is the most similar class besides the
        given one; its confidence is `1/2 + (s - r) / 4`, with `s` its
        similarity and `r` the largest of the others', the given one's among
        them. A class without another sample has the similarity 0.

    Raises:
        ValueError: if the labels or the embeddings are not as said; the first
            bad row is named.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import class_means
    >>> embeddings = np.array([[4, 0], [5, 1], [4, 1], [0, 4], [1, 5], [0, 5]])
    >>> found = class_means([0, 0, 1, 1, 1, 1], embeddings)
    >>> found.quality < 0.5
    array([False, False,  True, False, False, False])
    >>> int(found.suggested_label[2])
    0
    """
    _, classes, _ = as_classes(labels, None)
    return nearest_means(classes, embeddings_of(embeddings, len(classes)))


def nearest_means(classes, embeddings, trusted=None):
    """As `class_means`, of arguments that were checked.

    Args:
        classes: int64 `(N,)`.
        embeddings: `(N, D)`.
        trusted: Who counts in the means, bool `(N,)`; `None` for all.
    """
    if trusted is None:
        trusted = np.ones(len(classes), bool)
    present, classes = np.unique(classes, return_inverse=True)
    num_classes = len(present)
    centred = Centred(embeddings)
    sums = np.zeros((num_classes, embeddings.shape[1]))
    sizes = np.bincount(classes[trusted], minlength=num_classes)
    for rows in row_blocks(*embeddings.shape):
        chosen = rows.start + np.flatnonzero(trusted[rows])
        sums += sums_by_class(
            centred.directions(chosen), classes[chosen], num_classes
        )
    squares = np.einsum("ij,ij->i", sums, sums)
    parts = []
    step = max(1, _BLOCK // max(sums.shape))
    for start in range(0, len(classes), step):
        rows = slice(start, start + step)
        given, own = classes[rows], trusted[rows]
        unit = centred.directions(rows)
        similar = unit @ sums.T
        every = np.arange(len(given))
        with_own = similar[every, given]
        similar /= _length(squares, sizes > 0)
        # Of a class without samples there is nothing to suggest.
        similar[:, sizes == 0] = -np.inf
        # Without the sample itself.
        length = np.einsum("ij,ij->i", unit, unit) * own
        others = squares[given] - 2.0 * with_own * own + length
        similar[every, given] = (with_own - length) / _length(
            others, sizes[given] > own
        )
        similar[every, given] *= sizes[given] > own
        parts.append(_judged(similar, given))
    found = Judgement(*map(np.concatenate, zip(*parts, strict=True)))
    suggested = found.suggested_label
    return found._replace(
        predicted_label=present[found.predicted_label],
        suggested_label=np.where(suggested >= 0, present[suggested], -1),
    )


def _length(squares, counted):
    """The root, or infinity where there is nothing to divide by."""
    some = counted & (squares > _ROUNDING)
    return np.where(some, np.sqrt(np.maximum(squares, _ROUNDING)), np.inf)


def _judged(similar, given):
    every = np.arange(len(given))
    s_given = similar[every, given]
    similar[every, given] = -np.inf
    other = similar.argmax(axis=1)
    s_other = similar[every, other]
    is_known = s_other > -np.inf
    similar[every, other] = -np.inf
    # Rounding may leave [-1, 1].
    rival = np.clip(np.maximum(s_given, similar.max(axis=1)), -1.0, 1.0)
    s_given, s_other = (np.clip(s, -1.0, 1.0) for s in (s_given, s_other))
    evidence = s_given - s_other
    other = np.where(is_known, other, -1)
    return (
        0.5 + evidence / 4.0,
        evidence,
        np.where(evidence < 0.0, other, given),
        other,
        np.where(is_known, 0.5 + (s_other - rival) / 4.0, 0.0),
    )
