"""One look for every plot: on paper, on a dark screen, without colour."""

import contextlib
import typing

import numpy as np

# Told apart by colour-blind eyes too (Okabe and Ito), and against white and
# against black alike (3:1 and more). What tells two groups apart is never
# colour alone.
BLUE = "#0072B2"
VERMILLION = "#D55E00"
GREEN = "#009E73"
GREY = "#767676"
# Colours and dashes for one line after the other.
LINES = (
    (BLUE, "-"),
    (VERMILLION, "--"),
    (GREEN, "-."),
    ("#CC79A7", ":"),
    ("#E69F00", "-"),
    ("#56B4E9", "--"),
)

_DARK = "#121212"
_LIGHT = "#e8e8e8"


class Look(typing.NamedTuple):
    """How a group of samples is drawn."""

    colour: str
    dashes: str
    marker: str
    hatch: str | None = None


OTHERS = Look(BLUE, "-", "o")
SUSPECTS = Look(VERMILLION, "--", "x", "////")


@contextlib.contextmanager
def dark_style():
    """A block in which plots are drawn for a dark screen.

    Outside of it they take the colours of matplotlib's settings, black on
    white by default; a style of your own, such as matplotlib's
    `"dark_background"`, is followed too.

    Raises:
        ImportError: If matplotlib is missing; says what to install.

    Example:

    >>> from keras_robust.report import dark_style, new_figure
    >>> with dark_style():
    ...     figure = new_figure(4, 3)
    >>> figure.get_facecolor()[:3] < (0.1, 0.1, 0.1)
    True
    """
    matplotlib = needed()
    ink = dict.fromkeys(
        (
            "text.color",
            "axes.edgecolor",
            "axes.labelcolor",
            "xtick.color",
            "ytick.color",
        ),
        _LIGHT,
    )
    paper = dict.fromkeys(
        ("figure.facecolor", "axes.facecolor", "savefig.facecolor"), _DARK
    )
    with matplotlib.rc_context({**ink, **paper}):
        yield


def needed():
    """Imports matplotlib, or says how to get it."""
    try:
        import matplotlib.figure
    except ImportError as error:
        raise ImportError(
            "Plots need matplotlib. Install it with: "
            "pip install 'keras-robust[report]'"
        ) from error
    return matplotlib


def quieter(text):
    """Steps a text back from the others, on any ground."""
    text.set_alpha(0.7)
    return text


def caption(ax, text):
    """Says in a line above the plot what is drawn."""
    quieter(ax.set_title(text, loc="left", fontsize="small"))


def dress(ax, grid="y"):
    """Takes off what carries nothing, and draws a light grid."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.set_axisbelow(True)
    ax.grid(axis=grid, color=GREY, alpha=0.25, lw=0.6)


def epochs_on_x(ax, epochs):
    """Dresses the axis of epochs: whole numbers, no margins."""
    from matplotlib.ticker import MaxNLocator

    ax.set_xlabel("epoch")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    if len(epochs) > 1:
        ax.set_xlim(epochs[0], epochs[-1])


def legend(ax, **where):
    """A legend without a box that still covers what is behind it."""
    found = ax.legend(framealpha=0.8, edgecolor="none", **where)
    # A legend stands on the ground of its own figure.
    found.get_frame().set_facecolor(ax.get_facecolor())
    return found


def blue_shades():
    """A colour map from nothing to blue, which lies on any ground."""
    needed()
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.colors import to_rgb

    rgb = to_rgb(BLUE)
    return LinearSegmentedColormap.from_list(
        "blue_shades", [(*rgb, 0.0), (*rgb, 1.0)]
    )


def names_of(class_names, size):
    """Returns a name for each of `size` classes, their numbers for `None`.

    Raises:
        ValueError: If there are other than `size` names, or they are no list.
    """
    if class_names is None:
        return [str(number) for number in range(size)]
    if isinstance(class_names, str | dict) or np.ndim(class_names) != 1:
        raise ValueError(
            "`class_names` must be a list in the order of the classes. "
            f"Received: class_names={class_names!r}"
        )
    names = [str(name) for name in class_names]
    if len(names) < size:
        raise ValueError(
            f"`class_names` must name all {size} classes. "
            f"Received: class_names={class_names!r}"
        )
    return names[:size]


def plain(text):
    """A text that matplotlib shows as it is: `$` begins no formula."""
    return str(text).replace("$", r"\$")


def short(text, most=24):
    """A text of at most `most` letters, shown as it is.

    Cut in the middle: long names tend to differ at their ends.
    """
    text = " ".join(str(text).split())
    if len(text) > most:
        end = (most - 1) // 2
        text = f"{text[: most - 1 - end]}…{text[-end:]}"
    return plain(text)
