"""Transition matrices as losses take them: checked, plain, inverted.

`T[i][j]` is the probability that a sample of class `i` is labelled `j`.
"""

import math

from keras import ops

from keras_robust.losses import arguments

_NAME = "transition_matrix"
# How much larger than cross-entropy a corrected loss may become: beyond it a
# few samples drown all others.
_WORST = 1e3


def checked(matrix):
    """Returns the matrix as nested lists of floats, a rate as a float."""
    if not isinstance(matrix, (list, tuple)) and not hasattr(matrix, "shape"):
        return arguments.number(_NAME, matrix, at_least=0, below=1)
    if getattr(matrix, "shape", None) == ():
        return arguments.number(_NAME, float(matrix), at_least=0, below=1)
    if ops.is_tensor(matrix):
        matrix = ops.convert_to_numpy(matrix)
    rows = matrix.tolist() if hasattr(matrix, "tolist") else matrix
    try:
        rows = [[float(entry) for entry in row] for row in rows]
    except (TypeError, ValueError):
        rows = []
    size = len(rows)
    if size < 2 or any(len(row) != size for row in rows):
        raise ValueError(
            "`transition_matrix` must be square, with a row of numbers for "
            f"each of at least two classes. Received: {_NAME}={matrix!r}"
        )
    for i, row in enumerate(rows):
        inside = all(0.0 <= entry <= 1.0 for entry in row)
        if not inside or abs(math.fsum(row) - 1.0) > 1e-6:
            raise ValueError(
                f"Row {i} of `transition_matrix` must be probabilities that "
                "sum to 1: how often a sample of that class is given each "
                "label (from estimated counts, divide each row by its sum). "
                f"Received: {_NAME}[{i}]={row}"
            )
    return rows


def check_classes(matrix, num_classes):
    """Raises unless the matrix is for that many classes."""
    if len(matrix) != num_classes:
        raise ValueError(
            "`transition_matrix` must have a row for each class of the model. "
            f"Received: {len(matrix)} rows, {num_classes} classes"
        )


def symmetric(rate, num_classes):
    """Returns `a, b` of the matrix `a I + b` of symmetric noise."""
    other = rate / (num_classes - 1.0)
    return 1.0 - rate - other, other


def check_symmetric(rate, num_classes):
    """Raises if the matrix of symmetric noise has no usable inverse."""
    a, b = symmetric(rate, num_classes)
    if abs(a) * _WORST < 1.0 + b * (num_classes - 2.0):
        _raise_no_inverse(rate, "symmetric noise that hides the true class")


def inverse(rows):
    """Returns the inverse in float64, by Gauss-Jordan elimination; or raises.

    In array methods because some backends invert in float32 only.
    """
    size = len(rows)
    both = ops.convert_to_numpy(
        [
            [*row, *(float(i == j) for j in range(size))]
            for i, row in enumerate(rows)
        ]
    ).astype("float64")
    for i in range(size):
        pivot = i + int(abs(both[i:, i]).argmax())
        if abs(both[pivot, i]) < 1e-12:
            _raise_no_inverse(rows, "a singular matrix")
        both[[i, pivot]] = both[[pivot, i]]
        both[i] /= both[i, i]
        factors = both[:, i : i + 1].copy()
        factors[i] = 0.0
        both -= factors * both[i]
    found = both[:, size:]
    worst = float(abs(found).sum(axis=1).max())
    if worst > _WORST:
        _raise_no_inverse(rows, f"the inverse's largest row sums to {worst:g}")
    return found


def _raise_no_inverse(given, why):
    raise ValueError(
        "`transition_matrix` cannot be inverted, or only with errors that "
        "drown the loss: two classes are labelled almost alike. Take "
        "`ForwardCorrection`, which needs no inverse, or mix the matrix with "
        f"the identity. Received: {why}, {_NAME}={given}"
    )
