"""Schedules: values that follow the epoch or the step, for losses to take.

A schedule stands where a loss takes a number:
`PiecewiseZero(cutoff=schedules.Delayed(0.05, start_epoch=4))`. It is a value
like any other: saved with the loss, compared and printed. What epoch it is
the training step says (`keras_robust.callbacks.LossSchedules`), and `at_epoch`
outside of one.
"""

from keras_robust.losses.schedules.jumps import Delayed
from keras_robust.losses.schedules.jumps import Exponential
from keras_robust.losses.schedules.jumps import PiecewiseConstant
from keras_robust.losses.schedules.ramps import Cosine
from keras_robust.losses.schedules.ramps import Linear
from keras_robust.losses.schedules.schedule import Schedule
from keras_robust.losses.stage import at_epoch

__all__ = [
    "Cosine",
    "Delayed",
    "Exponential",
    "Linear",
    "PiecewiseConstant",
    "Schedule",
    "at_epoch",
]
