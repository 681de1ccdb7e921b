"""Hard or wrong: what the model said instead of a label."""

import numpy as np

from keras_robust.detect.scores.reading import opened
from keras_robust.detect.statistics.means import mean_of_seen
from keras_robust.report import style
from keras_robust.report.figures import axes_or_new
from keras_robust.report.groups import as_mask
from keras_robust.report.scatter import checked_most
from keras_robust.report.scatter import draw_points
from keras_robust.report.scatter import note


def plot_hard_or_wrong(
    trajectories,
    suspects=None,
    ax=None,
    names=("other samples", "suspects"),
    most=20_000,
):
    """Draws whether the model rejected a label, or was at a loss.

    Formula: with `p_e` the probability of the given label in epoch `e` and
    `q_e` the largest one of another class, each sample lies at
    `(mean_e p_e, mean_e q_e)`.

    A low quality alone does not tell a wrong label from a hard sample. Here
    they part: at the top left the model was sure of another class, so the
    label is probably wrong; at the bottom left it was sure of none, so the
    sample is hard, and its label may well be right; along the diagonal it
    was torn between two classes. With two classes all samples lie on one
    line, and there is nothing to tell apart.

    Args:
        trajectories: `Trajectories` of N samples with the signals
            `"cross_entropy"` and `"margin"`, or their path.
        suspects: A boolean mask `(N,)`, or the `LabelIssues` found; `None`
            for all samples alike.
        ax: Matplotlib axes to draw on; a new figure if `None`.
        names: What the legend calls the rest and the suspects.
        most: How many points of each group are drawn at most, a random draw
            that is the same every time. Defaults to `20_000`.

    Returns:
        The axes; `save_figure` takes them.

    Raises:
        ValueError: If the mask does not fit or a signal was not recorded.
        ImportError: If matplotlib is missing.

    Example:

    >>> import numpy as np
    >>> from keras_robust.report import plot_hard_or_wrong
    >>> from keras_robust.trajectories import Trajectories
    >>> given, other = np.array([[0.1, 0.3]]), np.array([[0.9, 0.4]])
    >>> t = Trajectories(
    ...     ids=["wrong", "hard"], epochs=[0], given_label=[0, 1],
    ...     num_classes=3, signals={
    ...         "cross_entropy": -np.log(given),
    ...         "margin": np.log(given) - np.log(other),
    ...     },
    ... )
    >>> ax = plot_hard_or_wrong(t)
    >>> ax.collections[0].get_offsets().round(2).tolist()
    [[0.1, 0.9], [0.3, 0.4]]
    """
    trajectories = opened(trajectories)
    mask = suspects
    if suspects is not None:
        mask = as_mask(suspects, trajectories.ids)
    most = checked_most(most)
    given, other = np.empty((2, len(trajectories)))
    for start, part in trajectories.blocks(("cross_entropy", "margin")):
        at = slice(start, start + len(part))
        given[at], other[at] = _probabilities(part)
    ax = axes_or_new(ax, 6.4, 4.8)
    said = draw_points(ax, given, other, mask, names, most)
    # The probabilities sum to 1; both are the same on the diagonal.
    ax.plot([0, 1], [1, 0], color=style.GREY, lw=0.8)
    ax.plot([0, 0.5], [0, 0.5], color=style.GREY, lw=0.8, ls=":")
    note(ax, 0.07, 1.0, "sure of another class: wrong?", va="center")
    note(ax, 0.02, -0.015, "sure of none: hard", va="center")
    note(ax, 0.99, -0.015, "learnt", ha="right", va="center")
    note(ax, 0.5, 0.53, "torn between two", ha="left", va="bottom")
    ax.set_xlim(-0.02, 1.02)
    ax.set_ylim(-0.05, 1.05)
    ax.set_xlabel("mean probability of the given label")
    ax.set_ylabel("mean probability of the best other class")
    style.dress(ax, grid="both")
    if said:
        style.caption(ax, said)
    style.legend(ax, loc="upper right", markerscale=1.6)
    return ax


def _probabilities(part):
    """The means of the given label's and of the best other's probability."""
    loss = np.maximum(part.signal("cross_entropy"), 0.0)
    log_given = -loss.astype(np.float64, order="C")
    log_other = log_given - part.signal("margin")
    return (
        mean_of_seen(np.exp(log_given)),
        # Rounding aside, no more than what the given label leaves.
        mean_of_seen(np.minimum(np.exp(np.minimum(log_other, 0.0)), 1.0)),
    )
