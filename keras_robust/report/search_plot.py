"""The accuracy of the trials of a search, by loss and by parameter."""

import numpy as np

from keras_robust.report import style
from keras_robust.report.figures import axes_or_new


def plot_search(search, parameter="loss", ax=None):
    """Draws the score of every trial of a search against a hyperparameter.

    A dot is a trial, the best one marked, and with a standard error of the
    score a line of its length to both sides. Against a choice, such as that
    of the loss, the choices stand beside each other, that of the best median
    first; trials without the hyperparameter are left out.

    Look at it to see whether the loss matters more than chance does, and
    whether the best value of a parameter lies at the end of its range.

    Args:
        search: A `tuning.SearchReport`, or its rows, whose largest score is
            the best then.
        parameter: The name of a hyperparameter, such as `"loss"` (default)
            or `"loss_agce_q"`.
        ax: Matplotlib axes to draw on; a new figure if `None`.

    Returns:
        The axes; `save_figure` takes them.

    Raises:
        ValueError: If no trial with a score has the hyperparameter.
        ImportError: If matplotlib is missing.

    Example:

    >>> from keras_robust.report import plot_search
    >>> rows = [
    ...     {"trial": "0", "score": 0.55, "loss": "agce", "loss_agce_q": 2.0},
    ...     {"trial": "1", "score": 0.52, "loss": "gce"},
    ... ]
    >>> ax = plot_search(rows)
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['agce', 'gce']
    """
    rows = getattr(search, "rows", search)
    label = getattr(search, "objective", "score")
    sign = -1 if getattr(search, "direction", "max") == "min" else 1
    ended = [row for row in rows if row.get("score") is not None]
    shown = [row for row in ended if row.get(parameter) is not None]
    if not shown:
        known = sorted({name for row in ended for name in row})
        raise ValueError(
            "No trial with a score has this hyperparameter. There are: "
            f"{', '.join(known) or 'none'}. Received: parameter={parameter!r}"
        )
    ax = axes_or_new(ax)
    score = np.array([row["score"] for row in shown])
    values = [row[parameter] for row in shown]
    names = None
    if any(isinstance(value, str | bool) for value in values):
        names = _by_median(values, sign * score)
        values = [names.index(str(value)) for value in values]
    error = [row.get(f"{label}_error") for row in shown]
    if None not in error:
        ax.errorbar(values, score, error, fmt="none", ecolor=style.GREY, lw=0.8)
    ax.plot(values, score, "o", color=style.BLUE, alpha=0.7, label="trials")
    first = int(np.argmax(sign * score))
    best = values[first], score[first]
    ax.plot(*best, "D", ms=9, color=style.VERMILLION, label="best")
    if names is not None:
        ax.set_xticks(range(len(names)), names)
        ax.set_xlim(-0.5, len(names) - 0.5)
    elif _spans_orders(values):
        ax.set_xscale("log")
    ax.set_xlabel(parameter)
    ax.set_ylabel(label)
    style.dress(ax)
    style.legend(ax)
    return ax


def _by_median(values, score):
    names = np.array([str(value) for value in values])
    medians = {name: np.median(score[names == name]) for name in set(names)}
    return sorted(map(str, medians), key=lambda name: (-medians[name], name))


def _spans_orders(values):
    return min(values) > 0 and max(values) / min(values) > 20
