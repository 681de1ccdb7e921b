"""How many of the suspicious labels are wrong, from a person's answers."""

import dataclasses
import os

import numpy as np

from keras_robust.detect.checks import integer
from keras_robust.detect.issues.answers import as_answers
from keras_robust.detect.ranges import number
from keras_robust.detect.statistics.proportions import wilson_interval

# What the review page goes by too.
STRATA = 5
WORTH = 0.2


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class ReviewedPrecision:
    """What `LabelIssues.precision` found out.

    Attributes:
        precision: the estimated share of wrong labels; NaN while a stratum
            has no answer.
        low: the lower end of its interval.
        high: the upper end.
        size: how many labels it is about.
        answered: how many of them are answered.
        worth_reading: how many more are worth reading.
        next: their positions, int64, the ones to read first in front.
        strata: list of dicts, one for each stratum, the most suspicious
            first: `"size"`, `"answered"`, `"wrong"`, `"precision"`, `"low"`
            and `"high"`.
    """

    precision: float
    low: float
    high: float
    size: int
    answered: int
    worth_reading: int
    next: np.ndarray
    strata: list

    def __repr__(self):
        return (
            f"ReviewedPrecision({self.precision:.3f}, from {self.low:.3f} to "
            f"{self.high:.3f}, by {self.answered} of {self.size} labels; "
            f"{self.worth_reading} more are worth reading)"
        )


class Reviewing:
    """What learns from labels that a person has read."""

    def precision(
        self, decisions, k=None, strata=STRATA, confidence=0.95, worth=WORTH
    ):
        """How many of the flagged labels are wrong, as far as was read.

        Formula: `sum_h W_h w_h / n_h`, over strata h of neighbouring ranks
        that hold a share `W_h` of the labels, of which `n_h` were read and
        `w_h` were wrong. Each stratum has Wilson's interval, narrowed by
        `sqrt(1 - n_h / N_h)` as only labels not yet read are unsure; their
        distances from the estimate add up as the root of the sum of
        `(W_h d_h)^2`.

        Precision falls with the rank, so answers for the top alone say
        nothing of the rest: as long as a stratum has no answer the precision
        is NaN, and the interval leaves that stratum open, from 0 to 1.
        `issues.precision({}).next` says what to read first, spread over the
        ranks; what is read inside a stratum should be in that order, not
        from its top.

        Rule for reading on: the labels of a stratum are worth reading until
        its interval lies below `worth`, where fewer than every fifth (by
        default) is wrong.

        Args:
            decisions: dict of id to answer, or one answer for each sample,
                shape `(N,)`: `"wrong"` or True, `"right"` or False; None,
                NaN or `""` where there is none yet. Or the path of a file
                of the review page, as `apply` takes it.
            k: judges the k most suspicious labels, at least 1. None for the
                flagged ones.
            strata: how many of them, at least 1; fewer where there are fewer
                labels. Defaults to `5`.
            confidence: that of the intervals, in (0, 1). Defaults to `0.95`.
            worth: the share of wrong labels for which reading pays, in
                [0, 1]. Defaults to `0.2`.

        Returns:
            A `ReviewedPrecision`. Answers for other labels do not count.

        Raises:
            ValueError: if an argument is not as described, an id is unknown,
                or nothing is flagged and k is None.

        Example:

        >>> import numpy as np
        >>> from keras_robust.detect import LabelIssues
        >>> quality = np.linspace(0, 1, 100)
        >>> flags, label = quality < 0.5, np.zeros(100, int)
        >>> issues = LabelIssues(
        ...     np.arange(100), flags, quality, label, label, label, quality,
        ...     score="mine", split="threshold",
        ... )
        >>> first = issues.precision({}).next[:20]
        >>> answers = {int(i): "wrong" if i < 30 else "right" for i in first}
        >>> issues.precision(answers)
        ReviewedPrecision(0.600, from 0.469 to 0.707, by 20 of 50 labels;
        30 more are worth reading)

        Reference:
            Wilson, Journal of the American Statistical Association 22, 1927
            (each interval); Zou and Donner, "Construction of confidence
            limits about effect measures", Statistics in Medicine 27, 2008
            (their sum).
        """
        strata = integer("strata", strata, at_least=1)
        worth = number("worth", worth, 0, 1)
        number("confidence", confidence, 0, 1, ends="none")
        order = _population(self, k)
        if _is_path(decisions):
            decisions = self.apply(decisions).answers
        read, wrong = as_answers(decisions, self.ids)
        read, wrong = read[order], wrong[order]
        starts = starts_of_strata(order.size, strata)
        sizes = np.diff(starts)
        table = _table(
            sizes,
            np.add.reduceat(read, starts[:-1], dtype=np.int64),
            np.add.reduceat(read & wrong, starts[:-1], dtype=np.int64),
            confidence,
        )
        stratum = np.repeat(np.arange(sizes.size), sizes)
        unread = (table["high"] >= worth)[stratum] & ~read
        to_read = order[_spread(stratum, unread, table["answered"])]
        rows = zip(*(c.tolist() for c in table.values()), strict=True)
        return ReviewedPrecision(
            *_total(table),
            size=int(order.size),
            answered=int(read.sum()),
            worth_reading=int(to_read.size),
            next=to_read,
            strata=[dict(zip(table, row, strict=True)) for row in rows],
        )


