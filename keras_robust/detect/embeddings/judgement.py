"""What a detector says of every label, its suggestion included."""

import typing

import numpy as np


class Judgement(typing.NamedTuple):
    """A `Score` that also says which label would be right.

    Args:
        quality: float64 in [0, 1], shape `(N,)`, low = suspicious. Below 1/2
            the detector itself calls the label wrong.
        evidence: float64, shape `(N,)`: the same order on a finer scale.
        predicted_label: int64, shape `(N,)`, the class that the detector
            would give; -1 where it cannot tell.
        suggested_label: int64, shape `(N,)`, the best class besides the given
            one; -1 where there is none.
        suggestion_confidence: float64 in [0, 1], shape `(N,)`, how surely
            that class is right.
    """

    quality: np.ndarray
    evidence: np.ndarray
    predicted_label: np.ndarray
    suggested_label: np.ndarray
    suggestion_confidence: np.ndarray
