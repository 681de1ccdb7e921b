"""What was found against the truth: ROC and precision-recall curves."""

import numpy as np

from keras_robust.report import style
from keras_robust.report.figures import axes_or_new

# Curves that are drawn on the same axes, one after another.
_CURVES = (
    (style.BLUE, "-"),
    (style.VERMILLION, "--"),
    (style.GREEN, "-."),
    (style.GREY, ":"),
)


def plot_roc(issues, true_labels, name=None, ax=None):
    """Draws how many wrong labels are found at which false alarm rate.

    For every number of labels read from the worst on: the share of the wrong
    labels among them against the share of the right ones. A point shows
    where the split stopped. Call it again with the same `ax` for another
    score.

    With few wrong labels `plot_precision_recall` says more.

    Args:
        issues: The `LabelIssues` found.
        true_labels: Integer class numbers, shape `(N,)`, in the order of
            `issues.ids`.
        name: What the legend calls it. Defaults to the name of the score.
        ax: Matplotlib axes to draw on; a new figure if `None`.

    Returns:
        The axes; `save_figure` takes them.

    Raises:
        ValueError: If `true_labels` are none, or all labels are right, or all
            wrong.
        ImportError: If matplotlib is missing.

    Example:

    >>> from keras_robust.detect import LabelIssues
    >>> from keras_robust.report import plot_roc
    >>> quality = [0.1, 0.7, 0.9]
    >>> issues = LabelIssues(
    ...     [7, 8, 9], [True, False, False], quality, [0, 1, 1], [1, 1, 1],
    ...     [1, 1, 1], quality, score="mine", split="mine",
    ... )
    >>> ax = plot_roc(issues, true_labels=[1, 1, 1])
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['mine, AUROC 1.000', '1 flagged']
    """
    curves = issues.curves(true_labels)
    found = issues.evaluate(true_labels)
    ax = axes_or_new(ax, 5.0, 4.6)
    if not ax.lines:
        ax.plot([0, 1], [0, 1], color=style.GREY, lw=0.8, ls=":")
    wrong = issues.given_label != _flat(true_labels)
    false_alarms = (issues.is_label_issue & ~wrong).sum() / (~wrong).sum()
    _draw(
        ax,
        (curves["false_alarm_rate"], curves["recall_by_false_alarms"]),
        (false_alarms, found["recall"]),
        _named(issues, name, "AUROC", found["auroc"]),
        issues,
        "default",
    )
    ax.set_xlabel("right labels flagged (false alarms)")
    ax.set_ylabel("wrong labels flagged (recall)")
    _dress(ax)
    style.legend(ax, loc="lower right")
    return ax


def plot_precision_recall(issues, true_labels, name=None, ax=None):
    """Draws how many of the labels read are wrong, and how many are missed.

    For every number of labels read from the worst on: the share of the wrong
    ones among them against the share of all wrong ones. A point shows where
    the split stopped; the dotted line is the precision of reading at random.
    Call it again with the same `ax` for another score.

    Args:
        issues, true_labels, name, ax: As of `plot_roc`.

    Returns:
        The axes; `save_figure` takes them.

    Raises:
        ValueError: If `true_labels` are none, or all labels are right, or all
            wrong.
        ImportError: If matplotlib is missing.

    Example:

    >>> from keras_robust.detect import LabelIssues
    >>> from keras_robust.report import plot_precision_recall
    >>> quality = [0.1, 0.7, 0.9]
    >>> issues = LabelIssues(
    ...     [7, 8, 9], [True, False, False], quality, [0, 1, 1], [1, 1, 1],
    ...     [1, 1, 1], quality, score="mine", split="mine",
    ... )
    >>> ax = plot_precision_recall(issues, true_labels=[1, 1, 1])
    >>> ax.get_ylabel()
    'flagged labels that are wrong (precision)'
    """
    curves = issues.curves(true_labels)
    found = issues.evaluate(true_labels)
    ax = axes_or_new(ax, 5.0, 4.6)
    if not ax.lines:
        wrong = (issues.given_label != _flat(true_labels)).mean()
        ax.axhline(wrong, color=style.GREY, lw=0.8, ls=":")
    _draw(
        ax,
        (curves["recall"], curves["precision"]),
        (found["recall"], found["precision"]),
        _named(issues, name, "average precision", found["average_precision"]),
        issues,
        # As average precision sums it: no line between two numbers read.
        "steps-post",
    )
    ax.set_xlabel("wrong labels flagged (recall)")
    ax.set_ylabel("flagged labels that are wrong (precision)")
    _dress(ax)
    style.legend(ax, loc="lower left")
    return ax


def _flat(true_labels):
    return np.asarray(true_labels).reshape(-1)


def _named(issues, name, measure, value):
    name = issues.score if name is None else name
    return f"{style.short(name)}, {measure} {value:.3f}"


def _draw(ax, curve, point, label, issues, steps):
    # The first line is that of chance.
    number = (len(ax.lines) - 1) // 2
    colour, dashes = _CURVES[number % len(_CURVES)]
    ax.plot(*curve, dashes, color=colour, lw=2, label=label, drawstyle=steps)
    ax.plot(
        *([value] for value in point),
        "o",
        color=colour,
        ms=8,
        mec=ax.get_facecolor(),
        label=f"{issues.num_issues:,} flagged",
        clip_on=False,
    )


def _dress(ax):
    ax.set_xlim(-0.01, 1.01)
    ax.set_ylim(-0.01, 1.01)
    ax.set_aspect("equal")
    style.dress(ax, grid="both")
