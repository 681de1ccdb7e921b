"""SimiFeat's rank: of each class as many labels as there are wrong ones."""

import numpy as np

from keras_robust.detect.checks import integer
from keras_robust.detect.embeddings.judgement import Judgement
from keras_robust.detect.embeddings.neighbourhood import labels_and_neighbours
from keras_robust.detect.embeddings.tallies import tally
from keras_robust.detect.scores.score import register_score
from keras_robust.noise.hoc import hoc


@register_score("simifeat_rank", reads="embeddings")
def simifeat_rank(
    labels,
    embeddings=None,
    *,
    knn_graph=None,
    k=10,
    wrong_share=None,
    bounds=(0.0, 1.0),
):
    """Ranks the labels of each class by their neighbours (SimiFeat's rank).

    Formula: `s = n_y / |n|_2`, the cosine of the label and its neighbours'
    labels, with `n_c` how many of the `k` nearest neighbours have the label
    `c`. In every class the share `P(wrong | label = j)` of smallest `s` is
    flagged. `evidence = s - t_j`, with `t_j` halfway between the last label
    flagged in the class and the first that is not, and `quality = (1 +
    evidence) / 2`; so the split `"threshold"` flags the same.

    The share of wrong labels is that of HOC: `1 - T_jj p_j / P(label = j)`,
    with `T` the transition matrix and `p` the shares of the true classes.
    Equal `s` stay together, at the cut nearest to that share; `t_j` is ours.
    The authors' code replaces shares of at most 0 and at least 1 by .05 and
    .95, and adds a number by chance up to .05 to `T_jj`. Bounds of .05 and .95
    changed nothing on eight embeddings of nine; on the features of an MLP
    trained on Fashion-MNIST where four of ten classes are clean (asymmetric
    noise) the average precision was .421 with them and .512 without.

    Use it as `simifeat_vote`, where classes have different shares of wrong
    labels, or many more than half.

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
        wrong_share: the share of wrong labels of each class, in [0, 1], shape
            `(K,)`. Defaults to `None`: HOC estimates it.
        bounds: the smallest and the largest share of a class, in [0, 1].
            Defaults to `(0, 1)`, none.

    Returns:
        `Judgement`. The suggestion is the most frequent label besides the
        given one, the nearer one among equals; its confidence is its share of
        the neighbours.

    Raises:
        ValueError: if an argument is not as said; the first bad row is named.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import simifeat_rank
    >>> embeddings = np.array([[4, 0], [5, 1], [4, 1], [0, 4], [1, 5], [0, 5]])
    >>> found = simifeat_rank(
    ...     [0, 0, 1, 1, 1, 1], embeddings, k=2, wrong_share=[0.0, 0.25],
    ... )
    >>> found.quality < 0.5
    array([False, False,  True, False, False, False])

    Reference:
        Zhu, Dong, Liu, "Detecting Corrupted Labels Without Training a Model
        to Predict", ICML 2022, section 3.3 and algorithm 1.
    """
    k = integer("k", k, at_least=1)
    bounds = as_shares("bounds", bounds, 2)
    # HOC asks two.
    given, indices, num_classes = labels_and_neighbours(
        labels, embeddings, knn_graph, max(k, 2)
    )
    if wrong_share is None:
        shares = _estimated(given, indices[:, :2], num_classes)
    else:
        shares = as_shares("wrong_share", wrong_share, num_classes)
    shares = np.clip(shares, bounds.min(), bounds.max())
    votes = tally(given, indices[:, :k])
    length = np.sqrt(np.where(votes.squares > 0, votes.squares, 1.0))
    similarity = votes.given / length
    ordered = similarity[np.lexsort((similarity, given))]
    ends = np.cumsum(np.bincount(given, minlength=num_classes))
    limits = np.array(
        [
            _limit(part, share)
            for part, share in zip(
                np.split(ordered, ends[:-1]), shares, strict=True
            )
        ]
    )
    evidence = similarity - limits[given]
    return Judgement(
        quality=np.clip((1.0 + evidence) / 2.0, 0.0, 1.0),
        evidence=evidence,
        predicted_label=np.where(
            votes.other > votes.given, votes.other_class, given
        ),
        suggested_label=votes.other_class,
        suggestion_confidence=votes.other / np.maximum(votes.total, 1.0),
    )


def as_shares(name, values, count):
    """Returns `count` numbers in [0, 1] as an array, or raises."""
    try:
        shares = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        shares = np.array(np.nan)
    # Written so that NaN fails too.
    if shares.shape != (count,) or not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError(
            f"`{name}` must hold {count} numbers in [0, 1]. "
            f"Received: {name}={values!r}"
        )
    return shares


def _estimated(given, indices, num_classes):
    """The share of wrong labels in each class by HOC, `(K,)`."""
    # With fewer than two neighbours there is nothing to go by.
    if indices.shape[1] < 2 or not (indices >= 0).all(axis=1).any():
        return np.zeros(num_classes)
    # It asks who the two are, not how far away.
    away = np.where(indices >= 0, 0.0, np.inf)
    found = hoc(given, knn_graph=(indices, away), num_classes=num_classes)
    right = found.class_priors * found.transition_matrix.diagonal()
    sizes = np.bincount(given, minlength=num_classes)
    return 1.0 - right * len(given) / np.maximum(sizes, 1)


def _limit(ordered, share):
    """What similarities of a class must reach not to be flagged."""
    if not len(ordered):
        return 0.0
    # How many may be flagged: none, those below a rise, or all.
    rises = np.flatnonzero(np.diff(ordered)) + 1
    cuts = np.concatenate([[0], rises, [len(ordered)]])
    cut = cuts[np.abs(cuts - share * len(ordered)).argmin()]
    if cut == 0:
        return ordered[0]
    if cut == len(ordered):
        return np.nextafter(ordered[-1], np.inf) + 1e-9
    return (ordered[cut - 1] + ordered[cut]) / 2.0
