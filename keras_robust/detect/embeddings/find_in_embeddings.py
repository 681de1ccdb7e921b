"""From embeddings to label issues, in one call."""

import inspect

import numpy as np

from keras_robust.detect.checks import ids_or_positions
from keras_robust.detect.embeddings.judgement import Judgement
from keras_robust.detect.embeddings.neighbourhood import embeddings_of
from keras_robust.detect.issues.label_issues import LabelIssues
from keras_robust.detect.scores.score import Score
from keras_robust.detect.scores.score import compute_score_of
from keras_robust.detect.scores.score import score_function
from keras_robust.detect.splits.deciding import decision
from keras_robust.detect.splits.split import get_split
from keras_robust.detect.splits.split import name_of
from keras_robust.noise.flips import as_classes


def find_in_embeddings(
    labels,
    embeddings=None,
    *,
    knn_graph=None,
    score="wann",
    split="threshold",
    k=None,
    ids=None,
    per_class=None,
):
    """Says which labels do not fit where their samples lie in an embedding.

    The score turns the labels and the embeddings into one quality number for
    each label, the split turns the numbers into a mask.

    Use it without a training run, on the embeddings of any network: one that
    was trained on other data, or the features before the last layer of your
    own, best before it has learned its wrong labels by heart.

    Args:
        labels: integer class numbers, shape `(N,)` or `(N, 1)`.
        embeddings: finite numbers, shape `(N, D)`. Not needed with a
            `knn_graph` for the scores of neighbours.
        knn_graph: `(indices, distances)` of the nearest neighbours, both of
            shape `(N, M)`, the nearest first, from an index of your own.
            Defaults to `None`: an exact search by cosine distance, which is
            `O(N^2 D)`.
        score: `"wann"` (how many neighbours it takes until they vote for the
            label), `"simifeat_vote"` (most neighbours have another one),
            `"simifeat_rank"` (as many of each class as are wrong),
            `"class_means"` (the mean of another class is more similar),
            `"spr"` (a regression has to shift them), or a name given to
            `register_score` with `reads="embeddings"`.
        split: `"threshold"` (quality below 1/2: what the score decides
            itself), or any other split of `find_label_issues` but `"auto"`.
            The quality of `"spr"`, and less so of `"class_means"`, is below
            1/2 of many right labels too: `"gmm"` flags fewer. On digits with
            20 % symmetric noise the threshold flagged 47 and 28 % by these
            two, `"gmm"` 27 and 21 %.
        k: number of neighbours, for the scores of neighbours. Defaults to
            `None`, the score's own.
        ids: ids of the samples, shape `(N,)`. Defaults to `None`, their
            positions.
        per_class: whether each class is split alone, as in
            `find_label_issues`. Defaults to `None`.

    Returns:
        `LabelIssues`. Its `suggested_label` is, for a flagged label, the best
        class besides the given one, and otherwise the given label; its
        `suggestion_confidence` is the score's for it, and the quality where
        the given label stays.

    Raises:
        ValueError: if a name is unknown, an argument is not as said, or the
            score does not work from what was given.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import find_in_embeddings
    >>> embeddings = np.array([[4, 0], [5, 1], [4, 1], [0, 4], [1, 5], [0, 5]])
    >>> issues = find_in_embeddings(
    ...     [0, 0, 1, 1, 1, 1], embeddings, score="simifeat_vote", k=2
    ... )
    >>> issues.is_label_issue
    array([False, False,  True, False, False, False])
    >>> issues.suggested_label
    array([0, 0, 0, 1, 1, 1])
    """
    get_split(split)  # an unknown name is said before the work
    _, classes, num_classes = as_classes(labels, None)
    options = _options(score, embeddings, knn_graph, k)
    if embeddings is not None:
        embeddings = embeddings_of(embeddings, len(classes))
    ids = ids_or_positions(ids, len(classes))
    found = compute_score_of(
        "embeddings", score, classes, embeddings, **options
    )
    scored = Score(found.quality, found.evidence)
    decided = decision(scored, score, split, classes, per_class)
    return LabelIssues(
        ids=ids,
        is_label_issue=decided.flagged,
        label_quality=found.quality,
        given_label=classes,
        evidence=decided.evidence,
        score=score,
        split=name_of(split),
        num_classes=num_classes,
        wrong_probability=decided.wrong_probability,
        **_suggestions(found, classes, decided.flagged),
    )


def _options(score, embeddings, knn_graph, k):
    """What was given of that which scores of neighbours alone take."""
    options = {"knn_graph": knn_graph, "k": k}
    options = {n: v for n, v in options.items() if v is not None}
    function = score_function("embeddings", score)
    taken = inspect.signature(function).parameters
    for name in options:
        if name not in taken:
            raise ValueError(
                f'The score "{score}" is not one of neighbours, it takes no '
                f"`{name}`; leave it out, or take another score. Received: "
                f"{name} and score={score!r}"
            )
    if embeddings is None and "knn_graph" not in taken:
        raise ValueError(
            f'The score "{score}" needs `embeddings`. Received: '
            f"embeddings=None, score={score!r}"
        )
    return options


def _suggestions(found, classes, flagged):
    if not isinstance(found, Judgement):
        unknown = np.full(classes.shape, -1)
        return {
            "predicted_label": unknown,
            "suggested_label": np.where(flagged, unknown, classes),
        }
    changed = flagged & (found.suggested_label >= 0)
    return {
        "predicted_label": found.predicted_label,
        "suggested_label": np.where(changed, found.suggested_label, classes),
        "suggestion_confidence": np.where(
            changed, found.suggestion_confidence, found.quality
        ),
    }
