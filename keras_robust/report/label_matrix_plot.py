"""Which labels are given in the place of which."""

import numpy as np

from keras_robust.report import style
from keras_robust.report.figures import axes_or_new
from keras_robust.report.scatter import checked_most

# More cells than this have no room for numbers.
_NUMBERED = 15
# From this shade on white stands out more than black.
_DEEP = 0.93


def plot_label_matrix(issues, class_names=None, most=20, ax=None):
    """Draws how often which label is given, and which is suggested.

    Formula: the shade of a cell is its count over the largest count off the
    diagonal. The diagonal, labels that stay what they are, is only counted.

    Look for single dark cells: pairs of classes that are taken for each
    other (a rule of labelling that is not clear); a dark column is a class
    that the model prefers, and may be a mistake of the model.

    Args:
        issues: The `LabelIssues` found.
        class_names: Names of the classes, in order. Defaults to their
            numbers.
        most: How many classes are drawn at most: those of the
            most frequent pairs. Defaults to `20`.
        ax: Matplotlib axes to draw on; a new figure if `None`.

    Returns:
        The axes; `save_figure` takes them.

    Raises:
        ValueError: If the names or `most` are not as described.
        ImportError: If matplotlib is missing.

    Example:

    >>> from keras_robust.detect import LabelIssues
    >>> from keras_robust.report import plot_label_matrix
    >>> quality = [0.1, 0.7, 0.9]
    >>> issues = LabelIssues(
    ...     [7, 8, 9], [True, False, False], quality, [0, 1, 1], [1, 1, 1],
    ...     [1, 1, 1], quality, score="mine", split="mine",
    ... )
    >>> ax = plot_label_matrix(issues, ["cat", "dog"])
    >>> [text.get_text() for text in ax.texts]
    ['0', '1', '0', '2']
    """
    counts = issues.confusion()
    names = style.names_of(class_names, len(counts))
    most = checked_most(most)
    changed = counts * (1 - np.eye(len(counts), dtype=int))
    chosen = np.arange(len(counts))
    said = []
    if len(chosen) > most:
        chosen = _busiest(changed, most)
        kept = changed[np.ix_(chosen, chosen)].sum()
        said.append(
            f"{most} of {len(counts)} classes, {kept:,} of "
            f"{changed.sum():,} changes"
        )
    none = int((issues.suggested_label[issues.is_label_issue] < 0).sum())
    if none:
        said.append(f"{none:,} flagged labels have no suggestion")
    if len(chosen) > _NUMBERED and changed.any():
        said.append(f"strongest shade: {changed.max():,}")
    counts, changed = (m[np.ix_(chosen, chosen)] for m in (counts, changed))
    names = [style.short(names[i]) for i in chosen]
    if ax is None:
        side = float(np.clip(0.42 * len(chosen) + 2.2, 3.6, 8.0))
        ax = axes_or_new(None, side, side - 0.6)
    _draw(ax, counts, changed, names)
    if said:
        style.caption(ax, "; ".join(said))
    return ax


def _busiest(changed, most):
    """The classes of the most frequent pairs, in their order."""
    pairs = np.argsort(-changed, axis=None, kind="stable")
    # Given and suggested class by turns; each where it comes first.
    classes = np.stack(np.divmod(pairs, len(changed)), axis=1).reshape(-1)
    _, first = np.unique(classes, return_index=True)
    return np.sort(classes[np.sort(first)[:most]])


def _draw(ax, counts, changed, names):
    top = max(int(changed.max(initial=0)), 1)
    ax.imshow(changed / top, cmap=style.blue_shades(), vmin=0, vmax=1)
    size = len(names)
    ax.set_xticks(range(size), names)
    ax.set_yticks(range(size), names)
    if max(map(len, names)) > 2:
        ax.tick_params(axis="x", rotation=45)
        for text in ax.get_xticklabels():
            text.set(ha="right", rotation_mode="anchor")
    ax.set_xlabel("suggested label")
    ax.set_ylabel("given label")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    # Lines between the cells.
    ax.set_xticks(np.arange(size + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(size + 1) - 0.5, minor=True)
    ax.grid(which="minor", color=style.GREY, alpha=0.25, lw=0.6)
    ax.tick_params(which="minor", length=0)
    if size > _NUMBERED:
        return
    for row in range(size):
        for column in range(size):
            text = ax.text(
                column,
                row,
                f"{counts[row, column]:,}",
                ha="center",
                va="center",
                fontsize="small",
            )
            if row == column or not changed[row, column]:
                style.quieter(text)
            elif changed[row, column] > _DEEP * top:
                text.set_color("white")
