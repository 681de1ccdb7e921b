"""SimiFeat's vote: neighbours in an embedding say what a label should be."""

import numpy as np

from keras_robust.detect.embeddings.judgement import Judgement
from keras_robust.detect.embeddings.neighbourhood import labels_and_neighbours
from keras_robust.detect.embeddings.tallies import tally
from keras_robust.detect.scores.score import register_score


@register_score("simifeat_vote", reads="embeddings")
def simifeat_vote(labels, embeddings=None, *, knn_graph=None, k=10):
    """Asks the nearest neighbours which label is right (SimiFeat's vote).

    Formula: `evidence = (n_y - max_{c != y} n_c) / k` and `quality = (1 +
    evidence) / 2`, with `n_c` how many of the `k` nearest neighbours have the
    label `c`. So the quality is below 1/2, and the label called wrong by the
    split `"threshold"`, where most neighbours agree on another one; among
    equals the given label stays.

    The paper only flags; the numbers are ours, of the same decision. The
    authors' code counts the sample itself as one of the `k`, and weighs the
    votes by their similarity; this follows the paper, so that any
    `knn_graph` does.

    Use it with the embeddings of a network that has not seen these labels,
    or not learned the wrong ones. It needs no training.

    It takes `O(N k^2)` time once the neighbours are known; the search for
    them is `O(N^2 D)`.

    Args:
        labels: integer class numbers, shape `(N,)` or `(N, 1)`.
        embeddings: finite numbers, shape `(N, D)`; neighbours are those of
            the smallest cosine distance. Not needed with a `knn_graph`.
        knn_graph: `(indices, distances)` of an index of your own, both of
            shape `(N, M)`, the nearest first; the sample itself, where it is
            in its row, is left out, and -1 is a neighbour that was not found.
            Defaults to `None`, an exact search.
        k: number of neighbours, at least 1; all others where there are fewer.
            Defaults to `10`.

    Returns:
        `Judgement`. The suggestion is the most frequent label besides the
        given one, the nearer one among equals; its confidence is its share of
        the neighbours.

    Raises:
        ValueError: if an argument is not as said; the first bad row is named.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import simifeat_vote
    >>> embeddings = np.array([[4, 0], [5, 1], [4, 1], [0, 4], [1, 5], [0, 5]])
    >>> found = simifeat_vote([0, 0, 1, 1, 1, 1], embeddings, k=2)
    >>> found.quality
    array([0.5, 0.5, 0. , 1. , 1. , 1. ])
    >>> int(found.suggested_label[2]), float(found.suggestion_confidence[2])
    (0, 1.0)

    Reference:
        Zhu, Dong, Liu, "Detecting Corrupted Labels Without Training a Model
        to Predict", ICML 2022, section 3.2.
    """
    given, indices, _ = labels_and_neighbours(labels, embeddings, knn_graph, k)
    votes = tally(given, indices)
    evidence = (votes.given - votes.other) / np.maximum(votes.total, 1.0)
    return Judgement(
        quality=(1.0 + evidence) / 2.0,
        evidence=evidence,
        predicted_label=np.where(evidence < 0, votes.other_class, given),
        suggested_label=votes.other_class,
        suggestion_confidence=votes.other / np.maximum(votes.total, 1.0),
    )
