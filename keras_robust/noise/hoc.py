"""HOC: noise from how often the labels of similar samples agree."""

import numpy as np

from keras_robust.noise.agreement import Agreement
from keras_robust.noise.embeddings import as_embeddings
from keras_robust.noise.flips import as_classes
from keras_robust.noise.knn_graph import as_knn_graph
from keras_robust.noise.neighbours import nearest_neighbours
from keras_robust.noise.noise_estimate import NoiseEstimate


def hoc(
    labels,
    embeddings=None,
    knn_graph=None,
    num_classes=None,
    metric="cosine",
):
    """Estimates label noise from the labels of nearest neighbours (HOC).

    Formula: `T` and `p` with the least squared distance between what they
    expect, `sum_k p_k T_ki`, `sum_k p_k T_ki T_kj` and
    `sum_k p_k T_ki T_kj T_kl`, and how often labels, pairs and triples of
    labels are seen among samples and their two nearest neighbours.

    Use it where there are good embeddings, of a pretrained or self-supervised
    network, and no probabilities: it trains nothing. It assumes that a sample
    and its two nearest neighbours are of one true class, that their labels
    were given independently of each other, and that of each class more labels
    are right than are of any one other class. Neighbours of other classes
    count as noise: with poor embeddings it estimates too much.

    As the authors' code it finds the minimum over softmaxes; by a method with
    curvature instead of gradient steps, and with all samples instead of drawn
    ones.

    Args:
        labels: given labels, integers in [0, K - 1], `(N,)` or `(N, 1)`, N at
            least 3.
        embeddings: finite numbers `(N, E)`, for `nearest_neighbours`.
        knn_graph: in their place `(indices, distances)`, `(N, M)` each, of
            any index, two neighbours of a sample at least. Samples with -1
            among those two are left out.
        num_classes: number of classes K >= 2. Defaults to the largest label
            plus one.
        metric: of the embeddings, `"cosine"` (default) or `"euclidean"`.

    Returns:
        `NoiseEstimate`. `O(min(N, K^2) K + K^3)` time a step, beside the
        search for neighbours.

    Raises:
        ValueError: if an argument is not usable, or there is not exactly one
            of `embeddings` and `knn_graph`.

    Example:

    >>> import numpy as np
    >>> from keras_robust.noise import hoc
    >>> true = np.repeat([0, 1, 2], 200)
    >>> is_wrong = np.random.default_rng(0).permutation(600) % 10 < 3
    >>> embeddings = np.eye(3)[true] + np.linspace(0, 0.1, 600)[:, None]
    >>> hoc(np.where(is_wrong, (true + 1) % 3, true), embeddings)
    NoiseEstimate(noise_rate=0.3..., num_classes=3, method='hoc')

    Reference:
        Zhu, Song, Liu, "Clusterability as an Alternative to Anchor Points
        When Learning with Noisy Labels", ICML 2021, equations 3 to 6.
    """
    _, classes, num_classes = as_classes(labels, num_classes)
    neighbours = two_neighbours(classes.size, embeddings, knn_graph, metric)
    return Hoc(classes, neighbours, num_classes).estimate()


def two_neighbours(num_samples, embeddings, knn_graph, metric):
    """The two nearest neighbours of every sample, `(N, 2)`; -1 for none."""
    if (embeddings is None) == (knn_graph is None):
        received = "neither" if embeddings is None else "both"
        raise ValueError(
            "Neighbours come either from `embeddings` or from a `knn_graph`. "
            f"Received: {received}"
        )
    if num_samples < 3:
        raise ValueError(
            "`labels` must be of three samples at least, or nobody has two "
            f"neighbours. Received: {num_samples} labels"
        )
    if knn_graph is not None:
        return as_knn_graph(knn_graph, num_samples, 2, allow_missing=True)[0]
    embeddings = as_embeddings(embeddings)
    if len(embeddings) != num_samples:
        raise ValueError(
            "`embeddings` must have one row for each label. Received: "
            f"embeddings.shape={embeddings.shape}, {num_samples} labels"
        )
    return nearest_neighbours(embeddings, 2, metric)[0]


class Hoc:
    """Labels and neighbours, counted once for several fits.

    Args:
        classes: class numbers, int64 `(N,)`.
        neighbours: `(N, 2)`, -1 for none.
        num_classes: number of classes K.
    """

    def __init__(self, classes, neighbours, num_classes):
        members = np.column_stack([np.arange(classes.size), neighbours])
        self._members = members[(members >= 0).all(axis=1)]
        if not len(self._members):
            raise ValueError(
                "`knn_graph` must have two neighbours of some sample. "
                "Received: -1 among the first two of every sample"
            )
        triples = classes[self._members]
        # Nothing can be said of a class without labels.
        self._present, codes = np.unique(triples, return_inverse=True)
        self._num_samples, self._num_classes = classes.size, num_classes
        self._agreement = Agreement(
            codes.reshape(triples.shape), self._present.size
        )
        self._found = None

    def estimate(self):
        """The estimate from all samples."""
        self._found = self._agreement.fit()
        return self._result(*self._found)

    def again(self, rng):
        """An estimate from samples drawn with replacement.

        A label is in the triples of all whose neighbour its sample is, so it
        is the samples that are drawn, not the triples: each triple weighs
        what its three members have been drawn more or less often than once.
        The weights of the members are added, which makes the intervals
        rather too wide than too narrow.
        """
        size = self._num_samples
        drawn = np.bincount(rng.integers(size, size=size), minlength=size)
        weights = (drawn[self._members] - 1.0).sum(axis=1) + 1.0
        self._agreement.weigh(weights)
        return self._result(*self._agreement.fit(self._found))

    def _result(self, rows, priors):
        matrix = np.eye(self._num_classes)
        matrix[np.ix_(self._present, self._present)] = rows
        shares = np.zeros(self._num_classes)
        shares[self._present] = priors
        return NoiseEstimate(matrix, shares, "hoc")
