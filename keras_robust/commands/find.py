"""`keras-robust find`: wrong labels, found in files."""

import argparse
import contextlib
import os
import pathlib
import sys
import warnings

from keras_robust.commands import find_input
from keras_robust.commands import find_report
from keras_robust.commands import find_review
from keras_robust.commands.needed import need

_DESCRIPTION = """\
Finds the labels that are probably wrong. Reads one of:

  labels and probabilities   --labels y.npy --probs p.npy
                             labels (N,), out-of-sample probabilities (N, K)
  a recorded training run    --trajectories run.zarr (or run.npz)
  a table with both          --table rows.csv (.tsv, .parquet)
                             --label-column label --prob-columns cat,dog
                             (or --prob-prefix p_)

Prints how many labels of each class are flagged, and the most suspicious
ones; --output writes a row for every sample, --report a page to review the
flagged labels on. Files larger than memory are read a part at a time; labels,
ids, a run.npz, and any run that --report shows are read whole.
"""

_EPILOG = """\
exit status: 0 if it ran, whatever it found; 1 if more than --fail-above are
flagged; 2 for an argument or a file that will not do.

example:
  keras-robust find --labels y.npy --probs p.npy --output issues.csv
"""


def add(commands):
    """Adds the command to the parser's `commands`."""
    found = commands.add_parser(
        "find",
        help="find wrong labels in files of labels and probabilities",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    reads = found.add_argument_group("input")
    reads.add_argument("--labels", metavar="FILE.npy")
    reads.add_argument("--probs", metavar="FILE.npy")
    reads.add_argument("--trajectories", metavar="RUN")
    reads.add_argument("--table", metavar="FILE")
    reads.add_argument(
        "--label-column",
        metavar="NAME",
        help="labels: class numbers or class names (default: label)",
    )
    reads.add_argument(
        "--prob-columns",
        metavar="A,B,C",
        help="the probabilities, in the order of the classes; the columns' "
        "names are those of the classes",
    )
    reads.add_argument(
        "--prob-prefix",
        metavar="PREFIX",
        help="or: every column of this beginning, class names or numbers "
        "following it",
    )
    reads.add_argument(
        "--id-column", metavar="NAME", help="default: rows are numbered"
    )
    reads.add_argument(
        "--class-names",
        metavar="A,B,C",
        help="names to show, and to read labels by; or a .txt file, a name "
        "a line",
    )
    how = found.add_argument_group("detection")
    how.add_argument(
        "--score",
        metavar="NAME",
        help="such as aum for --trajectories, or self_confidence",
    )
    how.add_argument(
        "--split", metavar="NAME", help="for --trajectories: such as gmm"
    )
    how.add_argument(
        "--filter-by",
        metavar="NAME",
        help="for probabilities: such as prune_by_noise_rate",
    )
    shows = found.add_argument_group("output")
    shows.add_argument(
        "--top",
        type=int,
        default=20,
        metavar="N",
        help="how many labels to print (default: 20)",
    )
    shows.add_argument(
        "--output", metavar="FILE", help="a .csv or .parquet file to write"
    )
    shows.add_argument(
        "--overwrite",
        action="store_true",
        help="replace --output and --report",
    )
    shows.add_argument(
        "--json", action="store_true", help="print JSON, not a table"
    )
    shows.add_argument(
        "--fail-above",
        type=float,
        metavar="SHARE",
        help="exit with status 1 if a larger share, 0 to 1, is flagged",
    )
    find_review.add(found)
    found.set_defaults(run=run)


def run(options):
    """Runs the command; returns the exit status."""
    _check(options)
    with _warnings_in_one_line():
        issues, names = find_input.find(options)
    if options.output:
        write = _writer(options.output)
        getattr(issues, write)(options.output)
    if options.report:
        find_review.write(options, issues, names)
    if hasattr(sys.stdout, "reconfigure"):
        # A terminal without the letters of a name shows their numbers.
        sys.stdout.reconfigure(errors="backslashreplace")
    report = find_report.as_json if options.json else find_report.as_text
    written = (options.output, options.report)
    for line in report(issues, names, options.top, *written):
        print(line)
    sys.stdout.flush()
    share = issues.num_issues / len(issues)
    limit = options.fail_above
    return 1 if limit is not None and share > limit else 0


def _check(options):
    """Refuses what would only show after the work."""
    if options.top < 0:
        raise ValueError(f"--top must be at least 0. Received: {options.top}")
    limit = options.fail_above
    if limit is not None and not 0 <= limit <= 1:
        raise ValueError(
            f"--fail-above must be a share between 0 and 1. Received: {limit}"
        )
    if options.overwrite and not (options.output or options.report):
        raise ValueError("--overwrite belongs to --output or --report")
    if options.output:
        _writer(options.output)
        _check_written(options, "output")
    if options.report:
        if pathlib.Path(options.report).suffix.lower() != ".html":
            raise ValueError(
                f"--report must end in .html. Received: {options.report}"
            )
        _check_written(options, "report")
    find_review.check(options)


def _check_written(options, name):
    """Refuses a file that cannot be written, or must not."""
    option, path = f"--{name}", pathlib.Path(getattr(options, name))
    if path.is_dir():
        raise ValueError(f"{option} must be a file. Received: {path}")
    if not path.parent.is_dir():
        raise ValueError(
            f"The folder of {option} is not there: make it first. "
            f"Received: {path}"
        )
    if not os.access(path.parent, os.W_OK):
        raise ValueError(
            f"The folder of {option} cannot be written. Received: {path}"
        )
    if not path.exists():
        return
    if not options.overwrite:
        raise ValueError(
            f"There is something at {option} already; --overwrite replaces "
            f"it. Received: {path}"
        )
    read = (
        options.labels,
        options.probs,
        options.trajectories,
        options.table,
        options.data,
    )
    for file in filter(None, read):
        if os.path.exists(file) and os.path.samefile(file, path):
            raise ValueError(
                f"{option} would replace the file that is read. Received: "
                f"{path}"
            )


def _writer(output):
    """The method of `LabelIssues` that writes such a file."""
    suffix = pathlib.Path(output).suffix.lower()
    if suffix not in (".csv", ".parquet"):
        raise ValueError(
            f"--output must end in .csv or .parquet. Received: {output}"
        )
    if suffix == ".parquet":
        need("pandas", "pyarrow")
    return f"to_{suffix[1:]}"


@contextlib.contextmanager
def _warnings_in_one_line():
    """Without the place in our source, which says nothing to the reader."""

    def show(message, *_, **__):
        text = " ".join(str(message).split())
        print(f"keras-robust: warning: {text}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.filterwarnings("always", category=UserWarning)
        warnings.showwarning = show
        yield
