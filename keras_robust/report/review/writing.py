"""Writing the page: a whole file or none, and none over the user's own."""

import os
import pathlib

from keras_robust.report.review.rendering import GENERATOR
from keras_robust.trajectories.replacing import replacing

_HEAD = 4096


def check_path(path, overwrite):
    """Returns the path as a string, or raises before any work is done.

    Raises:
        FileExistsError: if there is a file already.
        OSError: if its folder is not there.
        ValueError: if it is no name of a page.
    """
    if not isinstance(path, str | os.PathLike):
        raise ValueError(f"`path` must be a path. Received: path={path!r}")
    path = pathlib.Path(path)
    if path.suffix.lower() not in (".html", ".htm"):
        raise ValueError(
            "The page is an HTML file: its name must end in .html. Received: "
            f"path={str(path)!r}"
        )
    if path.is_dir() or not path.parent.is_dir():
        raise FileNotFoundError(
            "The page must be a file in a folder that is there. Received: "
            f"path={str(path)!r}"
        )
    if path.exists() and not overwrite:
        raise FileExistsError(
            "There is a file already; `overwrite=True` replaces it, or "
            f"choose another name. Received: path={str(path)!r}"
        )
    return str(path)


def write_page(path, page, overwrite):
    """Writes the bytes of the page beside `path`, and puts them in place."""
    with replacing(path, "page") as beside:
        with open(beside, "xb") as file:
            file.write(page)
        # Someone may have written there in the meantime.
        check_path(path, overwrite)


def is_review(path):
    """Whether a file is a review page, which may be written anew.

    Args:
        path: the file.

    Returns:
        bool; False where there is none.

    Example:

    >>> from keras_robust.report import is_review
    >>> is_review("no such file.html")
    False
    """
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return f'content="{GENERATOR}"'.encode() in head
