"""Cross-entropy and its smoothed forms."""

import numpy as np

from keras_robust import losses
from tests.losses.cases.case import Case


def smoothed(r):
    def formula(p):
        log_p = np.log(p)
        return -(1 - r) * log_p - r * log_p.mean(-1, keepdims=True)

    return formula


CASES = (
    Case(
        "cross_entropy",
        losses.CrossEntropy,
        lambda p: -np.log(p),
        slope=lambda p: -1 / p,
        other={"label_smoothing": 0.2},
        bad={"label_smoothing": ("below 1", [1, 2])},
        alias="ce",
    ),
    Case(
        "smoothed",
        lambda **o: losses.CrossEntropy(label_smoothing=0.1, **o),
        smoothed(0.1),
    ),
    Case(
        "negative",
        lambda **o: losses.CrossEntropy(label_smoothing=-0.5, **o),
        smoothed(-0.5),
        signed=True,
    ),
)
