"""Long arrays worked through a part at a time, in bounded memory."""

import numpy as np


def row_blocks(num_rows, width, numbers=2**22):
    """Yields slices of rows that together hold some `numbers` numbers.

    Args:
        num_rows: how many rows there are.
        width: numbers a row.
        numbers: how many a block may hold; one row at least.
    """
    size = max(1, numbers // max(1, width))
    for start in range(0, num_rows, size):
        yield slice(start, min(start + size, num_rows))


def first_row_where(bad, values):
    """The number of the first row in which `bad` is true anywhere, or -1.

    Args:
        bad: a function of some rows, giving a bool for each of their numbers.
        values: array of shape `(N, ...)`.
    """
    width = values[:1].size
    for rows in row_blocks(len(values), width):
        found = bad(values[rows]).reshape(rows.stop - rows.start, -1)
        found = found.any(axis=1)
        if found.any():
            return rows.start + int(np.argmax(found))
    return -1


def choose(weights, uniform):
    """One column for each row, drawn in proportion to the row's weights.

    Args:
        weights: non-negative, float64 `(n, K)`, no row without any weight.
        uniform: draws from [0, 1), shape `(n,)`.

    Returns:
        Columns, int64 `(n,)`; never one of weight 0.
    """
    upto = np.cumsum(weights, axis=1)
    total = upto[:, -1]
    # A product that rounds up to the total would be past the last column.
    drawn = np.minimum(uniform * total, np.nextafter(total, 0))
    return (upto <= drawn[:, np.newaxis]).sum(axis=1)
