"""What is given as an array, checked in words of its own."""

import numpy as np

from keras_robust.noise.masked import refuse_masked


def as_array(name, values, kinds, what):
    """Returns `values` as an array without copying one, or raises.

    Args:
        name: The name of the argument.
        values: What was given.
        kinds: NumPy's kinds of dtypes that are taken.
        what: What it must be, for the message.

    Raises:
        ValueError: If it has no shape, or not such a dtype.
    """
    refuse_masked(f"`{name}`", values)
    try:
        array = np.asarray(values)
    # What a framework's tensor or a nested list raises is its own affair.
    except Exception as error:
        raise ValueError(
            f"`{name}` must be {what}. Received: {type(values).__name__} that "
            f"is no array: {error}"
        ) from error
    # An empty list has no dtype of its own.
    if array.dtype.kind not in kinds and array.size:
        raise ValueError(
            f"`{name}` must be {what}. Received: dtype={array.dtype}, "
            f"shape={array.shape}"
        )
    return array


def check_all(good, name, values, message):
    """Raises `message` with the first value that is not good.

    Args:
        good: bool, of the shape of `values`.
        name: The name of the argument.
        values: The array.
        message: What must hold, a sentence without its full stop.
    """
    if not good.all():
        at = np.unravel_index(int(np.argmin(good)), good.shape)
        place = ", ".join(str(int(i)) for i in at)
        raise ValueError(
            f"{message}. Received: {name}[{place}]={values[at]} "
            f"({int(good.size - np.count_nonzero(good))} such values)"
        )
