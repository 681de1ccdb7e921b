"""How good the labels are, all in one histogram, and where the split is."""

import numpy as np

from keras_robust.report import style
from keras_robust.report.figures import axes_or_new

_AXIS_LABELS = {
    "label_quality": "label quality (low is suspicious)",
    "evidence": 'evidence of the score "{}" (low is suspicious)',
}


def plot_quality(issues, of="label_quality", bins=40, ax=None):
    """Draws how the quality of all labels is spread, and the split.

    Look at it to judge a split: two hills with the split between them are
    what it looks for; one hill cut in two says that there is no such group,
    and that the flags are the tail of good labels.

    Args:
        issues: The `LabelIssues` found.
        of: `"label_quality"`, in [0, 1], or `"evidence"`, the score on its
            own scale, on which the groups are told apart. Defaults to
            `"label_quality"`.
        bins: Number of bars, at least 1. Defaults to `40`.
        ax: Matplotlib axes to draw on; a new figure if `None`.

    Returns:
        The axes; `save_figure` takes them. Labels that are flagged stand on
        those that are not. Samples without any record are left out.

    Raises:
        ValueError: If `of` or `bins` are not as described, or no sample has
            a record.
        ImportError: If matplotlib is missing.

    Example:

    >>> from keras_robust.detect import LabelIssues
    >>> from keras_robust.report import plot_quality
    >>> quality = [0.1, 0.7, 0.9]
    >>> issues = LabelIssues(
    ...     [7, 8, 9], [True, False, False], quality, [0, 1, 1], [1, 1, 1],
    ...     [1, 1, 1], quality, score="mine", split="mine",
    ... )
    >>> ax = plot_quality(issues)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['split "mine"', '2 not flagged', '1 flagged']
    """
    if of not in _AXIS_LABELS:
        raise ValueError(
            f"`of` must be one of {', '.join(_AXIS_LABELS)}. "
            f"Received: of={of!r}"
        )
    if not isinstance(bins, int | np.integer) or bins < 1:
        raise ValueError(
            f"`bins` must be an integer of at least 1. Received: bins={bins!r}"
        )
    recorded = np.isfinite(issues.evidence)
    if not recorded.any():
        raise ValueError(
            "No sample has a record, so there is no quality to draw. "
            f"Received: {len(issues)} samples"
        )
    values = getattr(issues, of)[recorded]
    flagged = issues.is_label_issue[recorded]
    ax = axes_or_new(ax)
    _bars(ax, values, flagged, (0, 1) if of == "label_quality" else None, bins)
    cut = _between(values[flagged], values[~flagged])
    if cut is not None:
        ax.axvline(
            cut,
            color=style.GREY,
            ls=":",
            lw=1.5,
            label=f'split "{style.short(issues.split)}"',
        )
    ax.set_xlabel(_AXIS_LABELS[of].format(style.short(issues.score)))
    ax.set_ylabel("labels")
    style.dress(ax)
    said = []
    if cut is None and flagged.any() and not flagged.all():
        said.append("the split is no single line: it goes by class, or by more")
    if not recorded.all():
        said.append(f"{(~recorded).sum():,} samples without a record left out")
    if said:
        style.caption(ax, "; ".join(said))
    style.legend(ax)
    return ax


def _bars(ax, values, flagged, limits, bins):
    edges = np.histogram_bin_edges(values, bins, limits)
    below = np.zeros(len(edges) - 1)
    for name, members, look in (
        ("not flagged", ~flagged, style.OTHERS),
        ("flagged", flagged, style.SUSPECTS),
    ):
        heights = np.histogram(values[members], edges)[0]
        ax.bar(
            edges[:-1],
            heights,
            np.diff(edges),
            below,
            align="edge",
            facecolor=(look.colour, 0.55),
            edgecolor=look.colour,
            hatch=look.hatch,
            lw=0.6,
            label=f"{members.sum():,} {name}",
        )
        below = below + heights
    ax.set_xlim(edges[0], edges[-1])


def _between(flagged, others):
    """The middle between both groups, `None` if one number parts them not."""
    if not flagged.size or not others.size or flagged.max() > others.min():
        return None
    return flagged.max() / 2 + others.min() / 2
