"""The verdict on a loss and the noise of one class."""

import functools
from dataclasses import dataclass
from dataclasses import replace

import numpy as np

from keras_robust.theory.asymmetry import asymmetry_ratio
from keras_robust.theory.asymmetry import declared_bound
from keras_robust.theory.asymmetry import has_ratio
from keras_robust.theory.minimisers import Minimisers
from keras_robust.theory.parts import is_sum
from keras_robust.theory.parts import parts_of
from keras_robust.theory.pointwise import is_pointwise
from keras_robust.theory.weights import leads_of

TOLERATED, NOT_TOLERATED, OPEN = "tolerated", "not tolerated", "open"


@dataclass(frozen=True)
class ClassTolerance:
    """What is true of the samples of one true class.

    Attributes:
        label: The class.
        is_dominant: Whether it is the label given most often, alone.
        weight_ratio: How often it is given over the likeliest wrong label;
            infinite without wrong ones.
        needed_ratio: What the loss needs of that, `1 / r`; infinite if r is
            0, NaN for a loss that has no asymmetry ratio.
        margin: `weight_ratio / needed_ratio - 1`, at least 0 where the ratio
            is enough; NaN without a ratio.
        verdict: `"tolerated"`, `"not tolerated"` or `"open"`.
        why: The reason, in words: a theorem, a counterexample or numeric
            evidence.
        best: The best prediction found for these labels, `(K,)`. Where the
            noise is tolerated that is being sure of the class or, of a loss
            that sees all classes, another one: normalised cross-entropy asks
            little more than to rule out a class that is never given.
    """

    label: int
    is_dominant: bool
    weight_ratio: float
    needed_ratio: float
    margin: float
    verdict: str
    why: str
    best: np.ndarray


class Judge:
    """Judges class by class, each when it is asked for.

    Args:
        loss: What passed `check_loss`.
        matrix: A transition matrix `(K, K)`.
    """

    def __init__(self, loss, matrix):
        self.loss = loss
        self.matrix = matrix
        self.ratio = None
        if has_ratio(loss, len(matrix)):
            self.ratio = asymmetry_ratio(loss, len(matrix))
        # What the loss says of itself: at least that is a theorem.
        self.bound = declared_bound(loss)
        self._known = {}

    def worst_first(self):
        """A `ClassTolerance` for each class, least lead of its label first."""
        for label in np.argsort(leads_of(self.matrix), kind="stable"):
            yield self.of_class(int(label))

    def of_class(self, label):
        """The `ClassTolerance` of a class."""
        weights = self.matrix[label]
        # Classes of the same noise: many have the same answer.
        rest = np.sort(np.delete(weights, label))
        key = tuple(np.round([weights[label], *rest], 12))
        alike = self.ratio is not None or self.minimisers.treats_classes_alike
        if alike and key in self._known:
            return _relabelled(self._known[key], label, weights)
        self._known[key] = self._judged(label)
        return self._known[key]

    @functools.cached_property
    def minimisers(self):
        """Made when the first class needs a search."""
        return Minimisers(self.loss, len(self.matrix))

    @functools.cached_property
    def _is_pointwise(self):
        return is_pointwise(self.loss, len(self.matrix))

    @functools.cached_property
    def _parts(self):
        """Judges of what a sum without a ratio adds up; else none."""
        if self.ratio is not None or not is_sum(self.loss):
            return []
        return [Judge(part, self.matrix) for part in parts_of(self.loss)]

    def _why_by_parts(self, label):
        """Why each part tolerates the noise, or `None`."""
        reasons = []
        for part in self._parts:
            one = part.of_class(label)
            if one.verdict != TOLERATED:
                return None
            reasons.append(one.why)
        return "; ".join(reasons) or None

    def _judged(self, label):
        weights = self.matrix[label]
        has = float(leads_of(self.matrix)[label])
        needed = float("nan") if self.ratio is None else _inverse(self.ratio)
        is_dominant = bool(has > 1)
        margin = _margin(has, self.ratio)
        proved = is_dominant and _margin(has, self.bound) >= 0
        if proved and self._is_pointwise:
            # Nothing to look for: the theorem says where the minimum is.
            best = np.eye(len(weights))[label]
            why = _enough(has, _inverse(self.bound))
            return ClassTolerance(
                label, True, has, needed, margin, TOLERATED, why, best
            )
        minimum = self.minimisers.find(weights)
        sure = minimum.corner == label and minimum.is_corner
        if not is_dominant:
            verdict = NOT_TOLERATED
            why = "a wrong label is given as often as the right one, or more"
        elif proved:
            verdict = TOLERATED
            why = _enough(has, _inverse(self.bound))
        # A ratio that was searched may be too large: what is shown comes first.
        elif margin >= 0 and sure:
            verdict = TOLERATED
            why = (
                f"numeric evidence: {_enough(has, needed)} by a search for "
                "the ratio"
            )
        elif by_parts := self._why_by_parts(label):
            verdict = TOLERATED
            why = f"each of the losses that it adds up tolerates it: {by_parts}"
        elif not sure:
            verdict = NOT_TOLERATED
            why = (
                "another prediction has a smaller risk: "
                f"{minimum.point[label]:.3g} for its own class, "
                f"{np.delete(minimum.point, label).max():.3g} for the next"
            )
        elif self.ratio is None or np.isinf(has):
            verdict = TOLERATED
            why = (
                f"numeric evidence: none of {minimum.num_points} predictions "
                "is better than being sure of it"
            )
        else:
            verdict = OPEN
            enough = f"{needed:.3g} times would be"
            if np.isinf(needed):
                enough = "with an asymmetry ratio of 0 nothing is surely"
            why = (
                f"its label is {has:.3g} times as frequent as the next, "
                f"{enough} enough; no better prediction among "
                f"{minimum.num_points}"
            )
        return ClassTolerance(
            label, is_dominant, has, needed, margin, verdict, why, minimum.point
        )


def _margin(has, ratio):
    """By how much a ratio is more than enough; NaN if there is none."""
    if ratio is None:
        return float("nan")
    # A ratio of 0 is enough for what no ratio could be: no wrong labels.
    return (
        float("inf") if np.isinf(has) and ratio else has / _inverse(ratio) - 1
    )


def _enough(has, needed):
    return (
        f"its label is {has:.3g} times as frequent as the next, "
        f"{needed:.3g} times is enough"
    )


def _relabelled(one, label, weights):
    """The same of another class with the same weights in another order."""
    best = np.empty_like(one.best)
    # The prediction follows the weights: the largest where the largest is.
    mine = np.delete(np.arange(len(weights)), label)
    theirs = np.delete(np.arange(len(weights)), one.label)
    best[label] = one.best[one.label]
    order = mine[np.argsort(weights[mine], kind="stable")]
    best[order] = np.sort(one.best[theirs])
    return replace(one, label=label, best=best)


def _inverse(ratio):
    return 1.0 / ratio if ratio else float("inf")
