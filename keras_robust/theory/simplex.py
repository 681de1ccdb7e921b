"""Points of the probability simplex at which losses are compared."""

import numpy as np

# Near a corner a wrong minimiser may lie as close as a threshold is near.
_STEPS = np.unique(
    np.concatenate([2.0 ** -np.arange(1, 20), np.arange(1, 17) / 17])
)
# A loss is asked for every label at every point: that many numbers in all.
_NUMBERS = 2**22


def num_points(num_classes):
    """At how many points a loss of so many classes is looked at."""
    return int(np.clip(_NUMBERS // num_classes**2, 64, 4_000))


def simplex_points(num_classes, count=None, seed=0):
    """Corners, lines from the first corner, and points drawn between all.

    The lines lead from the first corner to the second and to the middle of
    the others, in steps that crowd at the corner; the drawn points are
    Dirichlet, from near the corners to near the middle.

    Args:
        num_classes: K.
        count: About how many points; `None` for `num_points(num_classes)`.
        seed: Of the drawn ones.

    Returns:
        Float64 `(N, K)`.
    """
    count = num_points(num_classes) if count is None else count
    rng = np.random.default_rng(seed)
    corners = np.eye(num_classes)[: max(count // 4, 2)]
    ends = [corners[1]]
    if num_classes > 2:
        ends.append((1 - corners[0]) / (num_classes - 1))
    each = max(count // 4, 1)
    drawn = [
        rng.dirichlet(np.full(num_classes, concentration), each)
        for concentration in (0.05, 0.3, 1.0)
    ]
    middle = np.full((1, num_classes), 1 / num_classes)
    lines = points_on_lines(corners[0], np.array(ends))
    return np.concatenate([corners, lines, middle, *drawn])


def points_on_lines(start, ends, steps=_STEPS):
    """Points on the lines from one point to others, crowded at the start."""
    lines = start + steps[:, None, None] * (ends - start)
    return lines.reshape(-1, start.size)


def points_near(point, radius, count, rng):
    """Points around one, the nearer the likelier, on the simplex."""
    num_classes = point.size
    size = radius * 2.0 ** -rng.integers(0, 8, (count, 1))
    towards = rng.dirichlet(np.full(num_classes, 0.3), count)
    return point + size * (towards - point)
