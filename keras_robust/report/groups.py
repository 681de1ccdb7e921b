"""Groups of samples over the epochs: their masks, lines and bands."""

import numpy as np


def as_mask(suspects, ids):
    """Which samples are suspect, from a mask or the `LabelIssues`.

    Args:
        suspects: bool `(N,)`, or the `LabelIssues` of the same samples in
            the same order.
        ids: Those of the samples, `(N,)`.

    Returns:
        bool `(N,)`.

    Raises:
        ValueError: If it is not one boolean a sample, or of others.
    """
    size = len(ids)
    mask = np.asarray(getattr(suspects, "is_label_issue", suspects))
    if mask.dtype != bool or mask.shape != (size,):
        raise ValueError(
            "`suspects` must be a boolean mask with one entry per sample, "
            f"shape ({size},), or the LabelIssues of the same samples. "
            f"Received: dtype {mask.dtype}, shape {mask.shape}"
        )
    own = getattr(suspects, "ids", None)
    if own is not None and not np.array_equal(own, ids):
        raise ValueError(
            "`suspects` must be of the same samples in the same order; "
            "`trajectories.select(ids=issues.ids)` puts them so. Received: "
            "LabelIssues of other ids, or in another order"
        )
    return mask


def as_pair(quantiles):
    """Returns a lower and an upper quantile, or raises a `ValueError`."""
    pair = tuple(quantiles)
    if len(pair) != 2 or not 0 <= pair[0] < pair[1] <= 1:
        raise ValueError(
            "`quantiles` must be two numbers in [0, 1], the lower first. "
            f"Received: quantiles={quantiles!r}"
        )
    return pair


def draw_band(ax, epochs, values, look, label, quantiles):
    """Draws the median of a group over the epochs, and a band around it.

    Args:
        ax: The axes.
        epochs: `(E,)`.
        values: Those of the group, `(E, M)`; NaN where not seen.
        look: Its `Look`.
        label: What the legend calls it.
        quantiles: Both ends of the band, or `None` for the mean without one.
    """
    middle = np.mean if quantiles is None else np.median
    ax.plot(
        epochs,
        _over_samples(values, middle),
        look.dashes,
        color=look.colour,
        lw=2,
        marker=look.marker if len(epochs) < 3 else None,
        label=label,
    )
    if quantiles is None:
        return
    bottom, top = (_over_samples(values, np.quantile, q) for q in quantiles)
    ax.fill_between(
        epochs,
        bottom,
        top,
        facecolor=(look.colour, 0.18),
        # Where two bands overlap, their edges still show which is which.
        edgecolor=(look.colour, 0.6),
        linestyle=look.dashes,
        lw=0.7,
    )


def _over_samples(values, statistic, *args):
    """A statistic of the samples seen in each epoch, NaN if none was."""
    result = np.full(len(values), np.nan)
    for epoch, row in enumerate(values):
        seen = row[~np.isnan(row)]
        if seen.size:
            result[epoch] = statistic(seen, *args)
    return result
