"""How suspects and the rest learn, epoch by epoch."""

import numpy as np

from keras_robust.report.figures import BLUE
from keras_robust.report.figures import GREY
from keras_robust.report.figures import VERMILLION
from keras_robust.report.figures import new_figure

_AXIS_LABELS = {
    "cross_entropy": "cross-entropy of the given label (nats)",
    "margin": "margin of the given label (nats)",
    "correct": "share predicted as given",
}


def plot_trajectories(
    trajectories,
    suspects,
    signal="cross_entropy",
    ax=None,
    quantiles=(0.1, 0.9),
    names=("other samples", "suspects"),
):
    """Draws how a signal runs for suspects and for the rest.

    For each group a line for its median and a band between two quantiles of
    its samples; for the 0/1 signal `"correct"` the mean, without a band.

    Look at it to judge a split: bands that part and stay apart say that the
    suspects are learnt differently; bands on top of each other say that
    nothing was found.

    Args:
        trajectories: `Trajectories` of N samples.
        suspects: A boolean mask `(N,)`, or the `LabelIssues` found.
        signal: Which recorded signal. Defaults to `"cross_entropy"`.
        ax: Matplotlib axes to draw on; a new figure if `None`.
        quantiles: Lower and upper end of the band, in [0, 1]. Defaults to
            `(0.1, 0.9)`.
        names: What the legend calls the rest and the suspects.

    Returns:
        The axes; `save_figure` takes them.

    Raises:
        ValueError: If the mask does not fit, the signal was not recorded or
            holds class numbers, or the quantiles are no ordered pair.
        ImportError: If matplotlib is missing.

    Example:

    >>> from keras_robust.report import plot_trajectories
    >>> from keras_robust.trajectories import Trajectories
    >>> t = Trajectories(
    ...     ids=[0, 1, 2],
    ...     epochs=[1, 2],
    ...     signals={"cross_entropy": [[2.2, 2.3, 2.4], [0.3, 0.5, 3.9]]},
    ...     given_label=[0, 1, 1],
    ...     num_classes=2,
    ... )
    >>> ax = plot_trajectories(t, suspects=[False, False, True])
    >>> ax.get_ylabel()
    'cross-entropy of the given label (nats)'
    """
    mask = _as_mask(suspects, len(trajectories))
    low, high = _as_pair(quantiles)
    if signal == "predicted":
        raise ValueError(
            "Class numbers have no median; plot another signal. "
            f"Received: signal={signal!r}"
        )
    values, epochs = trajectories.signal(signal), trajectories.epochs
    averaged = signal == "correct"
    if ax is None:
        ax = new_figure(6.4, 4.0).subplots()
    groups = (
        (names[0], ~mask, BLUE, "-"),
        (names[1], mask, VERMILLION, "--"),
    )
    for name, members, colour, dashes in groups:
        if not members.any():
            continue
        own = values[:, members]
        line = _over_samples(own, np.mean if averaged else np.median)
        ax.plot(
            epochs,
            line,
            dashes,
            color=colour,
            lw=2,
            marker="o" if len(epochs) < 3 else None,
            label=f"{members.sum():,} {name}",
        )
        if not averaged:
            bottom = _over_samples(own, np.quantile, low)
            top = _over_samples(own, np.quantile, high)
            ax.fill_between(epochs, bottom, top, color=colour, alpha=0.18, lw=0)
    _dress(ax, epochs, signal)
    if not averaged:
        ax.set_title(
            f"line: median; band: {100 * low:g} to {100 * high:g} % of samples",
            loc="left",
            fontsize="small",
            color=GREY,
        )
    return ax


def _dress(ax, epochs, signal):
    from matplotlib.ticker import MaxNLocator

    ax.set_xlabel("epoch")
    ax.set_ylabel(_AXIS_LABELS.get(signal, signal))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if len(epochs) > 1:
        ax.set_xlim(epochs[0], epochs[-1])
    if signal == "correct":
        ax.set_ylim(0, 1)
    elif signal == "cross_entropy":
        ax.set_ylim(bottom=0)
    elif signal == "margin":
        ax.axhline(0, color=GREY, lw=0.8, zorder=0)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color=GREY, alpha=0.2, lw=0.6)
    ax.legend(frameon=False)


def _over_samples(values, statistic, *args):
    """A statistic of the samples seen in each epoch, NaN if none was."""
    result = np.full(len(values), np.nan)
    for epoch, row in enumerate(values):
        seen = row[~np.isnan(row)]
        if seen.size:
            result[epoch] = statistic(seen, *args)
    return result


def _as_mask(suspects, size):
    mask = np.asarray(getattr(suspects, "is_label_issue", suspects))
    if mask.dtype != bool or mask.shape != (size,):
        raise ValueError(
            "`suspects` must be a boolean mask with one entry per sample, "
            f"shape ({size},), or the LabelIssues of the same samples. "
            f"Received: dtype {mask.dtype}, shape {mask.shape}"
        )
    return mask


def _as_pair(quantiles):
    pair = tuple(quantiles)
    if len(pair) != 2 or not 0 <= pair[0] < pair[1] <= 1:
        raise ValueError(
            "`quantiles` must be two numbers in [0, 1], the lower first. "
            f"Received: quantiles={quantiles!r}"
        )
    return pair
