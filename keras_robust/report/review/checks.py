"""What a page is asked for, checked before any work is done."""

import numbers

import numpy as np

KINDS = ("image", "text", "tabular", "audio")


def check_kind(kind, sampling_rate):
    """Raises a `ValueError` unless samples of a kind can be shown.

    Args:
        kind: One of `KINDS`.
        sampling_rate: Needed by `"audio"`; of no use to others.
    """
    if kind not in KINDS:
        raise ValueError(
            f"`kind` must be one of {', '.join(KINDS)}. Received: kind={kind!r}"
        )
    if kind != "audio":
        return
    if sampling_rate is None:
        raise ValueError(
            'kind="audio" needs `sampling_rate`, such as 16_000. Received: '
            "sampling_rate=None"
        )
    check_integer("sampling_rate", sampling_rate, 1, 768_000)


def check_names(class_names):
    """Raises a `ValueError` unless these are names in an order."""
    if np.ndim(class_names) != 1:
        raise ValueError(
            "`class_names` must be a list in the order of the classes. "
            f"Received: class_names={class_names!r}"
        )


def check_integer(name, value, least, most):
    """Raises a `ValueError` unless it is an integer in `[least, most]`."""
    if (
        not isinstance(value, numbers.Integral)
        or isinstance(value, bool)
        or not least <= value <= most
    ):
        raise ValueError(
            f"`{name}` must be an integer in [{least}, {most}]. Received: "
            f"{name}={value!r}"
        )
