"""The check of a number that must lie in a range."""

import math
import numbers


def number(name, value, least, most, ends="both"):
    """Returns `value` as a float, or raises a `ValueError`.

    Args:
        name: The name of the argument.
        value: What was given.
        least: Where the range begins.
        most: Where it ends.
        ends: Which ends belong to it: `"both"`, `"upper"` or `"none"`.
            Defaults to `"both"`.
    """
    fits = (
        isinstance(value, numbers.Real)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and least <= value <= most
        and (ends == "both" or value != least)
        and (ends != "none" or value != most)
    )
    if not fits:
        left = "[" if ends == "both" else "("
        right = ")" if ends == "none" else "]"
        raise ValueError(
            f"`{name}` must be a number in {left}{least:g}, {most:g}{right}. "
            f"Received: {name}={value!r}"
        )
    return float(value)
