"""From the files that `keras-robust find` is given to label issues."""

import pathlib
import warnings

import numpy as np

from keras_robust import detect
from keras_robust.commands import class_names
from keras_robust.commands import find_table
from keras_robust.detect.scores.reading import opened

# Which options belong to which input.
_BELONGS = {
    "trajectories": ("score", "split", "class_names"),
    "table": (
        "score",
        "filter_by",
        "label_column",
        "prob_columns",
        "prob_prefix",
        "id_column",
        "class_names",
    ),
    "labels": ("probs", "score", "filter_by", "class_names"),
}


def find(options):
    """Finds label issues in the files that the options name.

    Returns:
        The `LabelIssues`, and the names of the classes, `None` where there
        are none.

    Raises:
        ImportError, OSError, ValueError: if a file or an option will not do.
    """
    kind = _kind(options)
    names = class_names.read(options.class_names)
    if kind == "trajectories":
        check_there(options.trajectories, "--trajectories")
        recorded = opened(options.trajectories)
        class_names.check(names, recorded.num_classes)
        chosen = _chosen(options, "score", "split")
        return detect.find_label_issues(recorded, **chosen), names
    chosen = _chosen(options, "score", "filter_by")
    _check_chosen(chosen)
    ids = None
    if kind == "labels":
        labels = load(options.labels, "--labels")
        probs = load(options.probs, "--probs")
        if labels.dtype.kind in "US":
            labels = class_names.numbers_of_array(labels, names)
    else:
        labels, probs, ids, names = find_table.read(options, names)
    if probs.ndim == 2:
        class_names.check(names, probs.shape[1])
    issues = detect.confident_learning(labels, probs, ids=ids, **chosen)
    return issues, names


def _check_chosen(chosen):
    """Asks of two samples first: a wrong name is not to wait for a table."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        detect.confident_learning([0, 1], np.eye(2), **chosen)


def _chosen(options, *names):
    """The options that were given; the others stay what they are."""
    given = {name: getattr(options, name) for name in names}
    return {name: value for name, value in given.items() if value is not None}


def _kind(options):
    """Which input there is: `"trajectories"`, `"table"` or `"labels"`."""
    given = [name for name in _BELONGS if getattr(options, name)]
    if options.probs and not given:
        given = ["labels"]
    if len(given) != 1:
        raise ValueError(
            "Give one input: --labels with --probs, --trajectories, or "
            f"--table. Received: {_listed(given) or 'none'}"
        )
    (kind,) = given
    if kind == "labels" and not (options.labels and options.probs):
        raise ValueError("--labels and --probs belong together")
    options_of_any = {name for names in _BELONGS.values() for name in names}
    stray = [
        name
        for name in sorted(options_of_any - set(_BELONGS[kind]))
        if getattr(options, name) is not None
    ]
    if stray:
        raise ValueError(
            f"{_listed(stray)} has no place beside --{kind}. Options for it: "
            f"{_listed(_BELONGS[kind])}"
        )
    return kind


def _listed(names):
    return ", ".join(f"--{name.replace('_', '-')}" for name in names)


def check_there(path, option):
    """Raises a `FileNotFoundError` unless there is something at the path."""
    if not pathlib.Path(path).exists():
        raise FileNotFoundError(f"There is no such file: {option} {path}")


def load(path, option):
    """A `.npy` file as an array that is read where it is used."""
    check_there(path, option)
    array = None
    # An empty array cannot be mapped.
    for mode in ("r", None):
        try:
            array = np.load(path, mmap_mode=mode, allow_pickle=False)
            break
        except (ValueError, EOFError, MemoryError, SyntaxError):
            continue
    if not isinstance(array, np.ndarray):
        raise ValueError(
            f"{option} must be a .npy file of numbers, as `numpy.save` "
            "writes it: not an archive, no Python objects, not cut off. "
            f"Received: {path}"
        )
    return array
