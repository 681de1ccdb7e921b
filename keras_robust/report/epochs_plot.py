"""How many epochs it takes until wrong labels show."""

import warnings

import numpy as np

from keras_robust.detect import find_label_issues
from keras_robust.report import style
from keras_robust.report.figures import axes_or_new
from keras_robust.report.groups import as_mask
from keras_robust.report.groups import as_pair
from keras_robust.report.groups import draw_band
from keras_robust.report.scatter import checked_most

# What `evaluate` gives, and what the plot calls it.
_MEASURES = (
    ("auroc", "AUROC of the order", style.BLUE, "-"),
    ("average_precision", "average precision", style.VERMILLION, "--"),
    ("f1", "F1 of the flags", style.GREEN, "-."),
)


def plot_quality_by_epoch(
    trajectories,
    suspects=None,
    score="auto",
    split="auto",
    quantiles=(0.1, 0.9),
    names=("other samples", "suspects"),
    most=20,
    ax=None,
):
    """Draws the label quality as it would be after each epoch.

    At every epoch the score reads all epochs until then. For suspects and
    for the rest a line at the median and a band between two quantiles.

    Look at it to see when a training has told enough: where the bands have
    parted; and whether it went on too long: where they come together again,
    because wrong labels were learnt by heart.

    Args:
        trajectories: `Trajectories` of N samples, with the signals that the
            score reads.
        suspects: A boolean mask `(N,)`, or the `LabelIssues` found; `None`
            for those that are found by all epochs.
        score: As of `find_label_issues`. Defaults to `"auto"`.
        split: As of `find_label_issues`. Defaults to `"auto"`.
        quantiles: Lower and upper end of the band, in [0, 1]. Defaults to
            `(0.1, 0.9)`.
        names: What the legend calls the rest and the suspects.
        most: At how many epochs the quality is worked out at most, evenly
            spread, with the last one. Defaults to `20`.
        ax: Matplotlib axes to draw on; a new figure if `None`.

    Returns:
        The axes; `save_figure` takes them.

    Raises:
        ValueError: If an argument is not as described, a name is unknown or
            a signal was not recorded.
        ImportError: If matplotlib is missing.

    Example:

    >>> from keras_robust.report import plot_quality_by_epoch
    >>> from keras_robust.trajectories import Trajectories
    >>> t = Trajectories(
    ...     ids=[0, 1, 2, 3], epochs=[1, 2], given_label=[0, 1, 1, 0],
    ...     signals={"margin": [[1, 1.5, 0, 1.2], [3, 3.5, -4, 3.2]]},
    ...     num_classes=2,
    ... )
    >>> ax = plot_quality_by_epoch(t, score="aum", split="gmm")
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['3 other samples', '1 suspects']
    """
    pair = as_pair(quantiles)
    most = checked_most(most)
    if suspects is not None:
        suspects = as_mask(suspects, trajectories.ids)
    epochs, found = _after_each(trajectories, score, split, most)
    mask = found[-1].is_label_issue if suspects is None else suspects
    # Samples not seen until then have no quality yet.
    quality = np.stack(
        [
            np.where(np.isnan(each.evidence), np.nan, each.label_quality)
            for each in found
        ]
    )
    ax = axes_or_new(ax)
    for name, members, look in (
        (names[0], ~mask, style.OTHERS),
        (names[1], mask, style.SUSPECTS),
    ):
        if members.any():
            label = f"{members.sum():,} {style.plain(name)}"
            draw_band(ax, epochs, quality[:, members], look, label, pair)
    style.epochs_on_x(ax, epochs)
    ax.set_ylim(-0.02, 1.02)
    ax.set_ylabel(f'label quality by "{style.short(score)}", epochs so far')
    style.dress(ax)
    style.caption(
        ax,
        f"line: median; band: {100 * pair[0]:g} to {100 * pair[1]:g} % of "
        "samples",
    )
    style.legend(ax)
    return ax


def plot_detection_by_epoch(
    trajectories, true_labels, score="auto", split="auto", most=20, ax=None
):
    """Draws how well wrong labels are found after each epoch.

    Where the truth is known: AUROC, average precision and F1 of what
    `find_label_issues` says of all epochs until then. For choosing how long
    to train on rehearsed noise, see `noise`.

    Args:
        trajectories: `Trajectories` of N samples, with the signals that the
            score reads.
        true_labels: Integer class numbers, shape `(N,)`.
        score: As of `find_label_issues`. Defaults to `"auto"`.
        split: As of `find_label_issues`. Defaults to `"auto"`.
        most: At how many epochs at most. Defaults to `20`.
        ax: Matplotlib axes to draw on; a new figure if `None`.

    Returns:
        The axes; `save_figure` takes them.

    Raises:
        ValueError: If an argument is not as described, a name is unknown or
            a signal was not recorded.
        ImportError: If matplotlib is missing.

    Example:

    >>> from keras_robust.report import plot_detection_by_epoch
    >>> from keras_robust.trajectories import Trajectories
    >>> t = Trajectories(
    ...     ids=[0, 1, 2, 3], epochs=[1, 2], given_label=[0, 1, 1, 0],
    ...     signals={"margin": [[1, 1.5, 0, 1.2], [3, 3.5, -4, 3.2]]},
    ...     num_classes=2,
    ... )
    >>> ax = plot_detection_by_epoch(t, [0, 1, 0, 0], score="aum", split="gmm")
    >>> ax.get_legend().get_texts()[0].get_text()
    'AUROC of the order, 1.000 at the end'
    """
    most = checked_most(most)
    epochs, found = _after_each(trajectories, score, split, most)
    measured = [each.evaluate(true_labels) for each in found]
    ax = axes_or_new(ax)
    for name, label, colour, dashes in _MEASURES:
        ax.plot(
            epochs,
            [each[name] for each in measured],
            dashes,
            color=colour,
            lw=2,
            marker="o" if len(epochs) < 3 else None,
            label=f"{label}, {measured[-1][name]:.3f} at the end",
        )
    style.epochs_on_x(ax, epochs)
    ax.set_ylim(0, 1.02)
    ax.set_ylabel("by the epochs so far")
    style.dress(ax)
    style.caption(
        ax, f'score "{style.short(score)}", split "{found[-1].split}"'
    )
    style.legend(ax, loc="lower right")
    return ax


def _after_each(trajectories, score, split, most):
    """The epochs looked at, and the `LabelIssues` of all until each."""
    count = min(most, trajectories.num_epochs)
    last = trajectories.num_epochs - 1
    at = np.linspace(last if count == 1 else 0, last, count).round().astype(int)
    found = []
    for stop in at:
        with warnings.catch_warnings():
            if stop < last:
                # That few epochs say little is what the plot shows.
                warnings.simplefilter("ignore")
            part = trajectories.select(epochs=trajectories.epochs[: stop + 1])
            found.append(find_label_issues(part, score=score, split=split))
    return trajectories.epochs[at], found
