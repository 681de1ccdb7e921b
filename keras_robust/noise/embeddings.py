"""What every use of embeddings needs: a check, and one scale for all."""

import numpy as np

from keras_robust.noise.blocks import row_blocks

METRICS = ("cosine", "euclidean")


def as_embeddings(embeddings):
    """Checks embeddings; integers and lists become an array.

    Args:
        embeddings: real and finite numbers, shape `(N, E)`, N and E at
            least 1.

    Returns:
        The embeddings as an array, their own where they were one.

    Raises:
        ValueError: if the shape, the dtype or a number is not usable.
    """
    try:
        values = np.asarray(embeddings)
    except ValueError as error:
        raise ValueError(
            "`embeddings` must have as many numbers in each row as in the "
            f"others. Received: {error}"
        ) from error
    if values.ndim != 2 or 0 in values.shape:
        raise ValueError(
            "`embeddings` must have the shape (N, E): one row of numbers a "
            "sample; images become rows by "
            "`embeddings.reshape(len(embeddings), -1)`. "
            f"Received: shape={values.shape}"
        )
    if values.dtype.kind not in "iuf":
        raise ValueError(
            f"`embeddings` must be real numbers. Received: dtype={values.dtype}"
        )
    for rows in row_blocks(*values.shape):
        wrong = ~np.isfinite(values[rows])
        if wrong.any():
            row, column = np.argwhere(wrong)[0]
            row += rows.start
            raise ValueError(
                "`embeddings` must be finite: leave such samples out. "
                f"Received: embeddings[{row}, {column}]="
                f"{values[row, column]}"
            )
    return values


def scaling(values, metric):
    """What makes Euclidean distances of any metric, and squares harmless.

    For `"cosine"` every row gets the length 1. For `"euclidean"` the mean is
    taken away and the largest number is about 1, so that squares keep most
    digits and none overflows.

    Args:
        values: as of `as_embeddings`.
        metric: one of `METRICS`.

    Returns:
        `(scaled, half_squares, unit)`: a function that takes rows of `values`
        and returns them in float64, half of their squared lengths `(N,)`, and
        what a distance of 1 then was before.
    """
    if metric == "cosine":
        # Also of rows of 0, which so are as far from all as a right angle.
        return directions, np.full(len(values), 0.5), 1.0
    unit = max(_largest(values[block]) for block in row_blocks(*values.shape))
    # A power of two, so that dividing by it rounds nothing.
    unit = 2.0 ** np.frexp(unit)[1] if unit else 1.0
    total = sum(
        (np.asarray(values[block], np.float64) / unit).sum(axis=0)
        for block in row_blocks(*values.shape)
    )
    mean = total / len(values)

    def scaled(rows):
        return np.asarray(rows, np.float64) / unit - mean

    half_squares = np.empty(len(values))
    for block in row_blocks(*values.shape):
        rows = scaled(values[block])
        half_squares[block] = np.einsum("ij,ij->i", rows, rows) / 2
    return scaled, half_squares, unit


def directions(values):
    """Every row divided by its length, in float64; 0 stays 0."""
    values = np.asarray(values, np.float64)
    largest = np.abs(values).max(axis=1, keepdims=True)
    values = values / np.where(largest > 0, largest, 1.0)
    length = np.sqrt(np.einsum("ij,ij->i", values, values))[:, None]
    return values / np.where(length > 0, length, 1.0)


def _largest(values):
    # In float64, because the smallest integer has no absolute value.
    return float(np.abs(np.asarray(values, np.float64)).max())
