"""All that the page knows of the suspects, as JSON can hold it."""

import numpy as np

from keras_robust.detect.issues.fingerprint import run_name
from keras_robust.detect.issues.reviewing import STRATA
from keras_robust.detect.issues.reviewing import WORTH
from keras_robust.detect.issues.reviewing import starts_of_strata
from keras_robust.report.review.lines import lines_of
from keras_robust.report.review.neighbours import neighbours_of


def payload_of(
    issues, positions, top, names, shown, trajectories, embeddings, neighbours
):
    """What the scripts of the page read.

    Args:
        issues: `LabelIssues`.
        positions: The suspects, the worst first.
        top: How many of the most suspicious these are, `None` where they
            are the flagged ones.
        names: The names of the classes.
        shown: What makes something of each sample, or `None`.
        trajectories: `Trajectories`, a path of some, or `None`.
        embeddings: `(N, E)`, or `None`.
        neighbours: How many of each class.

    Returns:
        dict.
    """
    near = None
    extra = np.empty(0, np.int64)
    if embeddings is not None:
        near = neighbours_of(embeddings, issues, positions, neighbours)
        found = [p for side in near for places in side for p in places]
        extra = np.setdiff1d(np.array(found, np.int64), positions)
        index = {int(p): i for i, p in enumerate([*positions, *extra])}
        near = [[[index[p] for p in places] for places in s] for s in near]
    everyone = np.concatenate([positions, extra]).astype(np.int64)
    samples = None
    if shown is not None:
        samples = [
            shown(int(p), exact=i < positions.size)
            for i, p in enumerate(everyone)
        ]
    # As text: a script would round large numbers.
    ids = [str(name) for name in issues.ids[everyone].tolist()]
    return {
        "run": run_name(issues, len(names)),
        "classes": [str(name) for name in names],
        "ids": ids,
        "given": issues.given_label[everyone].tolist(),
        "suggested": issues.suggested_label[positions].tolist(),
        "quality": _numbers(issues.label_quality[positions]),
        "wrong": _shares(_part(issues.wrong_probability, positions)),
        "confidence": _shares(_part(issues.suggestion_confidence, positions)),
        "samples": samples,
        "near": near,
        "lines": None
        if trajectories is None or not positions.size
        else lines_of(trajectories, issues, positions),
        "fair": _fair(issues, positions, top),
        "strata": starts_of_strata(positions.size, STRATA).tolist()
        if positions.size
        else [0],
        "worth": WORTH,
    }


def _fair(issues, positions, top):
    """The cards in the order that tells soonest how many are wrong."""
    if not positions.size:
        return []
    order = issues.precision({}, k=top).next
    place = {int(p): i for i, p in enumerate(positions)}
    return [place[int(p)] for p in order]


def _part(column, positions):
    return None if column is None else column[positions]


def _shares(values):
    if values is None:
        return None
    # What is nearly certain must not become certain by rounding.
    return _numbers(np.where(values < 1, np.minimum(values, 0.9999), values))


def _numbers(values):
    # Four digits are what the page shows.
    return [None if v != v else float(f"{v:.4g}") for v in values.tolist()]
