"""Samples as points: suspects and the rest on one plane."""

import numpy as np

from keras_robust.report import style


def draw_points(ax, x, y, mask, names, most):
    """Draws a point for each sample, the suspects on top.

    Args:
        ax: The axes.
        x, y: `(N,)`; a sample with NaN is left out.
        mask: bool `(N,)`, the suspects; `None` where none are known.
        names: What the legend calls the rest and the suspects.
        most: How many points of a group are drawn at most, drawn at random.

    Returns:
        What the caption should say of samples that are not drawn, or `""`.
    """
    known = np.isfinite(x) & np.isfinite(y)
    groups = [(names[0], known if mask is None else known & ~mask)]
    looks = [style.OTHERS]
    if mask is not None:
        groups.append((names[1], known & mask))
        looks.append(style.SUSPECTS)
    said = []
    for (name, members), look in zip(groups, looks, strict=True):
        positions = np.flatnonzero(members)
        if not positions.size:
            continue
        label = f"{positions.size:,} {style.plain(name)}"
        if positions.size > most:
            said.append(f"{most:,} of {label} drawn")
            # The same ones in every call.
            draw = np.random.default_rng(0)
            positions = draw.choice(positions, most, replace=False)
        # Few points large and solid, many small and faint.
        size = float(np.clip(9000.0 / positions.size, 4.0, 30.0))
        crosses = look.marker == "x"
        ax.scatter(
            x[positions],
            y[positions],
            size * (1.3 if crosses else 1.0),
            color=look.colour,
            marker=look.marker,
            alpha=0.8 if positions.size < 2000 else 0.35,
            linewidths=1.0 if crosses else 0.0,
            rasterized=positions.size > 2000,
            label=label,
        )
    if not known.all():
        said.append(f"{(~known).sum():,} samples without a record left out")
    return "; ".join(said)


def note(ax, x, y, text, **where):
    """A quiet word in the plot, readable over points."""
    style.quieter(
        ax.text(
            x,
            y,
            text,
            fontsize="small",
            fontstyle="italic",
            bbox={
                "boxstyle": "round,pad=0.2",
                "facecolor": ax.get_facecolor(),
                "edgecolor": "none",
                "alpha": 0.7,
            },
            **where,
        )
    )


def checked_most(most):
    """Returns `most`, or raises a `ValueError`."""
    if not isinstance(most, int | np.integer) or most < 1:
        raise ValueError(
            f"`most` must be an integer of at least 1. Received: most={most!r}"
        )
    return int(most)
