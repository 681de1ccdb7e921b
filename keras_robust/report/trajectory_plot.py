"""How suspects and the rest learn, epoch by epoch."""

from keras_robust.report import style
from keras_robust.report.figures import axes_or_new
from keras_robust.report.groups import as_mask
from keras_robust.report.groups import as_pair
from keras_robust.report.groups import draw_band

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
    mask = as_mask(suspects, trajectories.ids)
    pair = as_pair(quantiles)
    if signal == "predicted":
        raise ValueError(
            "Class numbers have no median; plot another signal. "
            f"Received: signal={signal!r}"
        )
    values, epochs = trajectories.signal(signal), trajectories.epochs
    averaged = signal == "correct"
    ax = axes_or_new(ax)
    groups = (
        (names[0], ~mask, style.OTHERS),
        (names[1], mask, style.SUSPECTS),
    )
    for name, members, look in groups:
        if members.any():
            label = f"{members.sum():,} {style.plain(name)}"
            band = None if averaged else pair
            draw_band(ax, epochs, values[:, members], look, label, band)
    _dress(ax, epochs, signal)
    if not averaged:
        low, high = pair
        style.caption(
            ax,
            f"line: median; band: {100 * low:g} to {100 * high:g} % of samples",
        )
    return ax


def _dress(ax, epochs, signal):
    style.epochs_on_x(ax, epochs)
    ax.set_ylabel(_AXIS_LABELS.get(signal, style.plain(signal)))
    if signal == "correct":
        ax.set_ylim(0, 1)
    elif signal == "cross_entropy":
        ax.set_ylim(bottom=0)
    elif signal == "margin":
        ax.axhline(0, color=style.GREY, lw=0.8, zorder=0)
    style.dress(ax)
    style.legend(ax)
