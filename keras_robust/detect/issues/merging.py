"""One `LabelIssues` from those of several runs."""

import dataclasses

import numpy as np

from keras_robust.detect.statistics.votes import majority_vote
from keras_robust.trajectories.checks import as_ids
from keras_robust.trajectories.selection import id_positions


class Merging:
    """What joins the findings of several runs or detectors."""

    @classmethod
    def merge(cls, parts):
        """Joins what several runs, or several scores, found in one data set.

        Formula: the mean rank `r_i = mean_m rank_m(i) / N_m`, over the runs
        m that have a record of sample i, is the evidence; equal labels of a
        run share their mean rank. The sample of the j-th smallest mean rank
        gets the mean of the runs' j-th smallest qualities as its quality.
        It is flagged if more than half of those runs flag it; two runs must
        agree.

        One training run depends on its seed; what several runs call wrong
        is wrong more often. Ranks, because the qualities of two scores do
        not mean the same.

        Args:
            parts: list of `LabelIssues` with the same ids (in any order) and
                the same given labels.

        Returns:
            `LabelIssues` in the order of the first part. The predicted
            label is the one most runs have, the suggested one that of most
            runs which flag the label, the later run's among equals.
            P(wrong) is the mean where every run has one; the confidence of
            a suggestion is the mean over the runs, 0 where one does not
            make it. The score is called after those of the parts, the split
            `"majority"`.

        Raises:
            ValueError: if the parts do not fit together.

        Example:

        >>> from keras_robust.detect import LabelIssues
        >>> def found(quality):
        ...     return LabelIssues(
        ...         ["a", "b", "c"], [q < 0.5 for q in quality], quality,
        ...         [0, 1, 1], [0, 0, 1], [0, 0, 1], quality,
        ...         score="aum", split="threshold",
        ...     )
        >>> issues = LabelIssues.merge(
        ...     [found([0.9, 0.1, 0.2]), found([0.8, 0.2, 0.7]),
        ...      found([0.4, 0.0, 0.9])]
        ... )
        >>> issues
        LabelIssues(1 of 3 labels flagged, score='merge(aum)',
        split='majority')
        >>> issues.ids[issues.top(3)].tolist()
        ['b', 'c', 'a']
        """
        parts = _aligned(cls, parts)
        first = parts[0]
        evidence = _mean_rank(parts)
        seen = _seen(parts).sum(axis=0)
        votes = sum(part.is_label_issue.astype(np.int64) for part in parts)
        flagged = 2 * votes > seen
        predicted = majority_vote(
            _or_nan(np.stack([part.predicted_label for part in parts]))
        )
        suggested = _suggestions(parts, flagged, first.given_label)
        confidence = None
        if all(part.suggestion_confidence is not None for part in parts):
            confidence = _mean(
                [
                    np.where(
                        part.suggested_label == suggested,
                        part.suggestion_confidence,
                        0.0,
                    )
                    for part in parts
                ]
            )
        known = [p.num_classes for p in parts if p.num_classes is not None]
        names = dict.fromkeys(part.score for part in parts)
        return dataclasses.replace(
            first,
            is_label_issue=flagged,
            label_quality=_mean_quality(parts, evidence),
            predicted_label=predicted,
            suggested_label=suggested,
            evidence=evidence,
            score=f"merge({', '.join(names)})",
            split="majority",
            num_classes=known[0] if known else None,
            wrong_probability=_mean_of_all(parts, "wrong_probability"),
            suggestion_confidence=confidence,
            max_probability=_mean_of_all(parts, "max_probability"),
            distrust=dict.fromkeys(r for part in parts for r in part.distrust),
        )


def _mean_of_all(parts, column):
    """The mean over the parts, `None` if one does not have the column."""
    values = [getattr(part, column) for part in parts]
    return None if any(v is None for v in values) else _mean(values)


