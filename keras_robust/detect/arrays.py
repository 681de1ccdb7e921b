"""What is given by hand, as an array."""

import numpy as np

from keras_robust.noise.masked import refuse_masked


def as_array(name, values):
    """Returns `values` as an array, or raises a `ValueError` that names them.

    Args:
        name: The name of the argument.
        values: What was given.
    """
    refuse_masked(f"`{name}`", values)
    try:
        return np.asarray(values)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"`{name}` must be one array. Received: {name} of type "
            f"{type(values).__name__}, of which NumPy makes none"
        ) from error
