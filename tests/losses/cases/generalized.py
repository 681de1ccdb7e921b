"""Generalised cross-entropy and its kin."""

from keras_robust import losses
from tests.losses.cases.case import Case

CASES = (
    Case(
        "gce",
        losses.GeneralizedCrossEntropy,
        lambda p: (1 - p**0.7) / 0.7,
        slope=lambda p: -(p**-0.3),
        other={"q": 0.4},
        bad={"q": ("above 0 and at most 1", [0, -1, 1.001])},
        alias="gce",
    ),
    Case(
        "gce_linear",
        lambda **o: losses.GeneralizedCrossEntropy(q=1, **o),
        lambda p: 1 - p,
        slope=lambda p: -1 + 0 * p,
    ),
)
