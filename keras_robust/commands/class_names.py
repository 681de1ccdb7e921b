"""Class names, and labels that are written by them."""

import pathlib

import numpy as np


def read(given):
    """The names of an option: `"a,b,c"`, or a .txt file with one a line.

    Args:
        given: The option, `None` where there is none.

    Returns:
        A list of names, or `None`.

    Raises:
        OSError: if the file cannot be read.
        ValueError: if a name is empty or there twice.
    """
    if given is None:
        return None
    if given.endswith(".txt"):
        text = text_of(given, "--class-names")
        names = text.splitlines()
    else:
        names = given.split(",")
    names = [name.strip() for name in names]
    seen = set()
    for name in names:
        if not name or name in seen:
            raise ValueError(
                "Class names must differ, and none be empty. Received: "
                f"{name!r} in {given}"
            )
        seen.add(name)
    return names


def check(names, num_classes):
    """Raises unless there are no names, or one for each class."""
    if names is not None and len(names) != num_classes:
        raise ValueError(
            "There must be one class name for each class. Received: "
            f"{len(names)} names, {num_classes} classes"
        )


def check_order(names, columns):
    """Raises if a name is that of another class's column.

    Args:
        names: The names given, or `None`.
        columns: The names that the columns have, or `None`.
    """
    for at, name in enumerate(names or ()):
        if columns is not None and name in columns and columns[at] != name:
            raise ValueError(
                "--class-names must be in the order of the columns. Received: "
                f"{name!r} for the column of {columns[at]!r}"
            )


def text_of(path, option):
    """What a text file holds."""
    try:
        return pathlib.Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise not_utf8(f"{option} {path}") from error


def not_utf8(received):
    """The error for a file of another encoding."""
    return ValueError(
        f"The file is not UTF-8 text; save it as UTF-8. Received: {received}"
    )


def numbers_of_array(labels, names):
    """The class numbers of an array of text, int64 `(N,)`."""
    if labels.size != len(labels):
        raise ValueError(
            "Labels must have shape (N,). Received: labels of shape "
            f"{labels.shape}"
        )
    texts, first, codes = np.unique(
        np.asarray(labels).reshape(-1).astype(str),
        return_index=True,
        return_inverse=True,
    )
    return numbers_of(texts.tolist(), first.tolist(), names)[codes]


def numbers_of(texts, first_rows, names):
    """Which classes texts stand for: by name if all do, or by number.

    All labels of a data set are of one kind, so that a name such as "3" is
    never taken for a number in one row and for a name in another.

    Args:
        texts: The different labels, as they are written.
        first_rows: The first row of each, for the message.
        names: The names of the classes, or `None`.

    Returns:
        int64 array, a class for each text.

    Raises:
        ValueError: if one is neither; says where.
    """
    texts = [text.strip() for text in texts]
    by_name = {name: number for number, name in enumerate(names or ())}
    unknown = [i for i, text in enumerate(texts) if text not in by_name]
    if not unknown:
        return np.array([by_name[text] for text in texts], np.int64)
    bad = [i for i, text in enumerate(texts) if not _is_number(text)]
    if not bad:
        return np.array([int(text) for text in texts], np.int64)
    # All numbers but one is a number gone wrong, all names but one a name.
    at = min(
        bad if len(bad) < len(unknown) else unknown, key=first_rows.__getitem__
    )
    known = ", ".join((names or ())[:10]) or "none; --class-names gives some"
    raise ValueError(
        "Labels must all be class numbers, or all be class names. Received: "
        f"{texts[at]!r} in row {first_rows[at]} (names: {known})"
    )


def _is_number(text):
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) < 19
