"""KerasTuner, where it is used and not before."""

import importlib.util

import keras

_INSTALL = "pip install 'keras-robust[tune]'"


def imported():
    """Returns the module `keras_tuner`, or says what to install."""
    try:
        import keras_tuner
    except ImportError as error:
        raise ImportError(
            f"Tuning needs KerasTuner. Install it with: {_INSTALL}"
        ) from error
    if keras.backend.backend() == "tensorflow" and not _has("tensorboard"):
        raise ImportError(
            "On the TensorFlow backend KerasTuner imports TensorBoard in "
            "every trial, and does not ask for it. Install it with: pip "
            f"install tensorboard (or {_INSTALL})"
        )
    return keras_tuner


def fatal(message):
    """An error that ends a search; of others KerasTuner makes failed trials."""
    return imported().errors.FatalValueError(message)


def based_on(cls, name):
    """The class `cls` as one of KerasTuner's, which are there only now.

    Args:
        cls: A class, not derived from KerasTuner's.
        name: That of the class of KerasTuner to derive from.
    """
    if cls not in _MADE:
        base = getattr(imported(), name)
        of_both = {"__doc__": cls.__doc__, "__module__": cls.__module__}
        _MADE[cls] = type(cls.__name__, (cls, base), of_both)
    return _MADE[cls]


_MADE = {}


def _has(package):
    return importlib.util.find_spec(package) is not None
