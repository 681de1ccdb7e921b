"""The function beside every loss class."""

import inspect

from keras_robust.losses.base import register

# What the functions leave out of their class's arguments.
_ONLY_CLASS = ("reduction", "name", "dtype")


def twin(cls):
    """Returns the function beside a loss class: values, nothing reduced.

    It has the class's arguments and defaults, after `y_true` and `y_pred`.
    """
    taken = inspect.signature(cls).parameters
    kept = [p for name, p in taken.items() if name not in _ONLY_CLASS]
    any_kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    signature = inspect.Signature(
        [inspect.Parameter(k, any_kind) for k in ("y_true", "y_pred")] + kept
    )

    def function(*args, **kwargs):
        given = signature.bind(*args, **kwargs).arguments
        y_true, y_pred = given.pop("y_true"), given.pop("y_pred")
        return cls(**given).call(y_true, y_pred)

    summary, _, rest = inspect.getdoc(cls).partition("\n\n")
    formula = rest.partition("\n\n")[0]
    function.__name__ = function.__qualname__ = taken["name"].default
    function.__module__ = cls.__module__
    function.__signature__ = signature
    function.__doc__ = (
        f"{summary.splitlines()[0]}\n\n{formula}\n\n"
        f"The function beside `{cls.__name__}`, which says what the arguments "
        "are.\n\nReturns:\n    Values per sample, a tensor of the shape of "
        "`y_pred` without `axis`."
    )
    return register(function)
