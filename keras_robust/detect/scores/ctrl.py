"""CTRL: clusters the loss curves, window by window."""

import typing

import numpy as np

from keras_robust.detect.checks import as_matrix
from keras_robust.detect.checks import integer
from keras_robust.detect.scores.score import Score
from keras_robust.detect.scores.score import register_score

# A silhouette needs all distances; more samples of a class cost time only.
_SILHOUETTE_AT_MOST = 1000


class CtrlParameters(typing.NamedTuple):
    """How CTRL clusters; `ctrl_clean` checks the ranges.

    Args:
        clusters: `k`, the number of clusters, at least 2.
        selected: `s`, how many of them, of the largest loss, are wrong; at
            least 1, fewer than `clusters`.
        windows: `w`, into how many windows the epochs are divided, at least
            1, at most as many as there are epochs.
        votes: `t`, in how many windows a right label is right, at least 1, at
            most `windows`.
    """

    clusters: int
    selected: int
    windows: int
    votes: int


def _checked(parameters, num_epochs):
    """Returns parameters that can tell labels apart, or raises."""
    found = CtrlParameters(
        *(
            integer(name, value, at_least=2 if name == "clusters" else 1)
            for name, value in zip(
                CtrlParameters._fields, parameters, strict=True
            )
        )
    )
    received = f"Received: {found}, {num_epochs} epochs"
    if found.selected >= found.clusters:
        raise ValueError(
            "`selected` must be below `clusters`, or every cluster is wrong. "
            + received
        )
    if found.votes > found.windows:
        raise ValueError(
            "`votes` must be at most `windows`, or no label could be right. "
            + received
        )
    if found.windows > num_epochs:
        raise ValueError(
            "`windows` must be at most the number of epochs, or some would be "
            "empty. " + received
        )
    return found


