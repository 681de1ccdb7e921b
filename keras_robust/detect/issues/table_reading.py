"""The fields of a `LabelIssues`, read from a table."""

import numpy as np

from keras_robust.detect.issues.issue_columns import COLUMNS
from keras_robust.detect.issues.issue_columns import OPTIONAL

# What a table says once, and not for each sample.
ATTRS = ("score", "split", "num_classes")
_FLOATS = ("label_quality", *OPTIONAL, "evidence")
_NEEDED = ("is_label_issue", "label_quality", "given_label")


def pandas_for(method):
    """Imports pandas, or says how to get it."""
    try:
        import pandas
    except ImportError as error:
        raise ImportError(
            f"`{method}` needs pandas: `pip install 'keras-robust[report]'`"
        ) from error
    return pandas


def fields_of(frame, told):
    """The arguments of `LabelIssues` that a table stands for.

    Args:
        frame: A `pandas.DataFrame`.
        told: What the user says of score, split and number of classes; None
            where the table shall say it.

    Raises:
        ValueError: if it is no table, or lacks a column.
    """
    columns = getattr(frame, "columns", None)
    if columns is None or not hasattr(frame, "attrs"):
        raise ValueError(
            "`frame` must be a pandas.DataFrame. Received: "
            f"{type(frame).__name__}"
        )
    missing = [name for name in _NEEDED if name not in columns]
    if missing:
        raise ValueError(
            f"The table lacks the columns {', '.join(missing)}. Received: "
            f"columns={list(columns)}"
        )
    names = [n for n in (*COLUMNS, *OPTIONAL, "evidence") if n in columns]
    fields = {name: _values(name, frame[name]) for name in names}
    size = len(frame)
    if "id" in columns:
        fields["ids"] = frame["id"].to_numpy()
    else:
        fields["ids"] = np.arange(size)
    for name in ("predicted_label", "suggested_label"):
        fields.setdefault(name, np.full(size, -1, np.int64))
    fields.setdefault("evidence", fields["label_quality"])
    kept = {name: frame.attrs.get(name) for name in ATTRS}
    for name, value in told.items():
        fields[name] = kept[name] if value is None else value
    fields["score"] = fields["score"] or "unknown"
    fields["split"] = fields["split"] or "unknown"
    return fields


def read_csv(path):
    """A CSV file as a `pandas.DataFrame`, its ids as they are written.

    Raises:
        ImportError: if pandas is not installed.
        OSError: if the file cannot be read.
        ValueError: if it is no table.
    """
    pandas = pandas_for("from_csv")
    try:
        first_line(pandas, path)
        frame = pandas.read_csv(
            path,
            # As text: no id such as "007" or "NA" is a number, and pandas may
            # round.
            dtype=dict.fromkeys(("id", *_FLOATS), str),
            keep_default_na=False,
        )
    except ValueError as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"Cannot read the table, {reason}. Received: path={path!r}"
        ) from error
    for name in _FLOATS:
        if name in frame:
            frame[name] = _values(name, frame[name].replace("", "nan"))
    if "id" in frame:
        frame["id"] = ids_of_text(frame["id"].to_numpy(dtype=object))
    return frame


def first_line(pandas, path, **how):
    """The names of the columns of a CSV file.

    Args:
        pandas: The package.
        path: The file.
        **how: What `pandas.read_csv` is told of it.

    Raises:
        ValueError: if the first row has more fields than there are names,
            of which pandas would make an index, and shift the others.
    """
    names = list(pandas.read_csv(path, nrows=0, **how).columns)
    how = {**how, "header": None, "skiprows": 1, "nrows": 1}
    try:
        size = pandas.read_csv(path, **how).shape[1]
    except pandas.errors.EmptyDataError:
        size = 0
    if size > len(names):
        raise ValueError(
            "The rows of the table have more fields than its first line has "
            f"names, so it is not clear which is which. Received: {size} "
            f"fields, columns {', '.join(names)}"
        )
    return names


def ids_of_text(text):
    """Ids as they are written: integers if all look so, or strings."""
    if not all(isinstance(t, str) and _is_integer(t) for t in text):
        return text
    return np.array([int(t) for t in text], np.int64)


def _values(name, column):
    values = column.to_numpy()
    if name in _FLOATS:
        try:
            return values.astype(np.float64)
        except (ValueError, TypeError) as error:
            raise ValueError(
                f"`{name}` must be numbers. Received: {error}"
            ) from error
    return values


def _is_integer(text):
    # Only as Python writes them: "007" and "+7" are names.
    digits = text.removeprefix("-")
    return (
        digits.isascii()
        and digits.isdecimal()
        and (digits[0] != "0" or text == "0")
        and len(digits) < 19
    )
