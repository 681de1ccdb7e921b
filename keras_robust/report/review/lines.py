"""How each suspect was learnt, as a line of a few letters."""

import os
import string

import numpy as np

from keras_robust.trajectories import Trajectories

# A height is one of 64 letters; what was not recorded is a dot.
LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
_GAP = "."
# Points of a line, and samples that the band is made of.
_POINTS = 120
_OTHERS = 2_000


def lines_of(trajectories, issues, positions):
    """Lines of the suspects, and the band in which the others run.

    Args:
        trajectories: `Trajectories`, or the path of what it loads.
        issues: `LabelIssues`.
        positions: The suspects.

    Returns:
        dict for the page: the name and the range of what is drawn, the first
        and the last epoch, a line for each suspect, and three for the
        others: a tenth, the half and nine tenths of them are below.

    Raises:
        ValueError: if a sample was not recorded, or no signal is of use.
    """
    others = np.flatnonzero(~issues.is_label_issue)
    others = np.setdiff1d(others, positions)
    if others.size > _OTHERS:
        others = others[np.linspace(0, others.size - 1, _OTHERS).astype(int)]
    ids = issues.ids[np.concatenate([positions, others])]
    if isinstance(trajectories, str | os.PathLike):
        recorded = Trajectories.load(trajectories, ids=ids)
    elif isinstance(trajectories, Trajectories):
        recorded = trajectories.select(ids=ids)
    else:
        raise ValueError(
            "`trajectories` must be a Trajectories, or the path of what "
            f"`Trajectories.load` reads. Received: {trajectories!r}"
        )
    name, values = _drawn(recorded)
    epochs, values = _thinned(recorded.epochs, values)
    own, rest = values[:, : positions.size], values[:, positions.size :]
    low, high = _range(name, values)
    letters = np.array(list(LETTERS + _GAP))
    band = _quantiles(rest) if rest.size else []
    return {
        "name": name,
        "range": [low, high],
        "recorded": recorded.num_epochs,
        "epochs": [int(epochs[0]), int(epochs[-1])],
        "cards": _as_letters(own.T, low, high, letters),
        "band": _as_letters(np.array(band), low, high, letters),
    }


def _drawn(recorded):
    """The name of what is drawn, and its values `(E, N)`."""
    signals = recorded.signals
    if "cross_entropy" in signals:
        # What a person can read, and of one range for all.
        values = np.exp(-np.maximum(signals["cross_entropy"], 0))
        return "probability of the given label", values
    if "confidence" in signals:
        return "probability of the given label", signals["confidence"]
    usable = [name for name in signals if name != "predicted"]
    if not usable:
        raise ValueError(
            "The trajectories hold nothing that can be drawn as a line; "
            'record "cross_entropy", "margin" or another signal. Received: '
            f"signals {', '.join(signals)}"
        )
    name = "margin" if "margin" in usable else usable[0]
    shown = "margin of the given label" if name == "margin" else name
    return shown, signals[name]


def _range(name, values):
    if name.startswith("probability"):
        return 0.0, 1.0
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    # A few that are far away must not flatten all others.
    low, high = np.quantile(finite, [0.01, 0.99]).tolist()
    if low == high:
        low, high = low - 0.5, high + 0.5
    return float(f"{low:.4g}"), float(f"{high:.4g}")


def _thinned(epochs, values):
    """At most so many points, evenly spread, the last one among them."""
    if len(epochs) > _POINTS:
        kept = np.linspace(0, len(epochs) - 1, _POINTS).round().astype(int)
        epochs, values = epochs[kept], values[kept]
    return epochs, np.asarray(values, np.float64)


def _quantiles(values):
    rows = np.full((3, len(values)), np.nan)
    for epoch, row in enumerate(values):
        seen = row[np.isfinite(row)]
        if seen.size:
            rows[:, epoch] = np.quantile(seen, [0.1, 0.5, 0.9])
    return rows


def _as_letters(rows, low, high, letters):
    if not rows.size:
        return []
    share = np.clip((rows - low) / (high - low), 0, 1) * 63
    height = np.where(np.isnan(share), 64, np.nan_to_num(share).round())
    return ["".join(line) for line in letters[height.astype(int)]]
