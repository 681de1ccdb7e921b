"""The data map of a training run, drawn."""

import numpy as np

from keras_robust.detect import data_map
from keras_robust.detect.scores.reading import opened
from keras_robust.report import style
from keras_robust.report.figures import axes_or_new
from keras_robust.report.groups import as_mask
from keras_robust.report.scatter import checked_most
from keras_robust.report.scatter import draw_points
from keras_robust.report.scatter import note


def plot_data_map(
    trajectories,
    suspects=None,
    ax=None,
    names=("other samples", "suspects"),
    most=20_000,
):
    """Draws how sure the model was of each label, and how changeable.

    Each sample lies at the standard deviation (to the right) and the mean
    (upwards) of its label's probability over the epochs, see
    `detect.data_map`. Wrong labels lie at the bottom left, where the model
    refused them from the first epoch to the last, and at the right if it
    learnt them by heart at the end.

    Args:
        trajectories: As of `detect.data_map`, with the signals
            `"cross_entropy"` and `"correct"`.
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
    >>> from keras_robust.report import plot_data_map
    >>> from keras_robust.trajectories import Trajectories
    >>> p = np.array([[0.8, 0.1], [0.6, 0.3]])
    >>> t = Trajectories(
    ...     ids=[10, 11], epochs=[0, 1], given_label=[0, 1], num_classes=2,
    ...     signals={"cross_entropy": -np.log(p), "correct": p > 0.5},
    ... )
    >>> ax = plot_data_map(t, suspects=[False, True])
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('variability', 'confidence')

    Reference:
        Swayamdipta et al., "Dataset Cartography: Mapping and Diagnosing
        Datasets with Training Dynamics", EMNLP 2020, figure 1.
    """
    trajectories = opened(trajectories)
    mask = suspects
    if suspects is not None:
        mask = as_mask(suspects, trajectories.ids)
    most = checked_most(most)
    found = data_map(trajectories)
    ax = axes_or_new(ax, 6.4, 4.8)
    said = draw_points(
        ax, found["variability"], found["confidence"], mask, names, most
    )
    # No sample can lie beyond: std <= sqrt(mean (1 - mean)).
    confidence = np.linspace(0.0, 1.0, 101)
    ax.plot(
        np.sqrt(confidence * (1.0 - confidence)),
        confidence,
        color=style.GREY,
        lw=0.8,
    )
    note(ax, 0.04, 1.015, "easy to learn", va="center")
    note(ax, 0.49, 0.5, "ambiguous", ha="right", va="center")
    note(ax, 0.04, -0.015, "hard to learn", va="center")
    ax.set_xlim(-0.01, 0.52)
    ax.set_ylim(-0.05, 1.05)
    ax.set_xlabel("variability")
    ax.set_ylabel("confidence")
    style.dress(ax, grid="both")
    if said:
        style.caption(ax, said)
    style.legend(ax, loc="upper right", markerscale=1.6)
    return ax
