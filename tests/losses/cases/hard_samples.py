"""Losses that back off from hard samples."""

import numpy as np

from keras_robust import losses
from tests.losses.cases.case import Case

CASES = (
    Case(
        "blurry",
        losses.Blurry,
        lambda p: -(p**0.5) * np.log(p),
        slope=lambda p: -(p**-0.5),
        held=lambda p, p_held: -(p_held**0.5) * np.log(p),
        other={"gamma": 0.3, "stop_gradient": False},
        bad={"gamma": ("at least 0", [-0.1])},
        alias="bl",
    ),
    Case(
        "blurry_attached",
        lambda **o: losses.Blurry(stop_gradient=False, **o),
        lambda p: -(p**0.5) * np.log(p),
        slope=lambda p: -(p**-0.5) * (1 + 0.5 * np.log(p)),
    ),
    Case(
        "piecewise_zero",
        losses.PiecewiseZero,
        lambda p: np.where(p >= 0.05, -np.log(p), 0),
        other={"cutoff": 0.3},
        bad={"cutoff": ("at least 0 and below 1", [-0.1, 1, 5])},
        alias="pz",
        gives_up=True,
    ),
)
