"""The nearest neighbours of every sample, exactly."""

import numbers

import numpy as np

from keras_robust.noise.embeddings import METRICS
from keras_robust.noise.embeddings import as_embeddings
from keras_robust.noise.embeddings import directions
from keras_robust.noise.embeddings import scaling
from keras_robust.noise.knn_search import search


def nearest_neighbours(embeddings, k=10, metric="cosine"):
    """Finds the k nearest neighbours of every sample.

    Formula: cosine distance `1 - <a, b> / (|a| |b|)`, or Euclidean distance
    `|a - b|`.

    Use it for detectors that compare a label with those of similar samples,
    up to about a million of them: it compares all pairs, so the time is
    `O(N^2 E)`. For more give those detectors the `knn_graph` of an
    approximate index, such as one of faiss.

    Args:
        embeddings: finite numbers, shape `(N, E)`, N at least 2; for example
            a network's outputs before its last layer.
        k: number of neighbours, from 1 to N - 1. Defaults to `10`.
        metric: `"cosine"` (default) or `"euclidean"`. A row of nothing but 0
            has no direction: its cosine distance is 1 to all others.

    Returns:
        `(indices, distances)`, int64 and float64 of shape `(N, k)`, the
        nearest first, among equals the one that stands first; never the
        sample itself. It takes a float32 copy of `embeddings` and some tens
        of megabytes besides.

    Raises:
        ValueError: if an argument is outside the ranges above; the first
            row with a number that is not finite is named.

    Example:

    >>> import numpy as np
    >>> from keras_robust.noise import nearest_neighbours
    >>> points = np.array([[0.0], [1.0], [3.0], [7.0]])
    >>> indices, distances = nearest_neighbours(points, 2, "euclidean")
    >>> indices.tolist()
    [[1, 2], [0, 2], [1, 0], [2, 1]]
    >>> distances[2].tolist()
    [2.0, 3.0]
    """
    values = as_embeddings(embeddings)
    num_samples = len(values)
    if num_samples < 2:
        raise ValueError(
            "`embeddings` must be of two samples at least, or nobody has a "
            f"neighbour. Received: shape={values.shape}"
        )
    _check_k(k, num_samples)
    if not isinstance(metric, str) or metric not in METRICS:
        raise ValueError(
            f"`metric` must be one of {METRICS}. Received: metric={metric!r}"
        )
    scaled, half_squares, unit = scaling(values, metric)
    indices = np.empty((num_samples, k), np.int64)
    distances = np.empty((num_samples, k))
    for queries, candidates in search(values, scaled, half_squares, int(k)):
        exact = _distances(values, queries, candidates, metric, unit)
        order = np.lexsort((candidates, exact, queries))
        queries = queries[order]
        first = np.flatnonzero(np.r_[True, queries[1:] != queries[:-1]])
        chosen = order[first[:, None] + np.arange(k)]
        indices[queries[first]] = candidates[chosen]
        distances[queries[first]] = exact[chosen]
    return indices, distances


def _check_k(k, num_samples):
    if (
        not isinstance(k, numbers.Integral)
        or isinstance(k, bool)
        or not 1 <= k < num_samples
    ):
        raise ValueError(
            "`k` must be an integer from 1 to N - 1 = "
            f"{num_samples - 1}. Received: k={k!r}"
        )


def _distances(values, queries, candidates, metric, unit):
    """The distances of pairs, from the numbers as they were given."""
    found = np.empty(len(queries))
    step = max(1, 2**20 // values.shape[1])
    for start in range(0, len(queries), step):
        pair = slice(start, start + step)
        one, other = values[queries[pair]], values[candidates[pair]]
        if metric == "cosine":
            found[pair] = _cosine(directions(one), directions(other))
        else:
            away = np.asarray(one, np.float64) / unit
            away -= np.asarray(other, np.float64) / unit
            found[pair] = np.sqrt(np.einsum("ij,ij->i", away, away)) * unit
    return found


def _cosine(one, other):
    """`1 - <one, other>` of directions, to the last digit near 0 too."""
    away = one - other
    found = np.einsum("ij,ij->i", away, away) / 2
    # Of one direction but for rounding: equals, at no distance.
    found[found < 1e-28] = 0.0
    found[~(one.any(axis=1) & other.any(axis=1))] = 1.0
    return found
