"""A wall of images with the label they came with and the one they deserve."""

import math

import numpy as np

from keras_robust.report.figures import GREY
from keras_robust.report.figures import VERMILLION
from keras_robust.report.figures import new_figure
from keras_robust.report.shades import as_shades
from keras_robust.report.shades import shade_range

_MOST = 200


def plot_gallery(
    images,
    given,
    suggested,
    class_names=None,
    positions=None,
    columns=10,
    figure=None,
):
    """Draws images under their given and suggested label.

    Show the worst images first, so that a look tells whether the flagged
    labels are wrong: `positions=issues.top(20)`.

    Args:
        images: Shape `(N, H, W)`, `(N, H, W, 1)`, `(N, H, W, 3)` or
            `(N, H, W, 4)`. Integers are read as 0 to 255, floats as 0 to 1;
            other ranges, and integers all below 32, are stretched to that,
            over all images shown alike.
        given: Given labels, integers, shape `(N,)`.
        suggested: Suggested labels, integers, shape `(N,)`.
        class_names: Names of the classes, in order. Defaults to their
            numbers.
        positions: Which images to show, in this order. Defaults to all, of
            which there may be 200.
        columns: Images in a row, at least 1. Defaults to `10`.
        figure: Matplotlib figure or subfigure to draw on; a new one if
            `None`.

    Returns:
        The figure; `save_figure` takes it.

    Raises:
        ValueError: If shapes, labels, names or positions do not fit.
        ImportError: If matplotlib is missing.

    Example:

    >>> import numpy as np
    >>> from keras_robust.report import plot_gallery
    >>> images = np.random.default_rng(0).random((4, 8, 8))
    >>> figure = plot_gallery(
    ...     images,
    ...     given=[0, 1, 1, 0],
    ...     suggested=[1, 1, 0, 0],
    ...     class_names=["cat", "dog"],
    ...     positions=[2, 0],
    ... )
    >>> [ax.get_title() for ax in figure.axes]
    ['dog → cat', 'cat → dog']
    """
    images = np.asarray(images)
    shape = images.shape
    if images.ndim not in (3, 4) or (
        images.ndim == 4 and shape[3] not in (1, 3, 4)
    ):
        raise ValueError(
            "`images` must have shape (N, H, W), (N, H, W, 1), (N, H, W, 3) "
            f"or (N, H, W, 4). Received: images.shape={shape}"
        )
    given = _as_labels("given", given, len(images), class_names)
    suggested = _as_labels("suggested", suggested, len(images), class_names)
    positions = _as_positions(positions, len(images))
    if not isinstance(columns, int | np.integer) or columns < 1:
        raise ValueError(
            "`columns` must be an integer of at least 1. "
            f"Received: columns={columns!r}"
        )
    columns = min(columns, len(positions))
    rows = math.ceil(len(positions) / columns)
    names = str if class_names is None else list(class_names).__getitem__
    captions = [f"{names(given[i])} → {names(suggested[i])}" for i in positions]
    if figure is None:
        figure = _fitting_figure(rows, columns, shape, captions)
    shown = images[positions]
    if shown.ndim == 4 and shape[3] == 1:
        shown = shown[..., 0]
    shown = as_shades(shown, shade_range([shown]))
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax, picture, caption, position in zip(
        axes, shown, captions, positions, strict=False
    ):
        changed = given[position] != suggested[position]
        ax.imshow(picture, cmap="gray", vmin=0, vmax=1)
        ax.set_title(
            caption,
            fontsize="small",
            color=VERMILLION if changed else GREY,
            pad=3,
        )
        ax.set_xticks([])
        ax.set_yticks([])
        ax.spines[:].set_visible(False)
    for ax in axes[len(positions) :]:
        ax.remove()
    return figure


def _fitting_figure(rows, columns, shape, captions):
    # A cell is as wide as its caption, about 0.08 inch a letter.
    width = max(0.9, 0.08 * max(len(caption) for caption in captions))
    height = width * shape[1] / shape[2] + 0.24
    return new_figure(columns * width + 0.2, rows * height + 0.2)


def _as_labels(name, labels, size, class_names):
    if isinstance(class_names, dict):
        raise ValueError(
            "`class_names` must be a list in the order of the classes. "
            f"Received: class_names={class_names!r}"
        )
    labels = np.asarray(labels)
    if size == 0:
        raise ValueError("There is no image to draw. Received: N=0 images")
    if labels.shape != (size,) or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(
            f"`{name}` must hold one integer label per image, shape "
            f"({size},). Received: dtype {labels.dtype}, shape {labels.shape}"
        )
    if labels.min() < 0 or (
        class_names is not None and labels.max() >= len(class_names)
    ):
        raise ValueError(
            f"`{name}` must be class numbers from 0, and `class_names` must "
            f"name them all. Received: labels from {labels.min()} to "
            f"{labels.max()}, class_names={class_names!r}"
        )
    return labels


def _as_positions(positions, size):
    if positions is None:
        positions = np.arange(size)
    positions = np.asarray(positions)
    if positions.ndim != 1 or not np.issubdtype(positions.dtype, np.integer):
        raise ValueError(
            "`positions` must be a list of integers. "
            f"Received: positions={positions!r}"
        )
    if not 1 <= positions.size <= _MOST:
        raise ValueError(
            f"A gallery shows 1 to {_MOST} images; choose some, for example "
            f"`positions=issues.top(20)`. Received: {positions.size} images"
        )
    if positions.min() < 0 or positions.max() >= size:
        raise ValueError(
            f"`positions` must be from 0 to {size - 1}. Received: from "
            f"{positions.min()} to {positions.max()}"
        )
    return positions
