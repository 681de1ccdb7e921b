"""Regression in which every row may have a shift of its own."""

import numpy as np


def entries(basis, targets, num_penalties=100, least=1e-3):
    """The penalty from which on each row has a shift, of many regressions.

    Formula: `min_g 1/2 |(I - H) (Y - g)|^2 + t sum_i |g_i|`, with `H = B B^T`
    and `g_i` the shift of row `i`; the entry of a row is the largest `t`
    whose `g_i` is not 0, 0 where there is none. The penalties are `t_max`,
    the smallest with no shift at all, down to `least * t_max`, evenly by
    their logarithm.

    It is what scikit-learn's `enet_path(I - H, (I - H) Y, l1_ratio=1)` finds,
    with `n` times its penalties. Here a step is a regression and a shrinking,
    `g <- shrink(g + (I - H) (Y - g), t)`, with Nesterov's momentum, of many
    groups at once.

    Args:
        basis: Orthonormal columns or columns of 0, `(G, n, p)`.
        targets: `Y`, `(G, n, C)`.
        num_penalties: How many penalties.
        least: The smallest penalty, as a share of the largest.

    Returns:
        float64 `(G, n)`.
    """
    unexplained = targets - _fitted(basis, targets)
    largest = _row_norms(unexplained).max(axis=1)
    shares = np.geomspace(1.0, least, num_penalties)
    shifts = np.zeros(targets.shape)
    found = np.zeros(targets.shape[:2])
    for share in shares:
        penalty = (share * largest)[:, None]
        shifts = _solve(basis, targets, penalty, shifts)
        has_entered = (found == 0) & shifts.any(axis=2)
        found = np.where(has_entered, penalty, found)
    return found


def _solve(basis, targets, penalty, shifts, tolerance=1e-6, most_steps=1000):
    ahead, momentum = shifts, 1.0
    for _ in range(most_steps):
        rest = targets - ahead
        moved = ahead + rest - _fitted(basis, rest)
        norms = _row_norms(moved)
        # At 0 the norm is no divisor, and the row stays 0.
        kept = 1.0 - penalty / np.where(norms > penalty, norms, penalty + 1.0)
        kept = np.where(norms > penalty, kept, 0.0)
        new = moved * kept[..., None]
        change = new - shifts
        after = (1.0 + np.sqrt(1.0 + 4.0 * momentum**2)) / 2.0
        ahead = new + (momentum - 1.0) / after * change
        shifts, momentum = new, after
        if np.abs(change).max() < tolerance:
            break
    return shifts


def _fitted(basis, rows):
    return basis @ (basis.transpose(0, 2, 1) @ rows)


def _row_norms(rows):
    return np.sqrt(np.einsum("gnc,gnc->gn", rows, rows))
