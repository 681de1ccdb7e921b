"""Making and saving figures; neither pyplot nor a backend is touched."""

from pathlib import Path

from keras_robust.report.style import needed
from keras_robust.trajectories.replacing import replacing


def new_figure(width, height):
    """Returns an empty figure that belongs to no window.

    Args:
        width: In inches.
        height: In inches.

    Raises:
        ImportError: If matplotlib is missing; says what to install.
    """
    needed()
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def axes_or_new(ax, width=6.4, height=4.0):
    """Returns the axes given, or those of a new figure for `None`."""
    return new_figure(width, height).subplots() if ax is None else ax


def save_figure(figure, path, dpi=150):
    """Writes a figure to a file, in one piece or not at all.

    The file is written beside its target and then put in its place, so a
    crash never leaves half a picture. The suffix of the path says what is
    written: png, pdf, svg or whatever else matplotlib knows.

    Args:
        figure: A matplotlib figure, or axes of the figure to save.
        path: The file to write; png if it has no suffix. A file already
            there is replaced.
        dpi: Dots per inch. Defaults to `150`.

    Returns:
        The path written, a `pathlib.Path`.

    Raises:
        ValueError: If `figure` is no figure, or matplotlib does not know the
            suffix.
        OSError: If the file cannot be written.

    Example:

    >>> import os
    >>> import tempfile
    >>> from matplotlib.figure import Figure
    >>> from keras_robust.report import save_figure
    >>> path = os.path.join(tempfile.mkdtemp(), "empty.png")
    >>> save_figure(Figure(), path).name
    'empty.png'
    """
    figure = getattr(figure, "figure", figure)
    if not hasattr(figure, "savefig"):
        raise ValueError(
            "`figure` must be a matplotlib figure or axes. "
            f"Received: figure={figure!r}"
        )
    path = Path(path)
    known = figure.canvas.get_supported_filetypes()
    kind = path.suffix[1:].lower() or "png"
    if kind not in known:
        raise ValueError(
            "The suffix of `path` must be one of "
            f"{', '.join(sorted(known))}. Received: path={str(path)!r}"
        )
    with replacing(str(path), "figure") as beside:
        with open(beside, "xb") as file:
            figure.savefig(file, format=kind, dpi=dpi)
    return path
