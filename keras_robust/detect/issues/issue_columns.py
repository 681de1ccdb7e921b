"""The columns of a `LabelIssues`: their names, and what may stand in them."""

import numpy as np

from keras_robust.detect.arrays import as_array
from keras_robust.detect.checks import integer

# cleanlab's names, in its order; `suggested_label` is ours.
COLUMNS = (
    "is_label_issue",
    "label_quality",
    "given_label",
    "predicted_label",
    "suggested_label",
)
# What not every detector knows.
OPTIONAL = ("wrong_probability", "suggestion_confidence", "max_probability")

_LEAST = {"given_label": 0, "predicted_label": -1, "suggested_label": -1}


def known_columns(issues):
    """Every column that is there, by its name, in the order of a table."""
    names = [*COLUMNS, *OPTIONAL, "evidence"]
    columns = {name: getattr(issues, name) for name in names}
    return {name: c for name, c in columns.items() if c is not None}


def checked_columns(issues):
    """The ids and all columns as arrays of the right kind.

    Args:
        issues: A `LabelIssues` as it was built.

    Returns:
        dict of name to array.

    Raises:
        ValueError: if a column has another shape than the ids, or holds what
            it must not; says which, and where.
    """
    ids = as_array("ids", issues.ids)
    if ids.dtype.kind == "O" and all(isinstance(i, str) for i in ids.flat):
        # As pandas keeps strings.
        ids = ids.astype(str)
    if ids.dtype.kind not in "iuU":
        raise ValueError(
            "`ids` must be integers or strings. Received: "
            f"ids of dtype {ids.dtype}"
        )
    checked = {"ids": ids}
    columns = {
        **{name: getattr(issues, name) for name in (*COLUMNS, "evidence")},
        **known_columns(issues),
    }
    for name, values in columns.items():
        values = as_array(name, values)
        received = values.shape
        if ids.ndim != 1 or received != ids.shape:
            raise ValueError(
                f"`{name}` must have one entry for each id. Received: "
                f"shape={received}, ids of shape {ids.shape}"
            )
        checked[name] = _checked(name, values)
    return checked


def checked_num_classes(num_classes, columns):
    """`None`, or a number of classes above all labels.

    Raises:
        ValueError: if it is neither.
    """
    if num_classes is None:
        return None
    num_classes = integer("num_classes", num_classes, at_least=1)
    for name in _LEAST:
        _refuse(
            name,
            columns[name],
            columns[name] >= num_classes,
            f"below num_classes={num_classes}",
        )
    return num_classes


def _checked(name, values):
    if name == "is_label_issue":
        if values.dtype != bool and values.size:
            raise ValueError(
                f"`{name}` must be a boolean mask. Received: "
                f"dtype={values.dtype}"
            )
        return values.astype(bool, copy=False)
    if name in _LEAST:
        if values.dtype.kind not in "iu" and values.size:
            raise ValueError(
                f"`{name}` must be integer class numbers. Received: "
                f"dtype={values.dtype}"
            )
        values = values.astype(np.int64, copy=False)
        least = _LEAST[name]
        _refuse(name, values, values < least, f"at least {least}")
        return values
    if values.dtype.kind not in "fiu" and values.size:
        raise ValueError(
            f"`{name}` must be numbers. Received: dtype={values.dtype}"
        )
    values = values.astype(np.float64, copy=False)
    if name == "label_quality":
        # Written so that NaN fails too.
        inside = (values >= 0) & (values <= 1)
        _refuse(name, values, ~inside, "in [0, 1]")
    elif name in OPTIONAL:
        _refuse(name, values, (values < 0) | (values > 1), "in [0, 1], or NaN")
    return values


def _refuse(name, values, bad, rule):
    if bad.any():
        first = int(np.argmax(bad))
        raise ValueError(
            f"`{name}` must be {rule}; {int(bad.sum())} of {bad.size} are "
            f"not. Received: {name}[{first}]={values[first]}"
        )
