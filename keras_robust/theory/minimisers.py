"""Where a weighted loss is smallest, by looking everywhere."""

import functools
from dataclasses import dataclass

import numpy as np

from keras_robust.theory.evaluation import ROUNDING
from keras_robust.theory.evaluation import check_loss
from keras_robust.theory.evaluation import check_of_probabilities
from keras_robust.theory.evaluation import label_losses
from keras_robust.theory.evaluation import precision_of
from keras_robust.theory.simplex import num_points
from keras_robust.theory.simplex import points_near
from keras_robust.theory.simplex import points_on_lines
from keras_robust.theory.simplex import simplex_points

_ROUNDS = 5
# Closer to a corner is the corner: many losses clip probabilities below that,
# and a normalised one has another value there from every side.
_NEAR = 1.5e-6
# Less probable is impossible.
_POSSIBLE = 1e-9
_SHELL = np.array([1e-9, 1e-8, 1e-7, 1e-6])


@dataclass(frozen=True)
class Minimum:
    """The best prediction found for one sample's label weights.

    Attributes:
        point: The probabilities, `(K,)`.
        risk: The weighted loss there.
        corner: The class of the largest weight.
        corner_risk: The weighted loss of being sure of that class, the least
            of those next to the corner and at it.
        is_corner: Whether nothing better than that corner was found, rounding
            aside; `point` is the corner then.
        num_points: At how many points was looked.
    """

    point: np.ndarray
    risk: float
    corner: int
    corner_risk: float
    is_corner: bool
    num_points: int


class Minimisers:
    """The minimisers of `sum_i w_i L(u, i)` over the simplex.

    The loss is evaluated at the same points for all weights; beside them on
    the lines from the heaviest corner to the others, and around the best
    point. What is found is evidence: a better point than the corner is a
    counterexample, but that there is none is no proof.

    Args:
        loss: A loss of one sample.
        num_classes: K.
    """

    def __init__(self, loss, num_classes):
        check_loss(loss, num_classes)
        check_of_probabilities(loss, num_classes)
        self.loss = loss
        self.num_classes = num_classes
        self._points = simplex_points(num_classes)
        self._losses = label_losses(loss, self._points)
        # Where no label is impossible: there a loss may be infinite.
        inside = self._points.min(axis=1) >= _POSSIBLE
        self.scale = float(np.ptp(self._losses[inside]))
        precision = precision_of(loss, num_classes)
        self.is_double = precision < 1e-12
        self._rounding = ROUNDING * precision

    @functools.cached_property
    def treats_classes_alike(self):
        """Whether classes may be renamed: as far as some points tell."""
        points = self._points[-8:]
        renamed = label_losses(self.loss, np.roll(points, 1, axis=1))
        difference = np.roll(self._losses[-8:], 1, axis=1) - renamed
        return bool(np.abs(difference).max() <= 1e-6 * self.scale)

    def find(self, weights, seed=0):
        """The best point for some weights.

        Args:
            weights: Float64 `(K,)`, not negative, some positive.
            seed: Of the points tried around the best one.

        Returns:
            A `Minimum`.
        """
        weights = np.asarray(weights, np.float64)
        corner = int(np.argmax(weights))
        at_corner = np.eye(self.num_classes)[corner]
        ends = self._ends(weights, corner)
        next_to_it = points_on_lines(at_corner, ends, _SHELL)
        shell = np.vstack([at_corner, next_to_it])
        of_shell = self._risks(weights, label_losses(self.loss, shell))
        corner_risk = float(of_shell.min())
        point, risk, looked = self.search(
            weights,
            lambda points: points[:, corner] < 1 - _NEAR,
            points_on_lines(at_corner, ends),
            seed,
        )
        rounding = self.rounding(weights, corner_risk, risk)
        is_corner = bool(corner_risk <= risk + rounding)
        if is_corner:
            point, risk = at_corner, corner_risk
        return Minimum(point, risk, corner, corner_risk, is_corner, looked)

    def search(self, weights, keep, beside, seed=0, rounds=_ROUNDS, count=None):
        """The best of some points of the simplex.

        Args:
            weights: Float64 `(K,)`.
            keep: Given points `(N, K)`, says which of them count, `(N,)`.
            beside: Points to look at beside those looked at for all weights.
            seed: Of the points tried around the best one.
            rounds: How often, each time closer to it.
            count: How many each time; by default as many as for the number
                of classes.

        Returns:
            The point, its risk, and how many points were looked at.
        """
        points = np.vstack([self._points, beside])
        losses = np.vstack([self._losses, label_losses(self.loss, beside)])
        point, risk = _least(points, self._risks(weights, losses), keep)
        rng = np.random.default_rng(seed)
        if count is None:
            count = max(num_points(self.num_classes) // 16, 16)
        radius = 0.5
        for _ in range(rounds):
            near = points_near(point, radius, count, rng)
            values = self._risks(weights, label_losses(self.loss, near))
            there, value = _least(near, values, keep)
            if value < risk:
                point, risk = there, value
            radius /= 6
        return point, risk, len(points) + rounds * count

    def risk(self, weights, point):
        """The weighted loss at one point."""
        weights = np.asarray(weights, np.float64)
        values = label_losses(self.loss, np.asarray(point)[None])
        return float(self._risks(weights, values)[0])

    def rounding(self, weights, *risks):
        """Which difference of two risks means nothing."""
        size = self.scale * np.sum(weights) + np.abs(risks).max()
        return float(self._rounding * size)

    def _ends(self, weights, corner):
        """Where to go from a corner: it is first left for these."""
        others = np.argsort(-weights, kind="stable")
        most = max(num_points(self.num_classes) // 128, 1)
        others = others[others != corner][:most]
        ends = np.eye(self.num_classes)[others]
        rest = np.where(np.arange(self.num_classes) == corner, 0, weights)
        # A normalised loss is least where the rarest class is ruled out.
        rarest = np.argmin(np.where(rest > 0, rest, np.inf))
        without = np.where(np.arange(self.num_classes) == rarest, 0, rest)
        found = [one / one.sum() for one in (rest, without) if one.any()]
        return np.vstack([ends, *found])

    @staticmethod
    def _risks(weights, losses):
        # What has no weight plays no part, be it infinite.
        held = weights > 0
        return losses[:, held] @ weights[held]


def _least(points, risks, keep):
    """The best of the points that count."""
    best = int(np.argmin(np.where(keep(points), risks, np.inf)))
    return points[best], float(risks[best])
