"""The asymmetric losses of Zhou et al."""

import numpy as np

from keras_robust import losses
from tests.losses.cases.case import Case

CASES = (
    Case(
        "agce",
        losses.AsymmetricGCE,
        lambda p: (2**2 - (1 + p) ** 2) / 2,
        slope=lambda p: -(1 + p),
        other={"a": 2.5, "q": 0.4},
        bad={"a": ("above 0", [0, -1]), "q": ("above 0", [0, -1])},
        alias="agce",
        clipped=False,
    ),
    Case(
        "agce_q3",
        lambda **o: losses.AsymmetricGCE(a=1, q=3, **o),
        lambda p: (2**3 - (1 + p) ** 3) / 3,
        slope=lambda p: -((1 + p) ** 2),
        clipped=False,
    ),
    Case(
        "agce_small_a",
        lambda **o: losses.AsymmetricGCE(a=1e-5, q=0.5, **o),
        lambda p: 2 * (1.00001**0.5 - (1e-5 + p) ** 0.5),
        slope=lambda p: -((1e-5 + p) ** -0.5),
        clipped=False,
    ),
    Case(
        "aul",
        losses.AsymmetricUnhinged,
        lambda p: ((1.5 - p) ** 0.9 - 0.5**0.9) / 0.9,
        slope=lambda p: -((1.5 - p) ** -0.1),
        other={"a": 2.5, "q": 0.4},
        bad={"a": ("above 1", [1, 0.5, -2]), "q": ("above 0", [0, -0.1])},
        alias="aul",
        clipped=False,
    ),
    Case(
        "aul_cifar",
        lambda **o: losses.AsymmetricUnhinged(a=5.5, q=3, **o),
        lambda p: ((5.5 - p) ** 3 - 4.5**3) / 3,
        slope=lambda p: -((5.5 - p) ** 2),
        clipped=False,
    ),
    Case(
        "ael",
        losses.AsymmetricExponential,
        lambda p: np.exp(-p / 3),
        slope=lambda p: -np.exp(-p / 3) / 3,
        other={"a": 2.5},
        bad={"a": ("above 0", [0, -3])},
        alias="ael",
        clipped=False,
    ),
)
