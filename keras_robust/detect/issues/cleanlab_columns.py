"""Label issues as cleanlab's table, and back."""

import numpy as np

from keras_robust.detect.checks import ids_or_positions
from keras_robust.detect.issues.label_issues import LabelIssues
from keras_robust.detect.statistics.odds import log_odds_of_doubles
from keras_robust.noise.flips import as_classes

COLUMNS = (
    "is_label_issue",
    "label_quality",
    "given_label",
    "predicted_label",
)


def to_cleanlab(issues):
    """The table that cleanlab's `CleanLearning.find_label_issues` returns.

    Use it to go on with what reads cleanlab's results.

    Args:
        issues: `LabelIssues`.

    Returns:
        `pandas.DataFrame` with the columns `is_label_issue`,
        `label_quality`, `given_label` and `predicted_label`, one row for each
        sample; its index are the positions, in the order of `issues.ids`.

    Raises:
        ImportError: if pandas is not installed.

    Example:

    >>> from keras_robust.detect import confident_learning
    >>> from keras_robust.detect import to_cleanlab
    >>> issues = confident_learning(
    ...     [0, 1], [[0.9, 0.1], [0.2, 0.8]], "predicted_neq_given"
    ... )
    >>> to_cleanlab(issues)
       is_label_issue  label_quality  given_label  predicted_label
    0           False            0.9            0                0
    1           False            0.8            1                1
    """
    try:
        import pandas
    except ImportError as error:
        raise ImportError(
            "`to_cleanlab` needs pandas: `pip install 'keras-robust[report]'`"
        ) from error
    return pandas.DataFrame({name: getattr(issues, name) for name in COLUMNS})


def from_cleanlab(table, ids=None):
    """Label issues of a table of cleanlab's.

    Use it to bring results along: a table of
    `CleanLearning.find_label_issues`, one of `Datalab.get_issues("label")`
    (whose quality is called `label_score`), or a dict of such arrays.

    Args:
        table: a `pandas.DataFrame` or a dict with the columns
            `is_label_issue`, `label_quality` or `label_score`, `given_label`
            and, if it is known, `predicted_label` (-1 where it is not).
        ids: ids of the samples, unique integers or strings. Defaults to
            their positions in the table.

    Returns:
        `LabelIssues` with the score and the split `"cleanlab"`. The suggested
        label of a flagged sample is the predicted one, -1 where that is not
        known.

    Raises:
        ValueError: if a column is missing, or holds what it must not.

    Example:

    >>> from keras_robust.detect import from_cleanlab
    >>> issues = from_cleanlab({
    ...     "is_label_issue": [False, True],
    ...     "label_quality": [0.9, 0.1],
    ...     "given_label": [0, 0],
    ...     "predicted_label": [0, 1],
    ... })
    >>> issues
    LabelIssues(1 of 2 labels flagged, score='cleanlab', split='cleanlab')
    """
    named = _names(table)
    quality_name = "label_quality"
    if quality_name not in named and "label_score" in named:
        quality_name = "label_score"
    for name in ("is_label_issue", quality_name, "given_label"):
        if name not in named:
            raise ValueError(
                f'`table` must have the column "{name}". Received: the '
                f"columns {', '.join(map(str, named)) or 'none'}"
            )
    given = _classes(table["given_label"], "given_label")
    flagged = _column(table, "is_label_issue", given.size)
    if flagged.dtype != bool:
        raise ValueError(
            f'"is_label_issue" must be boolean. Received: dtype={flagged.dtype}'
        )
    quality = _quality(_column(table, quality_name, given.size), quality_name)
    predicted = np.full(given.size, -1, np.int64)
    if "predicted_label" in named:
        column = _column(table, "predicted_label", given.size).copy()
        # As `to_cleanlab` writes it where no class was predicted.
        unknown = column == -1
        column[unknown] = 0
        predicted = _classes(column, "predicted_label")
        predicted[unknown] = -1
    return LabelIssues(
        ids=ids_or_positions(ids, given.size),
        is_label_issue=flagged,
        label_quality=quality,
        given_label=given,
        predicted_label=predicted,
        suggested_label=np.where(flagged, predicted, given),
        evidence=log_odds_of_doubles(quality),
        score="cleanlab",
        split="cleanlab",
        num_classes=max(int(max(given.max(), predicted.max())) + 1, 2),
    )


def _names(table):
    """The names of the columns."""
    try:
        return list(table.keys())
    except AttributeError:
        raise ValueError(
            "`table` must be a DataFrame or a dict of arrays. "
            f"Received: {type(table).__name__}"
        ) from None


def _column(table, name, num_samples):
    try:
        found = np.asarray(table[name])
    except (TypeError, ValueError):
        found = np.empty((0, 0))
    if found.shape != (num_samples,):
        raise ValueError(
            f'"{name}" must have one entry for each given label, shape '
            f"({num_samples},). Received: shape={found.shape}"
        )
    return found


def _classes(column, name):
    """Class numbers from 0 on, int64 `(N,)`."""
    try:
        # In a dtype as small as cleanlab's, which holds few classes.
        _, classes, _ = as_classes(column, None, least=2)
    except ValueError as error:
        raise ValueError(f'"{name}": {error}') from None
    return classes


def _quality(quality, name):
    if quality.dtype.kind not in "fiu":
        raise ValueError(
            f'"{name}" must hold numbers. Received: dtype={quality.dtype}'
        )
    quality = quality.astype(np.float64)
    # Written so that NaN is found too.
    bad = ~((quality >= 0) & (quality <= 1))
    if bad.any():
        first = int(np.argmax(bad))
        raise ValueError(
            f'"{name}" must be in [0, 1]. '
            f"Received: {name}[{first}]={quality[first]}"
        )
    return quality
