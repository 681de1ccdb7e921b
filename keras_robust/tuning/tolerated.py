"""The part of a search space whose losses tolerate the noise."""

import functools
import itertools
import math

from keras_robust import losses
from keras_robust import theory
from keras_robust.noise.matrices import as_transition_matrix
from keras_robust.theory.parts import is_sum
from keras_robust.theory.parts import parts_of
from keras_robust.theory.weights import lead_of

# Steps to each end of a range, and halvings of the last of them; fewer where
# a loss has no closed form and every answer is a search of its own.
_STEPS, _HALVINGS = 16, 12
_FEW_STEPS, _FEW_HALVINGS = 8, 5
# What was found, as every trial of a search asks the same.
_FOUND = {}


def matrix_and_lead(transition_matrix):
    """The matrix, checked, and how far the true class leads everywhere."""
    matrix = as_transition_matrix(transition_matrix)
    lead, worst = lead_of(matrix)
    if not lead > 1:
        raise ValueError(
            "No loss tolerates noise by which a wrong label is given as "
            "often as the right one. Received: transition_matrix with row "
            f"{worst}: {matrix[worst].tolist()}"
        )
    return matrix, lead


def tolerated_ranges(space, transition_matrix):
    """Shrinks the ranges of a loss to values that meet the condition.

    A box of the ranges: it grows from the default, or from the nearest point
    that meets the condition, by equal steps to all sides, until its corners
    would not meet it. So not all values that meet it are in the box.

    Args:
        space: A `losses.SearchSpace`.
        transition_matrix: `(K, K)`, rows true classes, columns given ones.

    Returns:
        Parameter -> `Range`, with a default within it; `None` if the loss
        meets the condition nowhere.
    """
    matrix, lead = matrix_and_lead(transition_matrix)
    key = (space.name, matrix.shape, matrix.tobytes())
    if key not in _FOUND:
        _FOUND[key] = _grown(space, matrix, lead)
    return _FOUND[key]


def _grown(space, matrix, lead):
    if not isinstance(_loss(space), losses.RobustLoss):
        return None
    parts = parts_of(_loss(space))
    closed = all(part.asymmetry_ratio() is not None for part in parts)
    steps, halvings = _STEPS, _HALVINGS
    if not closed:
        steps, halvings = _FEW_STEPS, _FEW_HALVINGS
    names = list(space.ranges)
    scales = [_Scale(space.ranges[name]) for name in names]
    known = {}

    def meets(point):
        values = [s.value(p) for s, p in zip(scales, point, strict=True)]
        loss = _loss(space, dict(zip(names, values, strict=True)))
        return _meets(loss, matrix, lead, known)

    start = _start(scales, meets)
    if start is None:
        return None
    low, high = list(start), list(start)

    def fits(axis, at):
        corners = [
            (at,) if k == axis else (low[k], high[k])
            for k in range(len(scales))
        ]
        return all(meets(corner) for corner in itertools.product(*corners))

    ends = [(axis, end) for axis in range(len(scales)) for end in (0.0, 1.0)]
    while ends:
        for axis, end in list(ends):
            side = high if end else low
            step = 1 / steps if end else -1 / steps
            reached = min(1.0, max(0.0, side[axis] + step))
            if fits(axis, reached):
                side[axis] = reached
            else:
                side[axis] = _edge(
                    side[axis],
                    reached,
                    functools.partial(fits, axis),
                    halvings,
                )
                ends.remove((axis, end))
                continue
            if reached == end:
                ends.remove((axis, end))
    return {
        name: scale.part(low[k], high[k], start[k])
        for k, (name, scale) in enumerate(zip(names, scales, strict=True))
    }


class _Scale:
    """A range as the numbers from 0 to 1."""

    def __init__(self, one):
        self.range = one
        self.log = one.sampling == "log"
        ends = (one.low, one.high)
        self.low, self.high = map(math.log, ends) if self.log else ends

    def point(self, value):
        value = math.log(value) if self.log else value
        return (value - self.low) / ((self.high - self.low) or 1.0)

    def value(self, point):
        if point in (0.0, 1.0):
            return self.range.high if point else self.range.low
        found = self.low + point * (self.high - self.low)
        found = math.exp(found) if self.log else found
        return round(found) if self.range.sampling == "integer" else found

    def part(self, low, high, start):
        low, high = self.value(low), self.value(high)
        # The default as it was given, not as it went through a logarithm.
        if start == self.point(self.range.default):
            start = self.range.default
        else:
            start = self.value(start)
        start = min(max(start, low), high)
        return self.range._replace(low=low, high=high, default=start)


def _start(scales, meets):
    """The default, or the nearest point of a grid that meets the condition."""
    default = tuple(s.point(s.range.default) for s in scales)
    if meets(default):
        return default
    steps = (0.0, 0.25, 0.5, 0.75, 1.0)
    # A parameter that has a say of its own first, the others as they are.
    axes = [
        (default[k], *sorted(steps, key=lambda p: abs(p - default[k])))
        for k in range(len(scales))
    ]
    grid = sorted(
        itertools.product(*axes),
        key=lambda p: sum(
            (a - b) ** 2 for a, b in zip(p, default, strict=True)
        ),
    )
    return next((point for point in grid if meets(point)), None)


def _edge(inside, outside, fits, halvings):
    for _ in range(halvings):
        middle = (inside + outside) / 2
        inside, outside = (
            (middle, outside) if fits(middle) else (inside, middle)
        )
    return inside


def _meets(loss, matrix, lead, known):
    """Whether the loss tolerates the noise of every class.

    By its asymmetry ratio where that has a closed form: `ratio * lead >= 1`,
    which is enough; a sum by its parts, which is enough too; any other by
    looking for a better prediction.
    """
    ratio = loss.asymmetry_ratio()
    if ratio is not None:
        return ratio * lead >= 1 - 1e-12
    if is_sum(loss):
        return all(_meets(part, matrix, lead, known) for part in parts_of(loss))
    key = repr(loss)
    if key not in known:
        try:
            known[key] = theory.is_asymmetric(loss, matrix)
        except ValueError:
            # A loss of the logits, or of more than one sample.
            known[key] = False
    return known[key]


def _loss(space, values=None):
    """The loss of these values, from logits where it takes nothing else."""
    try:
        return space.loss(values)
    except ValueError:
        return space.loss(values, from_logits=True)
