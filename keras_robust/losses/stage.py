"""The point where a loss can be told to be cross-entropy for a while.

A loss may not hold the epoch itself: a variable inside a loss is silently
stale on JAX. Whoever runs the training step puts a boolean scalar of that
step here, and every robust loss evaluated inside the block reads it.
"""

from contextlib import contextmanager
from contextvars import ContextVar

_CROSS_ENTROPY = ContextVar("keras_robust_cross_entropy", default=None)


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
