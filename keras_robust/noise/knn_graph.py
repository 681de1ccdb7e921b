"""A graph of neighbours from any index, checked."""

import numpy as np


def as_knn_graph(knn_graph, num_samples, k, allow_missing=False):
    """Checks a graph of nearest neighbours; without the samples themselves.

    Args:
        knn_graph: `(indices, distances)`, integers and numbers, both of shape
            `(N, M)`, row i about sample i, the nearest first, as an index of
            faiss returns them. A sample may be among its own neighbours; -1
            is a neighbour that was not found.
        num_samples: N.
        k: number of neighbours that are needed, at least 1.
        allow_missing: whether a row may have fewer. Defaults to `False`.

    Returns:
        `(indices, distances)`, int64 and float64 of shape `(N, k)`. With
        `allow_missing=True` rows with fewer end in -1 and infinity.

    Raises:
        ValueError: naming the first bad row.
    """
    indices, distances = _arrays(knn_graph, num_samples)
    _check_k(indices, k)
    row = np.arange(num_samples)[:, None]
    outside = (indices < -1) | (indices >= num_samples)
    _raise_at(
        outside,
        indices,
        f"must be in [0, N - 1] = [0, {num_samples - 1}], or -1 where there "
        "is none",
    )
    indices = indices.astype(np.int64)
    found = (indices >= 0) & (indices != row)
    wrong = found & ~(distances >= 0)
    _raise_at(
        wrong,
        distances,
        "must be distances of at least 0; cosine similarities become "
        "distances by `1 - similarities`",
        of="distances",
    )
    # Those that count come first, in their order.
    order = np.argsort(~found, axis=1, kind="stable")
    found = np.take_along_axis(found, order, axis=1)
    indices = np.where(found, np.take_along_axis(indices, order, 1), -1)
    distances = np.take_along_axis(distances, order, axis=1)
    distances = np.where(found, distances, np.inf).astype(np.float64)
    falls = np.zeros(indices.shape, bool)
    falls[:, 1:] = distances[:, 1:] < distances[:, :-1]
    _raise_at(
        falls,
        distances,
        "must rise along each row, the nearest first; similarities become "
        "distances by `1 - similarities`",
        of="distances",
    )
    named = np.sort(indices, axis=1)
    twice = np.zeros(indices.shape, bool)
    twice[:, 1:] = (named[:, 1:] == named[:, :-1]) & (named[:, 1:] >= 0)
    _raise_at(twice, named, "must not name a neighbour of a sample twice")
    sizes = found.sum(axis=1)
    if not allow_missing and (sizes < k).any():
        first = int(np.argmax(sizes < k))
        raise ValueError(
            f"`knn_graph` must have {k} neighbours of every sample, besides "
            "the sample itself; ask the index for one more, or search more "
            f"widely. Received: {int(sizes[first])} neighbours in row {first}"
        )
    return indices[:, :k], distances[:, :k]


def _arrays(knn_graph, num_samples):
    is_pair = isinstance(knn_graph, (tuple, list)) and len(knn_graph) == 2
    if not is_pair:
        raise ValueError(
            "`knn_graph` must be `(indices, distances)`, a pair of arrays "
            "(faiss returns distances first). "
            f"Received: a {type(knn_graph).__name__}"
        )
    try:
        indices, distances = (np.asarray(part) for part in knn_graph)
    except ValueError as error:
        raise ValueError(
            "`knn_graph` must have rows of one length; put -1 where a "
            f"neighbour is missing. Received: {error}"
        ) from error
    is_table = indices.ndim == 2 and indices.shape == distances.shape
    if not is_table or len(indices) != num_samples:
        raise ValueError(
            "`knn_graph` must be `(indices, distances)`, both of shape "
            f"(N, M) with N = {num_samples} samples. Received: shapes="
            f"{indices.shape} and {distances.shape}"
        )
    if indices.dtype.kind not in "iu" or distances.dtype.kind not in "iuf":
        raise ValueError(
            "`knn_graph` must be `(indices, distances)`, integers and real "
            "numbers (faiss returns distances first). Received: dtypes="
            f"{indices.dtype} and {distances.dtype}"
        )
    return indices, distances


def _check_k(indices, k):
    if indices.shape[1] < k:
        raise ValueError(
            f"`knn_graph` must have {k} neighbours of every sample at least. "
            f"Received: shape={indices.shape}"
        )


def _raise_at(wrong, values, what, of="indices"):
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise ValueError(
            f"The {of} of `knn_graph` {what}. Received: "
            f"{values[row, column]} in row {row}"
        )