def _aligned(cls, parts):
    """The parts, checked, all in the order of the first."""
    if not isinstance(parts, list | tuple) or not parts:
        raise ValueError(
            "`merge` takes a list of at least one `LabelIssues`. Received: "
            f"{type(parts).__name__}"
        )
    for number, part in enumerate(parts):
        if not isinstance(part, cls):
            raise ValueError(
                "`merge` takes a list of `LabelIssues`. Received: "
                f"parts[{number}] is of type {type(part).__name__}"
            )
    first, aligned = parts[0], [parts[0]]
    as_ids(first.ids)
    sizes = {p.num_classes for p in parts if p.num_classes is not None}
    if len(sizes) > 1:
        raise ValueError(
            "The parts must have the same number of classes. Received: "
            f"{', '.join(map(str, sorted(sizes)))}"
        )
    for number, part in enumerate(parts[1:], 1):
        if len(part) != len(first):
            raise ValueError(
                f"The parts must have the same ids. Received: {len(first)} "
                f"ids in parts[0], {len(part)} in parts[{number}]"
            )
        try:
            as_ids(part.ids)
            part = part.filter(id_positions(part.ids, first.ids))
        except ValueError as error:
            raise ValueError(
                f"The parts must have the same ids. In parts[{number}]: {error}"
            ) from error
        differs = part.given_label != first.given_label
        if differs.any():
            at = int(np.argmax(differs))
            raise ValueError(
                "The parts must have the same given labels. Received: the "
                f"label of id {first.ids[at].item()!r} is "
                f"{first.given_label[at]} in parts[0], "
                f"{part.given_label[at]} in parts[{number}]"
            )
        aligned.append(part)
    return aligned


def _seen(parts):
    return np.stack([~np.isnan(part.evidence) for part in parts])


def _mean_rank(parts):
    """The mean over the parts of each label's rank, NaN if seen by none."""
    total = np.zeros(len(parts[0]))
    for part, seen in zip(parts, _seen(parts), strict=True):
        keys = np.stack([part.evidence[seen], part.label_quality[seen]])
        total[seen] += _ranks(keys) / max(int(seen.sum()), 1)
    with np.errstate(invalid="ignore"):
        return total / _seen(parts).sum(axis=0)


def _ranks(keys):
    """Ranks from 1 on by the last of the keys first; equal ones share theirs.

    The mean rank of equal ones, so that they count the same in every order.
    """
    order = np.lexsort(keys)
    ordered = keys[:, order]
    begins = np.ones(order.size, bool)
    begins[1:] = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
    group = np.cumsum(begins) - 1
    sizes = np.bincount(group)
    last = np.cumsum(sizes)
    ranks = np.empty(order.size)
    ranks[order] = ((2 * last - sizes + 1) / 2.0)[group] if order.size else 0
    return ranks


def _mean_quality(parts, evidence):
    """The mean of the parts' ordered qualities, in the order of `evidence`."""
    seen = ~np.isnan(evidence)
    quality = np.ones(evidence.size)
    if seen.any():
        ordered = sum(np.sort(part.label_quality[seen]) for part in parts)
        ordered /= len(parts)
        # Equal ranks have equal qualities: the mean of theirs.
        _, group, sizes = np.unique(
            evidence[seen], return_inverse=True, return_counts=True
        )
        begins = np.cumsum(sizes) - sizes
        means = np.add.reduceat(ordered, begins) / sizes
        quality[seen] = np.clip(means, 0.0, 1.0)[group]
    return quality


def _suggestions(parts, flagged, given):
    votes = np.stack(
        [
            np.where(part.is_label_issue, part.suggested_label, -1)
            for part in parts
        ]
    )
    return np.where(flagged, majority_vote(_or_nan(votes)), given)


def _or_nan(classes):
    return np.where(classes < 0, np.nan, classes)


def _mean(columns):
    """The mean over the parts, NaN left out, NaN where all are."""
    values = np.stack(columns)
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.where(known, values, 0.0).sum(axis=0) / known.sum(axis=0)
