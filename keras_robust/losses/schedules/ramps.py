"""Schedules that go from one value to another."""

import math

from keras_robust.losses import arguments
from keras_robust.losses.schedules.schedule import Monotone
from keras_robust.losses.schedules.schedule import one_of
from keras_robust.losses.schedules.schedule import register
from keras_robust.losses.schedules.schedule import time_of


class _Ramp(Monotone):
    def __init__(
        self,
        first,
        last,
        end_epoch=None,
        start_epoch=0,
        end_step=None,
        start_step=0,
    ):
        self.first = arguments.number("first", first)
        self.last = arguments.number("last", last)
        self.unit, self._end = one_of("end", end_epoch, end_step)
        start = start_epoch if self.unit == "epoch" else start_step
        other = start_step if self.unit == "epoch" else start_epoch
        self._start = time_of(f"start_{self.unit}", start)
        if other or self._start >= self._end:
            raise ValueError(
                "A schedule starts before it ends, both in epochs or both in "
                f"steps. Received: start_epoch={start_epoch}, "
                f"end_epoch={end_epoch}, start_step={start_step}, "
                f"end_step={end_step}"
            )

    def _share(self, time, xp):
        """How much of the way is done, 0 to 1."""
        done = (time - self._start) / (self._end - self._start)
        return xp.clip(done, 0.0, 1.0)

    def get_config(self):
        return {
            "first": self.first,
            "last": self.last,
            f"end_{self.unit}": self._end,
            f"start_{self.unit}": self._start,
        }


@register
class Linear(_Ramp):
    """From one value to another, in a straight line.

    Formula: `first + (last - first) s` with
    `s = (epoch - start_epoch) / (end_epoch - start_epoch)`, from 0 to 1.

    Args:
        first: The value until `start_epoch`.
        last: The value from `end_epoch` on.
        end_epoch: Where it ends.
        start_epoch: Where it starts, at least 0. Defaults to `0`.
        end_step, start_step: The same in steps.

    Raises:
        ValueError: For a bad number, or an end not after the start.

    Example:

    >>> from keras_robust.losses import schedules
    >>> [schedules.Linear(1.0, 3.0, end_epoch=2)(epoch=e) for e in range(4)]
    [1.0, 2.0, 3.0, 3.0]
    """

    def value(self, time, xp):
        # So that both ends are met exactly.
        share = self._share(time, xp)
        return (1.0 - share) * self.first + share * self.last


@register
class Cosine(_Ramp):
    """From one value to another, slow at both ends.

    Formula: `first + (last - first) (1 - cos(pi s)) / 2`, `s` as of `Linear`.

    Args:
        first: The value until `start_epoch`.
        last: The value from `end_epoch` on.
        end_epoch: Where it ends.
        start_epoch: Where it starts, at least 0. Defaults to `0`.
        end_step, start_step: The same in steps.

    Raises:
        ValueError: For a bad number, or an end not after the start.

    Example:

    >>> from keras_robust.losses import schedules
    >>> [schedules.Cosine(0.0, 1.0, end_epoch=2)(epoch=e) for e in range(3)]
    [0.0, 0.5, 1.0]

    Reference: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with
    Warm Restarts", ICLR 2017.
    """

    def value(self, time, xp):
        share = (1.0 - xp.cos(math.pi * self._share(time, xp))) / 2.0
        return (1.0 - share) * self.first + share * self.last