def _grid():
    """The authors' search: k of 2, 3, s below k, w of 1, 2, 4, t to w/2 + 1."""
    return [
        CtrlParameters(clusters, selected, windows, votes)
        for clusters in (2, 3)
        for selected in range(1, clusters)
        for windows in (1, 2, 4)
        for votes in range(1, windows // 2 + 2)
    ]


def smoothed(losses, clamp, width):
    """Loss curves, clamped and averaged along the epochs.

    `m_e = (l_{e - width + 1} + ... + l_e) / width`; the first `width` values
    are all `m_width`, as in the authors' code. Fewer epochs than that are
    averaged over fewer.

    Args:
        losses: `(N, E)`, without NaN.
        clamp: The largest loss that counts.
        width: How many epochs to average over, at least 1.

    Returns:
        float64 `(N, E)`.

    Raises:
        ValueError: If `width` is not an integer of at least 1.
    """
    width = integer("width", width, at_least=1)
    total = np.cumsum(np.minimum(losses, clamp), axis=1, dtype=np.float64)
    width = min(width, total.shape[1] - 1)
    if not width:
        return total
    means = (total[:, width:] - total[:, :-width]) / width
    return np.concatenate([np.repeat(means[:, :1], width, axis=1), means], 1)


def _clusters(curves, groups, clusters, windows):
    """Clusters the curves of every group in every window.

    Returns:
        The rank of each sample's cluster, `(windows, N)`: 0 that of the
        largest loss; `clusters` where there is nothing to tell apart.
    """
    from sklearn.cluster import KMeans

    interval = curves.shape[1] / windows
    ranks = np.full((windows, len(curves)), clusters)
    for window in range(windows):
        begin, end = int(window * interval), int((window + 1) * interval)
        for group in groups:
            rows = curves[group, begin:end]
            if len(np.unique(rows, axis=0)) < max(clusters, 2):
                continue
            found = KMeans(clusters, random_state=0, n_init=1).fit(rows)
            order = np.argsort(found.cluster_centers_.sum(axis=1))[::-1]
            ranks[window, group] = np.argsort(order)[found.labels_]
    return ranks


def _clean(ranks, parameters):
    votes = (ranks >= parameters.selected).sum(axis=0)
    return votes >= parameters.votes


def ctrl_clean(losses, given_label, parameters=None, clamp=None, width=5):
    """Which labels are right, by clustering loss curves class by class (CTRL).

    Formula: the curves are clamped and averaged (`smoothed`), the epochs
    divided into `w` windows. In each window the curves of a class are
    clustered by k-means into `k` clusters; those of the `s` clusters of
    largest loss get no vote of that window. A label is right if it has at
    least `t` votes.

    Args:
        losses: Cross-entropies `(N, E)`, without NaN.
        given_label: The labels `(N,)`; all the same to cluster the samples of
            all classes together.
        parameters: `CtrlParameters`. Defaults to `None`: those of the
            authors' 18 (k of 2 and 3; w of 1, 2 and 4) that have the largest
            silhouette, times the ratio of the flagged and the other labels'
            last loss. The authors multiply with a masked training accuracy
            too, for which they evaluate a network each; this does not.
        clamp: The largest loss that counts. Defaults to `None`, twice the log
            of the number of classes in `given_label`, as theirs.
        width: Epochs to average over, at least 1. Defaults to `5`.

    Returns:
        The pair of a mask `(N,)`, True for a right label, and the curves
        that were clustered, `(N, E)`.

    Raises:
        ValueError: If the losses have not two axes or hold NaN, if there is
            not one label for each sample, or if a parameter or `width` is
            out of its range.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import CtrlParameters
    >>> from keras_robust.detect import ctrl_clean
    >>> losses = np.repeat([[0.1], [0.2], [0.1], [2.0]], 6, axis=1)
    >>> parameters = CtrlParameters(2, 1, 1, 1)
    >>> ctrl_clean(losses, [0, 0, 0, 0], parameters, clamp=4.0)[0]
    array([ True,  True,  True, False])

    Reference: Yue and Jha, "CTRL: Clustering Training Losses for Label Error
    Detection", IEEE Transactions on Artificial Intelligence 5(8), 2024.
    """
    losses = as_matrix("losses", losses, "(N, E)", whole=True)
    given_label = np.asarray(given_label)
    if given_label.shape != losses.shape[:1]:
        raise ValueError(
            "`given_label` must have one entry for each sample. Received: "
            f"given_label.shape={given_label.shape}, "
            f"losses.shape={losses.shape}"
        )
    classes = np.unique(given_label)
    if clamp is None:
        clamp = 2.0 * np.log(max(len(classes), 2))
    curves = smoothed(losses, clamp, width)
    groups = [np.flatnonzero(given_label == c) for c in classes]
    if parameters is not None:
        parameters = _checked(parameters, curves.shape[1])
        ranks = _clusters(
            curves, groups, parameters.clusters, parameters.windows
        )
        return _clean(ranks, parameters), curves
    ranks, best, chosen = {}, -np.inf, np.ones(len(curves), bool)
    for one in _grid():
        if one.windows > curves.shape[1]:
            continue
        which = one.clusters, one.windows
        if which not in ranks:
            ranks[which] = _clusters(curves, groups, *which)
        clean = _clean(ranks[which], one)
        if clean.all() or not clean.any():
            continue
        merit = silhouette(curves, clean, groups) * _loss_ratio(curves, clean)
        if merit > best:
            best, chosen = merit, clean
    return chosen, curves


def silhouette(curves, clean, groups):
    """The mean over the groups of how well a mask divides their curves.

    Args:
        curves: `(N, E)`.
        clean: The mask `(N,)`.
        groups: The positions of each group's samples.
    """
    from sklearn.metrics import silhouette_score

    scores = []
    for group in groups:
        if len(group) > _SILHOUETTE_AT_MOST:
            ranks = np.linspace(0, len(group) - 1, _SILHOUETTE_AT_MOST)
            group = group[ranks.round().astype(np.int64)]
        mask = clean[group]
        # It is defined for two parts, and not for single samples alone.
        if len(group) > 2 and mask.any() and not mask.all():
            scores.append(silhouette_score(curves[group], mask))
    return float(np.mean(scores)) if scores else 0.0


def _loss_ratio(curves, clean):
    last = curves[:, -1]
    return last[~clean].mean() / max(last[clean].mean(), 1e-10)


def _filled(losses):
    """Where a sample was not seen: as before, before the first time as then."""
    filled = np.array(losses, np.float64)
    for rows in (filled, filled[::-1]):
        for before, now in zip(rows[:-1], rows[1:], strict=True):
            np.copyto(now, before, where=np.isnan(now))
    return filled


@register_score("ctrl", ("cross_entropy",), split="threshold")
def ctrl(trajectories):
    """Loss curves clustered class by class, with parameters found by itself.

    `evidence = 1{right} - m / max m`, with `m` the sample's mean clamped and
    averaged loss: above 0 for labels that `ctrl_clean` takes for right, below
    for those it flags. `quality = (1 + evidence) / 2`, so the split
    `"threshold"` gives CTRL's own mask.

    As with the authors, k-means starts from seed 0 in the order of the
    samples: in another order a few that lie between two clusters may change.

    Reference:
        Yue and Jha, "CTRL: Clustering Training Losses for Label Error
        Detection", IEEE Transactions on Artificial Intelligence 5(8), 2024.
    """
    losses = trajectories.signal("cross_entropy")
    known = ~np.isnan(losses).all(axis=0)
    evidence = np.full(len(trajectories), np.nan)
    if known.any():
        clean, curves = ctrl_clean(
            # Rounding can leave a loss a hair below zero.
            _filled(np.maximum(losses[:, known], 0.0)).T,
            trajectories.given_label[known],
            clamp=2.0 * np.log(trajectories.num_classes),
        )
        mean = np.maximum(curves.mean(axis=1), 0.0)
        evidence[known] = clean - mean / max(mean.max(), 1e-10)
    return Score((1.0 + evidence) / 2.0, evidence)
