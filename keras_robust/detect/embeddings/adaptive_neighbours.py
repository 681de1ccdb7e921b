"""WANN's classifier: neighbours vote as far as they are reliable."""

import numpy as np

from keras_robust.detect.checks import integer
from keras_robust.detect.embeddings.neighbourhood import embeddings_of
from keras_robust.detect.embeddings.neighbourhood import labels_and_neighbours
from keras_robust.detect.embeddings.wann import needed
from keras_robust.noise.embeddings import as_embeddings
from keras_robust.noise.embeddings import directions

# Numbers handled at once: bounds the extra memory for large data.
_BLOCK = 2**22


class WeightedAdaptiveNeighbours:
    """Classifies by the nearest samples of a noisy training set (WANN).

    Formula: `argmax_c sum eta_j` over those of the `k` nearest training
    samples that have the label `c`, with `eta_j = 1 / k_j` the reliability
    of a label, and `k = k_i` that of the very nearest training sample; `k_i`
    is that of `neighbours_needed`. So a label that its own neighbours
    contradict counts up to `k_max / k_min` times less, and near the border of
    two classes more are asked.

    Neighbours are those of the smallest cosine distance, as in the rest of
    this package; the authors' code takes the Euclidean one. For theirs give
    embeddings of length 1, where both have the same order.

    Use it as a classifier that needs no training on frozen embeddings of a
    large network, with few labels or many wrong ones.

    `fit` searches the neighbours, `O(N^2 D)` time; `predict` of `M` samples is
    `O(M N D)`.

    Args:
        k_min: the fewest neighbours, at least 1. Defaults to `11`.
        k_max: the most, at least `k_min`. Defaults to `51`.

    Attributes:
        classes_: the classes `0` to `K - 1`, once fitted.
        neighbours_needed_: `k_i`, int64 `(N,)`, once fitted.
        reliability_: `eta_i`, float64 `(N,)`, once fitted.

    Raises:
        ValueError: if an argument is out of its range.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import WeightedAdaptiveNeighbours
    >>> embeddings = np.repeat([[4, 0], [5, 1], [1, 5]], 3, axis=0)
    >>> model = WeightedAdaptiveNeighbours(k_min=1, k_max=5)
    >>> model = model.fit([0, 0, 0, 1, 0, 0, 1, 1, 1], embeddings)
    >>> model.predict([[5, 1], [1, 4]])
    array([0, 1])

    Reference:
        Di Salvo et al., "An Embedding is Worth a Thousand Noisy Labels", TMLR
        2025.
    """

    def __init__(self, k_min=11, k_max=51):
        self.k_min = integer("k_min", k_min, at_least=1)
        self.k_max = integer("k_max", k_max, at_least=self.k_min)

    def fit(self, labels, embeddings, knn_graph=None):
        """Finds out how reliable each label is.

        Args:
            labels: integer class numbers, shape `(N,)` or `(N, 1)`.
            embeddings: finite numbers, shape `(N, D)`.
            knn_graph: As of `wann`. Defaults to `None`.

        Returns:
            The classifier itself.

        Raises:
            ValueError: if an argument is not as said.
        """
        given, indices, num_classes = labels_and_neighbours(
            labels, embeddings, knn_graph, self.k_max
        )
        embeddings = embeddings_of(embeddings, len(given))
        count = needed(given, indices, self.k_min, self.k_max)
        self._given, self._embeddings = given, embeddings
        self.classes_ = np.arange(num_classes)
        self.neighbours_needed_, self.reliability_ = count, 1.0 / count
        return self

    def predict(self, embeddings):
        """The class of each sample.

        Args:
            embeddings: finite numbers, shape `(M, D)`.

        Returns:
            int64 `(M,)`; among equals the smaller class number.

        Raises:
            ValueError: if `embeddings` is not as said, or `fit` was not
                called.
        """
        return self.predict_proba(embeddings).argmax(axis=1)

    def predict_proba(self, embeddings):
        """The share of the votes that each class has.

        Args:
            embeddings: finite numbers, shape `(M, D)`.

        Returns:
            float64 `(M, K)`; every row sums to 1.

        Raises:
            ValueError: if `embeddings` is not as said, or `fit` was not
                called.
        """
        if not hasattr(self, "classes_"):
            raise ValueError(
                "`fit` must be called before `predict` and `predict_proba`."
            )
        embeddings = as_embeddings(embeddings)
        width = self._embeddings.shape[1]
        if embeddings.shape[1] != width:
            raise ValueError(
                f"`embeddings` must have {width} columns, as those of `fit`. "
                f"Received: embeddings.shape={embeddings.shape}"
            )
        near = self._nearest(embeddings)
        asked = self.neighbours_needed_[near[:, 0]]
        counts = np.arange(near.shape[1]) < asked[:, None]
        weights = np.where(counts, self.reliability_[near], 0.0)
        votes = np.zeros((len(embeddings), len(self.classes_)))
        rows = np.arange(len(embeddings))
        for column in range(near.shape[1]):
            # Every row is there once, so nothing is added twice to one place.
            votes[rows, self._given[near[:, column]]] += weights[:, column]
        return votes / votes.sum(axis=1, keepdims=True)

    def _nearest(self, embeddings):
        """The nearest training samples of each, `(M, k_max)`."""
        from sklearn.neighbors import NearestNeighbors

        most = int(self.neighbours_needed_.max())
        search = NearestNeighbors(n_neighbors=most, algorithm="brute")
        search.fit(_short(directions(self._embeddings)))
        step = max(1, _BLOCK // embeddings.shape[1])
        parts = [
            search.kneighbors(
                _short(directions(embeddings[start : start + step])),
                return_distance=False,
            )
            for start in range(0, len(embeddings), step)
        ]
        return np.concatenate(parts)


def _short(rows):
    return rows.astype(np.float32)
