"""The samples of both classes that are most like a suspect."""

import numpy as np

from keras_robust.noise.embeddings import as_embeddings
from keras_robust.noise.embeddings import directions

# Samples of a class that are compared with, and suspects at a time.
_MOST = 20_000
_BLOCK = 512


def neighbours_of(embeddings, issues, positions, k):
    """The nearest samples of the given, and of the suggested class.

    By cosine, among the labels of the class that are not flagged; among all
    of it where there are fewer than k of them.

    Args:
        embeddings: finite numbers `(N, E)`.
        issues: `LabelIssues`.
        positions: The suspects.
        k: How many of each class.

    Returns:
        `(given, suggested)`: a list of positions for each suspect, each.

    Raises:
        ValueError: if the embeddings are not as described.
    """
    values = as_embeddings(embeddings)
    if len(values) != len(issues):
        raise ValueError(
            "`embeddings` must have one row for each id. Received: "
            f"{len(values)} rows, {len(issues)} ids"
        )
    given = issues.given_label[positions]
    suggested = issues.suggested_label[positions]
    other = np.where(suggested == given, -1, suggested)
    return (
        _nearest(values, issues, positions, given, k),
        _nearest(values, issues, positions, other, k),
    )


def _nearest(values, issues, positions, classes, k):
    found = [[] for _ in positions]
    for label in np.unique(classes[classes >= 0]):
        pool = _members(issues, label, k)
        rows = directions(values[pool]).astype(np.float32)
        asked = np.flatnonzero(classes == label)
        for start in range(0, asked.size, _BLOCK):
            block = asked[start : start + _BLOCK]
            queries = directions(values[positions[block]]).astype(np.float32)
            near = queries @ rows.T
            near[positions[block][:, None] == pool] = -np.inf
            first = np.argsort(-near, axis=1, kind="stable")[:, :k]
            for row, places in zip(block, first, strict=True):
                own = pool[places]
                found[row] = own[own != positions[row]].tolist()
    return found


def _members(issues, label, k):
    """Who stands for a class."""
    of_class = issues.given_label == label
    pool = np.flatnonzero(of_class & ~issues.is_label_issue)
    if pool.size < k:
        pool = np.flatnonzero(of_class)
    if pool.size > _MOST:
        pool = pool[np.linspace(0, pool.size - 1, _MOST).astype(int)]
    return pool
