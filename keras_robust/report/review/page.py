"""`write_review`: suspected labels as one page to look at and decide on."""

import numbers

import numpy as np

from keras_robust.detect import LabelIssues
from keras_robust.detect.issues.counting import num_classes_of
from keras_robust.report.review.checks import check_integer
from keras_robust.report.review.checks import check_kind
from keras_robust.report.review.checks import check_names
from keras_robust.report.review.images import Images
from keras_robust.report.review.payload import payload_of
from keras_robust.report.review.reading import Samples
from keras_robust.report.review.rendering import need_jinja2
from keras_robust.report.review.rendering import render
from keras_robust.report.review.rows import Rows
from keras_robust.report.review.sounds import Sounds
from keras_robust.report.review.summary import summary_of
from keras_robust.report.review.texts import Texts
from keras_robust.report.review.writing import check_path
from keras_robust.report.review.writing import write_page


def write_review(
    issues,
    path,
    data=None,
    kind=None,
    class_names=None,
    *,
    top=None,
    trajectories=None,
    embeddings=None,
    neighbours=4,
    feature_names=None,
    sampling_rate=None,
    image_size=160,
    text_length=4_000,
    seconds=5.0,
    title="Review of labels",
    overwrite=False,
):
    """Writes a page on which a person decides about suspected labels.

    One HTML file that needs no server and no network, and sends nothing. It
    says what was found and what to distrust, and shows a card for every
    flagged label, the worst first: the sample, the given and the suggested
    label, how the label was learnt, the samples most like it. A person
    decides by the keyboard or by hand; the browser keeps the decisions,
    and gives them as the file that `LabelIssues.apply` takes.

    Everything of the data is shown as text: a class called `<script>` is
    read, not run.

    Args:
        issues: `LabelIssues`.
        path: the file to write, with the suffix .html.
        data: the samples, in the order of `issues.ids`: an array or memory
            map, a list, a pandas frame or series, or a function that takes a
            position and returns a sample; only what is shown is read. A
            sample that is None or NaN is shown as missing. None for cards
            without samples.
        kind: what the samples are: `"image"` (arrays `(H, W)`, `(H, W, C)`
            or `(C, H, W)` of any numbers, PIL images, paths of image files),
            `"text"` (strings), `"tabular"` (rows of values) or `"audio"`
            (arrays `(T,)`, `(T, C)` or `(C, T)`). Needed with `data`.
        class_names: the names of all classes, in their order. Defaults to
            their numbers.
        top: makes cards of the k most suspicious labels, flagged or not.
            Defaults to `None`: of the flagged ones.
        trajectories: `Trajectories` of the samples, or the path of some, for
            a line on each card.
        embeddings: `(N, E)`, for the nearest samples of both classes.
        neighbours: how many of each class, at least 1. Defaults to `4`.
        feature_names: the names of the columns of `"tabular"`.
        sampling_rate: how many numbers a second of `"audio"` has; needed
            there.
        image_size: the longest side of an image in the page, in pixels,
            from 8 to 1024. Defaults to `160`.
        text_length: how many characters of a text are shown, at least 100.
            Defaults to `4_000`.
        seconds: how many seconds of a sound are kept, above 0. Each takes
            43 kB at 16 kHz. Defaults to `5.0`.
        title: the title of the page.
        overwrite: whether a file at `path` is replaced. Defaults to `False`.

    Returns:
        The path written.

    Raises:
        FileExistsError: if there is a file at `path`.
        ImportError: if jinja2 (or, for images, Pillow) is missing.
        OSError: if the file cannot be written.
        ValueError: if an argument or a sample is not as described.

    Example:

    >>> import os
    >>> import tempfile
    >>> from keras_robust.detect import LabelIssues
    >>> from keras_robust.report import write_review
    >>> issues = LabelIssues(
    ...     [7, 8], [False, True], [0.9, 0.1], [0, 1], [0, 0], [0, 0],
    ...     [2.0, -2.0], score="mine", split="mine",
    ... )
    >>> path = os.path.join(tempfile.mkdtemp(), "review.html")
    >>> path == write_review(issues, path, ["good", "bad"], kind="text",
    ...                      class_names=["praise", "blame"])
    True
    """
    if not isinstance(issues, LabelIssues):
        raise ValueError(
            "`issues` must be a LabelIssues. Received: issues of type "
            f"{type(issues).__name__}"
        )
    path = check_path(path, overwrite)
    need_jinja2()
    _check_unique(issues)
    names = _names(issues, class_names)
    check_integer("neighbours", neighbours, 1, 20)
    check_integer("image_size", image_size, 8, 1024)
    check_integer("text_length", text_length, 100, 1_000_000)
    positions = _positions(issues, top)
    shown = None
    if data is not None:
        shown = _shown(
            Samples(data, issues.ids),
            kind,
            issues,
            positions,
            feature_names,
            sampling_rate,
            image_size,
            text_length,
            seconds,
        )
    elif kind is not None:
        raise ValueError(
            "`kind` belongs to `data`; give the samples too. Received: "
            f"kind={kind!r}, data=None"
        )
    payload = payload_of(
        issues,
        positions,
        top,
        names,
        shown,
        trajectories,
        embeddings,
        neighbours,
    )
    payload["kind"] = kind
    payload["named"] = class_names is not None
    if kind == "tabular":
        payload["columns"], payload["usual"] = shown.columns, shown.usual()
    epochs = None
    if payload["lines"]:
        epochs = payload["lines"]["recorded"]
    summary = summary_of(
        issues, names, positions, epochs, shown.notes if shown else ()
    )
    page = render(payload, title=str(title), summary=summary)
    write_page(path, page, overwrite)
    return path


def _shown(
    samples, kind, issues, positions, features, rate, size, length, seconds
):
    """What makes something of a sample that the page can show."""
    check_kind(kind, rate)
    if kind == "image":
        return Images(samples, positions, size)
    if kind == "text":
        return Texts(samples, length)
    if kind == "tabular":
        return Rows(samples, issues, positions, features)
    if (
        not isinstance(seconds, numbers.Real)
        or isinstance(seconds, bool)
        or not 0 < seconds < float("inf")
    ):
        raise ValueError(
            f"`seconds` must be above 0. Received: seconds={seconds!r}"
        )
    return Sounds(samples, int(rate), seconds)


def _positions(issues, top):
    """Who has a card, the worst first."""
    order = issues.top(len(issues))
    if top is None:
        return order[issues.is_label_issue[order]]
    check_integer("top", top, 1, 2**31)
    return order[:top]


def _names(issues, class_names):
    """A name for each class, as text."""
    size = num_classes_of(issues)
    if class_names is None:
        return [str(label) for label in range(size)]
    check_names(class_names)
    names = [str(name) for name in class_names]
    if len(names) != size:
        raise ValueError(
            "`class_names` must name every class, where some have no label "
            "too (`dataclasses.replace(issues, num_classes=...)` says how "
            f"many there are). Received: {len(names)} names, {size} classes"
        )
    return names


def _check_unique(issues):
    ids, counts = np.unique(issues.ids, return_counts=True)
    if ids.size != len(issues):
        raise ValueError(
            "The ids must differ, so that a decision is about one sample. "
            f"Received: id {ids[counts > 1][0].item()!r} twice"
        )
