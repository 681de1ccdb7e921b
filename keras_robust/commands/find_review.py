"""The review page of `keras-robust find`."""

import pathlib

from keras_robust.commands import class_names
from keras_robust.commands import find_input
from keras_robust.commands import find_table
from keras_robust.report.review.checks import KINDS

_OF_REPORT = ("data", "data_column", "kind", "sampling_rate")


def add(found):
    """Adds the options to the command's parser."""
    page = found.add_argument_group("review page")
    page.add_argument(
        "--report",
        metavar="FILE.html",
        help="a page to look at the flagged labels and decide about them",
    )
    page.add_argument(
        "--data",
        metavar="FILE",
        help="the samples to show there: .npy, or .txt with a text a line",
    )
    page.add_argument(
        "--data-column",
        metavar="NAME",
        help="or: the column of --table that holds a text",
    )
    page.add_argument(
        "--kind", choices=KINDS, help="what the samples of a .npy file are"
    )
    page.add_argument(
        "--sampling-rate", type=int, metavar="N", help="for --kind audio"
    )


def check(options):
    """Refuses what would only show after the work."""
    given = [
        f"--{name.replace('_', '-')}"
        for name in _OF_REPORT
        if getattr(options, name) is not None
    ]
    if not options.report:
        if given:
            raise ValueError(f"{', '.join(given)} belongs to --report")
        return
    from keras_robust.report.review.rendering import need_jinja2

    need_jinja2()
    if options.data_column is not None:
        if not options.table or len(given) > 1:
            raise ValueError(
                "--data-column is the text in a column of --table, alone. "
                f"Received: {', '.join(given)}"
            )
        return
    if options.data is None:
        if given:
            raise ValueError(f"{', '.join(given)} belongs to --data")
        return
    path = pathlib.Path(options.data)
    if not path.is_file():
        raise FileNotFoundError(f"There is no such file: --data {path}")
    kind = _kind(options)
    if kind is None:
        raise ValueError(
            f"--data needs --kind, one of {', '.join(KINDS)}. Received: {path}"
        )
    if (kind == "audio") != (options.sampling_rate is not None):
        raise ValueError("--kind audio and --sampling-rate belong together")
    if _is_text(path) and kind != "text":
        raise ValueError(
            f"A .txt file has a text a line. Received: --kind {kind}"
        )


def write(options, issues, names):
    """Writes the page."""
    issues.to_html(
        options.report,
        _data(options),
        _kind(options),
        names,
        trajectories=options.trajectories,
        sampling_rate=options.sampling_rate,
        title=f"Labels of {pathlib.Path(_source(options)).name}",
        overwrite=options.overwrite,
    )


def _kind(options):
    if options.data_column is not None:
        return "text"
    if options.kind is None and options.data is not None:
        return "text" if _is_text(pathlib.Path(options.data)) else None
    return options.kind


def _data(options):
    if options.data_column is not None:
        return find_table.column(options.table, options.data_column)
    if options.data is None:
        return None
    path = pathlib.Path(options.data)
    if _is_text(path):
        text = class_names.text_of(path, "--data")
        # Only what ends a line: other signs of that kind are of the text.
        return text.removesuffix("\n").split("\n")
    return find_input.load(options.data, "--data")


def _source(options):
    return options.table or options.labels or options.trajectories


def _is_text(path):
    return path.suffix.lower() == ".txt"