def starts_of_strata(size, strata):
    """Where each stratum of so many ranks begins, and where the last ends."""
    cuts = np.linspace(0, size, min(strata, size) + 1)
    return cuts.round().astype(np.int64)


def _is_path(decisions):
    if isinstance(decisions, str):
        return decisions.lower().endswith((".csv", ".json"))
    return isinstance(decisions, os.PathLike)


def _population(issues, k):
    order = issues.top(len(issues))
    if k is None:
        order = order[issues.is_label_issue[order]]
        if not order.size:
            raise ValueError(
                "No label is flagged, so there is no precision; judge the "
                "most suspicious ones by `k=...`. Received: k=None"
            )
        return order
    order = order[: integer("k", k, at_least=1)]
    if not order.size:
        raise ValueError("There are no labels to judge. Received: N=0")
    return order


def _table(sizes, answered, wrong, confidence):
    """What is known of each stratum."""
    low, high = wilson_interval(wrong, answered, confidence)
    with np.errstate(invalid="ignore"):
        share = wrong / answered
    # What is read is known; the rest is as unsure as it is large.
    left = np.sqrt(1.0 - answered / sizes)
    some = answered > 0
    low = np.where(some, share - (share - low) * left, 0.0)
    high = np.where(some, share + (high - share) * left, 1.0)
    return {
        "size": sizes,
        "answered": answered,
        "wrong": wrong,
        "precision": share,
        # Neither can be outside of what the unread ones still allow.
        "low": np.maximum(low, wrong / sizes),
        "high": np.minimum(high, 1.0 - (answered - wrong) / sizes),
    }


def _total(table):
    """The estimate over all strata, and the ends of its interval."""
    weight = table["size"] / table["size"].sum()
    share, some = table["precision"], table["answered"] > 0
    known = (weight * share)[some].sum()
    below = weight * (share - table["low"])
    above = weight * (table["high"] - share)
    low = known - np.sqrt((below[some] ** 2).sum())
    high = known + np.sqrt((above[some] ** 2).sum())
    # Nothing is known of the others: all of them may be right, or wrong.
    high += weight[~some].sum()
    total = known if some.all() else float("nan")
    return float(total), float(max(low, 0.0)), float(min(high, 1.0))


def _spread(stratum, unread, answered):
    """The ranks to read, by turns from every stratum, drawn at random in it.

    The draw is the same in every call, so that reading on in this order
    reads a fair sample of each stratum. Strata with few answers come first.
    """
    draw = np.random.default_rng(0).permutation(stratum.size)
    draw = draw[unread[draw]]
    by_stratum = draw[np.argsort(stratum[draw], kind="stable")]
    own = stratum[by_stratum]
    sizes = np.bincount(own, minlength=answered.size)
    place = np.arange(own.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return by_stratum[np.lexsort((own, place + answered[own]))]
