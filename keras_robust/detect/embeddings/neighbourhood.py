"""Who the neighbours of every sample are, searched for or given."""

import numpy as np

from keras_robust.detect.checks import integer
from keras_robust.noise.embeddings import as_embeddings
from keras_robust.noise.flips import as_classes
from keras_robust.noise.knn_graph import as_knn_graph
from keras_robust.noise.neighbours import nearest_neighbours


def labels_and_neighbours(labels, embeddings, knn_graph, k):
    """Checks what a detector by neighbours is given.

    Args:
        labels: The given labels `(N,)`.
        embeddings: `(N, D)`, or `None` with a `knn_graph`.
        knn_graph: As of `as_knn_graph`; or `None`.
        k: How many neighbours are wanted, at least 1.

    Returns:
        The labels, int64 `(N,)`; the positions of the `k` nearest neighbours,
        `(N, k)`, -1 where one was not found, fewer columns where there are
        fewer others; and the number of classes.

    Raises:
        ValueError: If one of them is not as said, or there are neither
            embeddings nor a graph.
    """
    _, classes, num_classes = as_classes(labels, None)
    k = integer("k", k, at_least=1)
    count = len(classes)
    k = min(k, count - 1)
    if knn_graph is None and embeddings is None:
        raise ValueError(
            "`embeddings` or `knn_graph` must be given. Received: "
            "embeddings=None, knn_graph=None"
        )
    if knn_graph is None:
        embeddings = embeddings_of(embeddings, count)
    if not k:
        return classes, np.empty((count, 0), np.int64), num_classes
    if knn_graph is None:
        indices, _ = nearest_neighbours(embeddings, k)
    else:
        indices, _ = as_knn_graph(knn_graph, count, k, allow_missing=True)
    return classes, indices, num_classes


def embeddings_of(embeddings, count):
    """Returns embeddings of `count` samples as an array, or raises."""
    embeddings = as_embeddings(embeddings)
    if len(embeddings) != count:
        raise ValueError(
            "`embeddings` must have one row for each label. Received: "
            f"embeddings.shape={embeddings.shape}, {count} labels"
        )
    return embeddings
