"""How many labels of each class are flagged, and how surely."""

import numpy as np

from keras_robust.report import style
from keras_robust.report.figures import axes_or_new
from keras_robust.report.scatter import checked_most


def plot_class_noise(
    issues, class_names=None, confidence=0.95, most=25, ax=None
):
    """Draws the share of flagged labels of each class, with its interval.

    A point for each given class, the worst first, in its interval (that of
    `issues.noise_table`), with the flagged labels and their number; a line
    at the share of all classes together. Small classes have wide intervals:
    compare those, not the points.

    Args:
        issues: The `LabelIssues` found.
        class_names: Names of the classes, in order. Defaults to their
            numbers.
        confidence: That of the intervals, in (0, 1). Defaults to `0.95`.
        most: How many classes are drawn at most, the worst. Defaults to `25`.
        ax: Matplotlib axes to draw on; a new figure if `None`.

    Returns:
        The axes; `save_figure` takes them. Classes without labels are left
        out.

    Raises:
        ValueError: If the names, `confidence` or `most` are not as
            described, or there are no labels.
        ImportError: If matplotlib is missing.

    Example:

    >>> from keras_robust.detect import LabelIssues
    >>> from keras_robust.report import plot_class_noise
    >>> quality = [0.1, 0.7, 0.9]
    >>> issues = LabelIssues(
    ...     [7, 8, 9], [False, True, False], quality, [0, 1, 1], [1, 1, 1],
    ...     [1, 1, 1], quality, score="mine", split="mine",
    ... )
    >>> ax = plot_class_noise(issues, ["cat", "dog"])
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['dog', 'cat']
    """
    table = issues.noise_table(confidence)
    names = style.names_of(class_names, len(table))
    most = checked_most(most)
    rows = sorted(
        (row for row in table if row["count"]),
        key=lambda row: (-row["share"], row["class"]),
    )
    if not rows:
        raise ValueError("There are no labels to draw. Received: N=0")
    said = f"points: flagged; bars: {100 * confidence:g} % interval"
    if len(rows) > most:
        said += f"; {most} of {len(rows)} classes, the worst"
        rows = rows[:most]
    if ax is None:
        ax = axes_or_new(None, 6.4, 0.28 * len(rows) + 1.3)
    share, low, high = (
        np.array([row[name] for row in rows])
        for name in ("share", "low", "high")
    )
    places = np.arange(len(rows))
    ax.errorbar(
        share,
        places,
        # Rounding may put an end of the interval beyond the point.
        xerr=np.maximum([share - low, high - share], 0.0),
        fmt="o",
        color=style.SUSPECTS.colour,
        ecolor=(style.SUSPECTS.colour, 0.6),
        elinewidth=3,
        markersize=5,
    )
    for place, row in zip(places, rows, strict=True):
        style.quieter(
            ax.annotate(
                f"{row['flagged']:,} of {row['count']:,}",
                (row["high"], place),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                fontsize="small",
            )
        )
    overall = issues.is_label_issue.mean()
    ax.axvline(overall, color=style.GREY, ls=":", lw=1.5, zorder=0)
    style.quieter(
        ax.annotate(
            f"all: {overall:.1%}",
            (overall, -0.6),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize="small",
        )
    )
    _dress(ax, [style.short(names[row["class"]]) for row in rows], high.max())
    style.caption(ax, said)
    return ax


def _dress(ax, names, end):
    from matplotlib.ticker import PercentFormatter

    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -1.1)
    # Room for the numbers behind the largest interval.
    ax.set_xlim(0, max(end * 1.22, 0.02))
    ax.xaxis.set_major_formatter(
        PercentFormatter(1.0, decimals=0 if end > 0.05 else 1)
    )
    ax.set_xlabel("flagged labels of the class")
    ax.tick_params(axis="y", length=0)
    style.dress(ax, grid="x")
    ax.spines["left"].set_visible(False)
