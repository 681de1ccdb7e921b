"""What a person decided on the review page, read from its file."""

import csv
import json
import os
import typing

from keras_robust.detect.issues.fingerprint import check_run

COLUMNS = ("id", "decision", "label", "run")
DECISIONS = ("accept", "keep", "relabel", "exclude")


class Decision(typing.NamedTuple):
    """One row.

    Attributes:
        position: Where the sample stands in the issues.
        label: The class it is to have, -1 to leave it out.
    """

    position: int
    label: int


def read_decisions(path, issues):
    """Reads a file of the review page, or one edited by hand.

    Args:
        path: A .csv or a .json file.
        issues: The `LabelIssues` that the page was written from.

    Returns:
        A list of `Decision`; rows without a decision are left out.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is no such file, is of another run, or a row is not
            as it must be; says which.
    """
    if not isinstance(path, str | os.PathLike):
        raise ValueError(
            "`decisions` must be the path of a .csv or .json file of the "
            f"review page. Received: decisions of type {type(path).__name__}"
        )
    path = os.fspath(path)
    rows = _json_rows(path) if path.lower().endswith(".json") else _rows(path)
    positions = {str(name): i for i, name in enumerate(issues.ids.tolist())}
    sizes, seen, decisions = {}, {}, []
    for where, row in rows:
        name, word = row["id"], str(row["decision"] or "").strip().lower()
        run = row["run"]
        if run not in sizes:
            sizes[run] = check_run(issues, run, where)
        if name not in positions:
            raise ValueError(
                f"{where} is about a sample that is not among the "
                f"{len(positions)} there are. Received: id={name!r}"
            )
        if name in seen:
            raise ValueError(
                f"{where} is about the same sample as {seen[name]}; leave "
                f"one of them. Received: id={name!r}"
            )
        seen[name] = where
        if word:
            at = positions[name]
            given = int(issues.given_label[at])
            label = _label(word, row["label"], given, sizes[run], where)
            decisions.append(Decision(at, label))
    return decisions


def _label(word, written, given, num_classes, where):
    """The class that a row stands for."""
    text = "" if written is None else str(written).strip()
    if word not in DECISIONS:
        raise ValueError(
            f"{where}: `decision` must be one of {', '.join(DECISIONS)}, or "
            f"empty. Received: decision={word!r}"
        )
    if word == "exclude":
        if text:
            raise ValueError(
                f"{where}: who is left out has no label. Received: "
                f"decision={word!r}, label={text!r}"
            )
        return -1
    if word == "keep" and not text:
        return given
    if not (text.isascii() and text.isdecimal() and len(text) < 9):
        raise ValueError(
            f"{where}: `label` must be a class number. Received: "
            f"decision={word!r}, label={text!r}"
        )
    label = int(text)
    if label >= num_classes:
        raise ValueError(
            f"{where}: `label` must be in [0, {num_classes - 1}]. Received: "
            f"label={label}"
        )
    if word == "keep" and label != given:
        raise ValueError(
            f"{where}: to keep the given label {given} and to have the label "
            f'{label} is a contradiction; write "relabel" for another one. '
            f"Received: decision={word!r}, label={label}"
        )
    return label


def _rows(path):
    """Yields where each row of a CSV file stands, and the row, a dict."""
    try:
        # As spreadsheets write it, too.
        with open(path, newline="", encoding="utf-8-sig") as file:
            comma = _comma(file.readline())
            file.seek(0)
            table = list(csv.reader(file, delimiter=comma))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(
            f"Cannot read the decisions as a CSV file in UTF-8, {error}. "
            f"Received: path={path!r}"
        ) from error
    head = [name.strip().lower() for name in table[0]] if table else []
    _check_names(head, path)
    for number, cells in enumerate(table[1:], 2):
        where = f"Row {number} of {os.path.basename(path)}"
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(head):
            raise ValueError(
                f"{where} has {len(cells)} fields, the first line names "
                f"{len(head)}. Received: {cells!r}"
            )
        yield where, dict(zip(head, cells, strict=True))


def _comma(line):
    """What separates the fields: some spreadsheets write another one."""
    return max(",;\t", key=line.count)


def _json_rows(path):
    """The same of a JSON file."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            told = json.load(file)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"Cannot read the decisions as JSON, {error}. Received: "
            f"path={path!r}"
        ) from error
    rows = told.get("decisions") if isinstance(told, dict) else None
    if not isinstance(rows, list) or "run" not in told:
        raise ValueError(
            'The file must hold "run" and the list "decisions", as the '
            f"review page writes it. Received: path={path!r}"
        )
    for number, row in enumerate(rows, 1):
        where = f"Decision {number} of {os.path.basename(path)}"
        if not isinstance(row, dict):
            raise ValueError(f"{where} must be an object. Received: {row!r}")
        _check_names([*row, "run"], where)
        for name in ("id", "decision", "label"):
            if isinstance(row[name], bool | float | list | dict):
                raise ValueError(
                    f"{where}: `{name}` must be a text or an integer. "
                    f"Received: {name}={row[name]!r}"
                )
        yield where, {**row, "id": str(row["id"]), "run": str(told["run"])}


def _check_names(names, where):
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise ValueError(
            f"The decisions lack {', '.join(missing)}: there must be "
            f"{', '.join(COLUMNS)}. Received: {', '.join(map(str, names))} "
            f"in {where}"
        )
    doubled = [name for name in COLUMNS if names.count(name) > 1]
    if doubled:
        raise ValueError(
            f"The decisions have {doubled[0]} twice. Received: "
            f"{', '.join(names)} in {where}"
        )
