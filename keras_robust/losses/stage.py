"""The point where a loss reads what epoch it is.

A loss may not hold the epoch itself: a variable inside a loss is silently
stale on JAX. Whoever runs the training step puts a clock of that step here,
and every robust loss evaluated inside the block reads it.
"""

from contextlib import contextmanager
from contextvars import ContextVar

_CROSS_ENTROPY = ContextVar("keras_robust_cross_entropy", default=None)
_CLIPPED_AT = ContextVar("keras_robust_clipped_at", default=None)
_CLOCK = ContextVar("keras_robust_clock", default=None)


@contextmanager
def cross_entropy_while(condition):
    """Robust losses called inside are cross-entropy where `condition` holds.

    Args:
        condition: Boolean scalar tensor, read inside the compiled step, so
            that a change of its value needs no new trace.
    """
    token = _CROSS_ENTROPY.set(condition)
    try:
        yield
    finally:
        _CROSS_ENTROPY.reset(token)


def cross_entropy_condition():
    """Returns the condition in force, or `None`."""
    return _CROSS_ENTROPY.get()


@contextmanager
def clip_gradients_at(threshold):
    """Losses called inside that clip gradients do so at this probability.

    Args:
        threshold: Scalar tensor, read inside the compiled step.
    """
    token = _CLIPPED_AT.set(threshold)
    try:
        yield
    finally:
        _CLIPPED_AT.reset(token)


def clipped_at():
    """Returns the threshold in force, or `None`."""
    return _CLIPPED_AT.get()


class Clock:
    """The epoch and the step of now.

    Args:
        epoch, step: Numbers, or float32 scalar tensors of the step that is
            being compiled; `None` where it is not known.
    """

    def __init__(self, epoch, step=None):
        self.epoch = epoch
        self.step = step


@contextmanager
def clock(now):
    """Robust losses called inside follow `now`, a `Clock`."""
    token = _CLOCK.set(now)
    try:
        yield
    finally:
        _CLOCK.reset(token)


def now():
    """Returns the `Clock` in force, or `None`."""
    return _CLOCK.get()


def at_epoch(epoch, step=None):
    """A context in which losses with a schedule are those of an epoch.

    For training loops that are not `fit`; in `fit` a callback does that. In a
    compiled function the numbers may be tensors, so that they can change.

    Args:
        epoch: The epoch, counted from 0.
        step: The step, counted from 0; for schedules in steps.

    Example:

    >>> import numpy as np
    >>> from keras_robust import losses
    >>> rise = losses.schedules.Linear(0.1, 0.9, end_epoch=8)
    >>> loss = losses.GeneralizedCrossEntropy(q=rise)
    >>> y, p = np.array([0]), np.array([[0.25, 0.75]])
    >>> with losses.schedules.at_epoch(4):
    ...     half = float(loss(y, p))
    >>> half == float(losses.GeneralizedCrossEntropy(q=0.5)(y, p))
    True
    """
    return clock(Clock(epoch, step))
