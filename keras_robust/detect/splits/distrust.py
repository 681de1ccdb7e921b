"""When flags and their number are not to be trusted."""

import numpy as np

# Among fewer labels no share is known well enough.
_FEW = 200
# A class of which nearly all is flagged has no right labels to compare with.
_NOTHING_RIGHT = 0.9
_ENOUGH = 10


def reasons_of(flagged, given_label):
    """Reasons that the flags themselves give, as sentences without a stop.

    Args:
        flagged: The mask `(N,)`.
        given_label: Class numbers `(N,)`.
    """
    reasons = []
    if flagged.size < _FEW:
        reasons.append(f"there are {flagged.size} labels, fewer than {_FEW}")
    counts = np.bincount(given_label)
    shares = np.bincount(given_label, flagged) / np.maximum(counts, 1)
    nothing = (shares > _NOTHING_RIGHT) & (counts >= _ENOUGH)
    for label in np.flatnonzero(nothing)[:3]:
        reasons.append(
            f"{shares[label]:.0%} of the labels {label} are flagged: with "
            "hardly one right label there is nothing to compare with"
        )
    return reasons
