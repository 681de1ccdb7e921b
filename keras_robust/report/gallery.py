"""A wall of images with the label they came with and the one they deserve."""

import math

import numpy as np

from keras_robust.report import pixels
from keras_robust.report import style
from keras_robust.report.figures import new_figure

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
        images: Shape `(N, H, W)`, `(N, H, W, C)` or `(N, C, H, W)`, with 1, 3
            or 4 channels; or a list of N images, `None` for a missing one.
            Integers are read as 0 to 255, floats as 0 to 1; other ranges, and
            integers all below 32, are stretched to that, over all images
            shown alike. NaN is black.
        given: Given labels, integers, shape `(N,)`.
        suggested: Suggested labels, integers, shape `(N,)`; -1 where there is
            none.
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
    size = pixels.count(images)
    given = _as_labels("given", given, size, class_names)
    suggested = _as_labels("suggested", suggested, size, class_names, least=-1)
    positions = _as_positions(positions, size)
    if not isinstance(columns, int | np.integer) or columns < 1:
        raise ValueError(
            "`columns` must be an integer of at least 1. "
            f"Received: columns={columns!r}"
        )
    columns = min(columns, len(positions))
    rows = math.ceil(len(positions) / columns)
    captions = _captions(given[positions], suggested[positions], class_names)
    shown = pixels.pictures(images, positions)
    if figure is None:
        figure = _fitting_figure(rows, columns, shown, captions)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax, picture, text, position in zip(
        axes, shown, captions, positions, strict=False
    ):
        _draw(ax, picture)
        changed = suggested[position] not in (-1, given[position])
        title = ax.set_title(text, fontsize="small", pad=3)
        if changed:
            title.set_color(style.VERMILLION)
        else:
            style.quieter(title)
    for ax in axes[len(positions) :]:
        ax.remove()
    return figure


def plot_worst(
    issues,
    images,
    k=20,
    class_names=None,
    per_class=False,
    columns=10,
    figure=None,
):
    """Draws the most suspicious images under given and suggested label.

    Args:
        issues: The `LabelIssues` found, of N samples.
        images: As of `plot_gallery`, in the order of `issues.ids`.
        k: How many, 1 to 200. Defaults to `20`.
        class_names: Names of the classes, in order. Defaults to their
            numbers.
        per_class: Whether to show k of every given class. Defaults to
            `False`.
        columns: Images in a row, at least 1. Defaults to `10`.
        figure: Matplotlib figure or subfigure to draw on; a new one if
            `None`.

    Returns:
        The figure; `save_figure` takes it.

    Raises:
        ValueError: If the number of images or an argument does not fit.
        ImportError: If matplotlib is missing.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import LabelIssues
    >>> from keras_robust.report import plot_worst
    >>> quality = [0.1, 0.7, 0.9]
    >>> issues = LabelIssues(
    ...     [7, 8, 9], [True, False, False], quality, [0, 1, 1], [1, 1, 1],
    ...     [1, 1, 1], quality, score="mine", split="mine",
    ... )
    >>> figure = plot_worst(issues, np.zeros((3, 8, 8)), k=1)
    >>> figure.axes[0].get_title()
    '0 → 1'
    """
    size = pixels.count(images)
    if size != len(issues):
        raise ValueError(
            "There must be an image for each sample of `issues`, None for a "
            f"missing one. Received: {size} images, {len(issues)} samples"
        )
    return plot_gallery(
        images,
        issues.given_label,
        issues.suggested_label,
        class_names=class_names,
        positions=issues.top(k, per_class=per_class),
        columns=columns,
        figure=figure,
    )


def _draw(ax, picture):
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    if picture is None:
        ax.set_aspect("equal")
        ax.patch.set_alpha(0)
        style.quieter(
            ax.text(
                0.5,
                0.5,
                "no image",
                ha="center",
                va="center",
                fontsize="small",
                transform=ax.transAxes,
            )
        )
        return
    ax.imshow(picture, cmap="gray", vmin=0, vmax=1)


def _captions(given, suggested, class_names):
    size = 1 + max(given.max(initial=0), suggested.max(initial=0))
    names = [style.short(n) for n in style.names_of(class_names, size)]
    return [
        f"{names[g]} → {names[s] if s >= 0 else '?'}"
        for g, s in zip(given, suggested, strict=True)
    ]


def _fitting_figure(rows, columns, shown, captions):
    # A cell is as wide as its caption, about 0.08 inch a letter.
    width = max(0.9, 0.08 * max(len(caption) for caption in captions))
    ratios = [p.shape[0] / p.shape[1] for p in shown if p is not None]
    # Cells fit the highest, but a very high image is made narrower.
    height = width * min(max(ratios, default=1.0), 3.0) + 0.24
    return new_figure(columns * width + 0.2, rows * height + 0.2)


def _as_labels(name, labels, size, class_names, least=0):
    labels = np.asarray(labels)
    if size == 0:
        raise ValueError("There is no image to draw. Received: N=0 images")
    if labels.shape != (size,) or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(
            f"`{name}` must hold one integer label per image, shape "
            f"({size},). Received: dtype {labels.dtype}, shape {labels.shape}"
        )
    if class_names is not None:
        style.names_of(class_names, 0)
    if labels.min() < least or (
        class_names is not None and labels.max() >= len(class_names)
    ):
        raise ValueError(
            f"`{name}` must be class numbers from {least}, and `class_names` "
            f"must name them all. Received: labels from {labels.min()} to "
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
