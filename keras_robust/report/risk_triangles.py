"""A loss over all predictions for three classes, clean and under noise."""

import numpy as np

from keras_robust.report.figures import new_figure
from keras_robust.report.style import GREY
from keras_robust.report.style import VERMILLION
from keras_robust.theory import robustness_gap
from keras_robust.theory.evaluation import label_losses
from keras_robust.theory.weights import label_weights

_STEPS = 60
# Class 0 at the top.
_CORNERS = np.array([[0.5, np.sqrt(0.75)], [0.0, 0.0], [1.0, 0.0]])


def plot_risk_triangles(loss, noise, rate=None, label=0, axes=None):
    """Draws the mean loss of one class's samples over all predictions.

    Every point of a triangle is a prediction for three classes, its corners
    are being sure of one. On the left the labels are right, on the right they
    are as the noise makes them; a mark is where the mean loss is smallest. A
    loss that tolerates the noise has both marks in the same corner.

    Args:
        loss: A loss, as of `theory.noise_tolerance`.
        noise: A transition matrix `(3, 3)`, or `"symmetric"` or `"pair"`.
        rate: The share of wrong labels in [0, 1]; for a name only.
        label: The true class of the samples. Defaults to `0`.
        axes: Two matplotlib axes to draw on; a new figure if `None`.

    Returns:
        The two axes; `save_figure` takes either.

    Raises:
        ValueError: For a matrix of other than three classes, or as
            `theory.noise_tolerance`.
        ImportError: If matplotlib is missing.

    Example:

    >>> from keras_robust import losses
    >>> from keras_robust.report import plot_risk_triangles
    >>> left, right = plot_risk_triangles(losses.CrossEntropy(), "pair", 0.4)
    >>> left.get_title(), right.get_title()
    ('right labels', 'labels 0.6, 0.4, 0')
    """
    matrix = label_weights(noise, rate, 3 if isinstance(noise, str) else None)
    if len(matrix) != 3:
        raise ValueError(
            "A triangle has three corners: give noise of three classes. "
            f"Received: a matrix of {len(matrix)} classes"
        )
    if isinstance(label, bool) or label not in (0, 1, 2):
        raise ValueError(
            f"`label` must be 0, 1 or 2. Received: label={label!r}"
        )
    points = _predictions()
    losses = label_losses(loss, points)
    if axes is None:
        axes = new_figure(8.4, 3.9).subplots(1, 2)
    clean = np.eye(3)
    shares = ", ".join(f"{share:.3g}" for share in matrix[label])
    for ax, weights, title in (
        (axes[0], clean, "right labels"),
        (axes[1], matrix, f"labels {shares}"),
    ):
        best = robustness_gap(loss, weights).minimisers[label]
        held = weights[label] > 0
        risks = losses[:, held] @ weights[label][held]
        _draw(ax, points @ _CORNERS, risks, best @ _CORNERS)
        ax.set_title(title, pad=14)
    return axes


def _predictions():
    """A grid of the triangle, its border a hair inside: there is no 0."""
    first, second = np.meshgrid(np.arange(_STEPS + 1), np.arange(_STEPS + 1))
    inside = first + second <= _STEPS
    points = np.stack([first[inside], second[inside]], axis=1) / _STEPS
    points = np.column_stack([points, 1 - points.sum(axis=1)])
    return (np.clip(points, 0, 1) + 1e-3) / (1 + 3e-3)


def _draw(ax, where, risks, best):
    # Of an unbounded loss the corners would take all the colours.
    top = min(risks.max(), np.quantile(risks, 0.95) * 1.1)
    levels = np.linspace(risks.min(), max(top, risks.min() + 1e-9), 15)
    drawn = ax.tricontourf(
        *where.T, risks, levels=levels, cmap="cividis", extend="max"
    )
    ax.figure.colorbar(drawn, ax=ax, shrink=0.8, format="%.2f")
    outline = np.vstack([_CORNERS, _CORNERS[:1]])
    ax.plot(*outline.T, color=GREY, lw=1.2)
    ax.plot(
        *best[:, None],
        "o",
        ms=11,
        mfc=VERMILLION,
        mec="white",
        mew=1.5,
        clip_on=False,
        zorder=3,
    )
    for number, corner in enumerate(_CORNERS):
        away = (corner - _CORNERS.mean(axis=0)) * 0.17
        ax.text(*(corner + away), str(number), ha="center", va="center")
    ax.set_aspect("equal")
    ax.margins(0.12)
    ax.axis("off")
