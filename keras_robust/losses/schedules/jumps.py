"""Schedules that jump from value to value."""

import math

from keras_robust.losses import arguments
from keras_robust.losses.schedules.schedule import Monotone
from keras_robust.losses.schedules.schedule import Schedule
from keras_robust.losses.schedules.schedule import one_of
from keras_robust.losses.schedules.schedule import register
from keras_robust.losses.schedules.schedule import time_of


@register
class Delayed(Monotone):
    """One value, and from some epoch on another.

    Formula: `before` at epochs below `start_epoch`, then `value`.

    For losses that need a start: with `before=0.0`, the default,
    `PiecewiseZero(cutoff=...)` and `Blurry(gamma=...)` are cross-entropy until
    then, the papers' delay.

    Args:
        value: The number from `start_epoch` on.
        start_epoch: The first epoch of `value`, at least 0.
        before: The number until then. Defaults to `0.0`.
        start_step: The first step, in place of `start_epoch`.

    Raises:
        ValueError: For a bad number, or not exactly one start.

    Example:

    >>> from keras_robust.losses import schedules
    >>> [schedules.Delayed(0.05, start_epoch=2)(epoch=e) for e in range(4)]
    [0.0, 0.0, 0.05, 0.05]

    Reference: the delay of Pellegrino et al., arXiv 2511.16512, 2025.
    """

    def __init__(self, value, start_epoch=None, before=0.0, start_step=None):
        self.last = arguments.number("value", value)
        self.first = arguments.number("before", before)
        self.unit, self._start = one_of("start", start_epoch, start_step)

    def value(self, time, xp):
        return xp.where(time < self._start, self.first, self.last)

    def get_config(self):
        return {
            "value": self.last,
            f"start_{self.unit}": self._start,
            "before": self.first,
        }


@register
class Exponential(Monotone):
    """A value multiplied by a factor, again and again.

    Formula: `first * factor^floor(epoch / every)`, constant from `end_epoch`
    on.

    Args:
        first: The value at the start.
        factor: Above 0.
        end_epoch: From where on it is constant.
        every: Epochs (or steps) between two factors, at least 1. Defaults to
            `1`.
        end_step: The end in steps.

    Raises:
        ValueError: For a bad number.

    Example:

    >>> from keras_robust.losses import schedules
    >>> rise = schedules.Exponential(4.0, 2.0, end_epoch=10, every=5)
    >>> [rise(epoch=e) for e in (0, 4, 5, 10, 99)]
    [4.0, 4.0, 8.0, 16.0, 16.0]

    Reference: the growing penalty of Zhou et al., ICCV 2021.
    """

    def __init__(self, first, factor, end_epoch=None, every=1, end_step=None):
        self.first = arguments.number("first", first)
        self.factor = arguments.number("factor", factor, above=0)
        self.every = arguments.integer("every", every, at_least=1)
        self.unit, self._end = one_of("end", end_epoch, end_step)
        try:
            last = self.first * self.factor ** (self._end // self.every)
        except OverflowError:
            last = math.inf
        self.last = arguments.number("the last value", last)

    def value(self, time, xp):
        # The half: rounding never takes a whole number below itself.
        times = xp.floor((xp.minimum(time, self._end) + 0.5) / self.every)
        return self.first * self.factor**times

    def get_config(self):
        return {
            "first": self.first,
            "factor": self.factor,
            f"end_{self.unit}": self._end,
            "every": self.every,
        }


@register
class PiecewiseConstant(Schedule):
    """One value after another.

    Formula: `values[i]` with `i` the number of `epochs` that have begun.

    Args:
        values: One number more than `epochs`.
        epochs: The epochs from which on the next value holds, rising.
        steps: The same in steps.

    Raises:
        ValueError: For a bad number, epochs that do not rise, or lengths that
            do not fit.

    Example:

    >>> from keras_robust.losses import schedules
    >>> cut = schedules.PiecewiseConstant([0.0, 0.1, 0.2], epochs=[1, 3])
    >>> [cut(epoch=e) for e in range(4)]
    [0.0, 0.1, 0.1, 0.2]
    """

    def __init__(self, values, epochs=None, steps=None):
        self.values = [arguments.number("values", v) for v in values]
        at = [] if epochs is None and steps is None else (epochs or steps or [])
        self.unit = "epoch" if steps is None else "step"
        name = f"{self.unit}s"
        self._at = [time_of(name, time) for time in at]
        pairs = zip(self._at, self._at[1:], strict=False)
        rising = all(a < b for a, b in pairs)
        both = epochs is not None and steps is not None
        if both or not rising or len(self.values) != len(self._at) + 1:
            raise ValueError(
                "`values` must be one longer than `epochs` (or `steps`, not "
                "both), which must rise. Received: "
                f"values={values}, epochs={epochs}, steps={steps}"
            )
        self.first, self.last = self.values[0], self.values[-1]

    def bounds(self):
        return min(self.values), max(self.values)

    def value(self, time, xp):
        value = self.first
        for start, then in zip(self._at, self.values[1:], strict=True):
            value = xp.where(time < start, value, then)
        return value

    def get_config(self):
        return {"values": self.values, f"{self.unit}s": self._at}
