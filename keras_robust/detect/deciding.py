"""From a score to flags: the one place where a split is asked."""

import warnings

import numpy as np

from keras_robust.detect.scores import Score
from keras_robust.detect.splits import get_split


def decide(scores, score, split):
    """Asks a split which of the scored labels are wrong.

    Args:
        scores: The `Score` of all samples, with NaN as the evidence of those
            without a record.
        score: Its name, for the messages.
        split: The name of the split.

    Returns:
        The mask `(N,)`, False without a record, and the evidence without
        infinities, float64 `(N,)`.

    Raises:
        ValueError: if the split is unknown, or does not return a mask.

    Warns:
        UserWarning: if samples have no record.
    """
    split_function = get_split(split)
    recorded = ~np.isnan(scores.evidence)
    if not recorded.all():
        warnings.warn(
            f"{int((~recorded).sum())} of {recorded.size} samples have no "
            f'record to score by "{score}": they were never seen, or the '
            "training diverged. They are not flagged and have quality 1.",
            stacklevel=3,
        )
    # Infinities would make every mean and variance useless.
    limit = np.finfo(np.float32).max
    evidence = np.clip(scores.evidence, -limit, limit)
    mask = np.asarray(
        split_function(Score(scores.quality[recorded], evidence[recorded]))
    )
    if mask.shape != (int(recorded.sum()),) or mask.dtype != bool:
        raise ValueError(
            f'The split "{split}" must return a boolean mask of shape '
            f"({int(recorded.sum())},). Received: shape={mask.shape}, "
            f"dtype={mask.dtype}"
        )
    flagged = np.zeros(recorded.shape, bool)
    flagged[recorded] = mask
    return flagged, evidence
