"""Losses and their gradients against the given label's probability."""

import numpy as np

from keras_robust.report.figures import new_figure
from keras_robust.report.style import GREY
from keras_robust.report.style import LINES
from keras_robust.theory import fitting_profile
from keras_robust.theory.evaluation import check_loss
from keras_robust.theory.evaluation import label_losses

# From here on: at 0 some losses are infinite.
_LOWEST = 0.005
_POINTS = 200


def plot_loss_curves(losses, num_classes=10, ax=None):
    """Draws several losses against the probability of the given label.

    Each less its value at 1, and over its largest shown, because a constant
    and a factor change nothing but the learning rate: what is left is the
    shape, bent upwards (convex) as cross-entropy or straight as `1 - p`. Of a
    loss that sees all classes the others share the rest evenly.

    Args:
        losses: A dict of names and losses, or a list of up to six losses.
        num_classes: K, at least 2. Defaults to `10`.
        ax: Matplotlib axes to draw on; a new figure if `None`.

    Returns:
        The axes; `save_figure` takes them.

    Raises:
        ValueError: For no loss, more than six, one that cannot be evaluated,
            or `num_classes` below 2.
        ImportError: If matplotlib is missing.

    Example:

    >>> from keras_robust import losses
    >>> from keras_robust.report import plot_loss_curves
    >>> ax = plot_loss_curves([losses.CrossEntropy(), losses.AsymmetricGCE()])
    >>> ax.get_xlabel()
    'probability of the given label'
    """
    named = as_named(losses)
    for loss in named.values():
        check_loss(loss, num_classes)
    p = np.linspace(_LOWEST, 1, _POINTS)
    rest = (1 - p) / (num_classes - 1)
    points = np.tile(rest[:, None], num_classes)
    points[:, 0] = p
    ax = new_figure(6.4, 4.0).subplots() if ax is None else ax
    for (name, loss), (colour, dashes) in zip(
        named.items(), LINES, strict=False
    ):
        values = label_losses(loss, points)[:, 0]
        values = values - values[-1]
        largest = np.abs(values).max() or 1.0
        ax.plot(p, values / largest, dashes, color=colour, lw=2, label=name)
    _dress(ax, "loss, over its largest")
    return ax


def plot_pull_curves(losses, num_classes=10, ax=None):
    """Draws how hard several losses pull a sample towards its given label.

    The gradient by the given label's logit, of which the largest is 1: what a
    sample weighs while training. Where a curve is low on the left, wrong
    labels weigh little, but so does everything at random weights (the grey
    line): see `theory.fitting_profile`, whose `weight` it is. Below 0 the
    loss drives predictions away from the label.

    Args:
        losses: A dict of names and losses, or a list of up to six losses.
        num_classes: K, at least 2. Defaults to `10`.
        ax: Matplotlib axes to draw on; a new figure if `None`.

    Returns:
        The axes; `save_figure` takes them.

    Raises:
        ValueError: For no loss, more than six, or one without a gradient.
        ImportError: If matplotlib is missing.

    Example:

    >>> from keras_robust import losses
    >>> from keras_robust.report import plot_pull_curves
    >>> ax = plot_pull_curves({"CE": losses.CrossEntropy()})
    >>> [line.get_label() for line in ax.get_lines()][-1]
    'CE'
    """
    named = as_named(losses)
    ax = new_figure(6.4, 4.0).subplots() if ax is None else ax
    ax.axvline(1 / num_classes, color=GREY, lw=0.8, zorder=0)
    ax.axhline(0, color=GREY, lw=0.8, zorder=0)
    ax.annotate(
        f" 1/{num_classes}",
        (1 / num_classes, 1),
        xycoords=("data", "axes fraction"),
        va="top",
        fontsize="small",
        color=GREY,
    )
    for (name, loss), (colour, dashes) in zip(
        named.items(), LINES, strict=False
    ):
        found = fitting_profile(loss, num_classes)
        weight = found.weight / np.abs(found.weight).max()
        ax.plot(found.p, weight, dashes, color=colour, lw=2, label=name)
    ax.set_xscale("log")
    _dress(ax, "pull, over its largest")
    return ax


def as_named(losses):
    """A dict of names and losses, or raises."""
    if not isinstance(losses, dict):
        losses = list(losses) if isinstance(losses, list | tuple) else [losses]
        losses = {_name_of(loss): loss for loss in losses}
    if not 1 <= len(losses) <= len(LINES):
        raise ValueError(
            f"`losses` must hold 1 to {len(LINES)} losses, which a reader can "
            f"still tell apart. Received: {len(losses)} losses"
        )
    return losses


def _name_of(loss):
    text = getattr(loss, "__name__", None) or repr(loss)
    return text if len(text) <= 40 else type(loss).__name__


def _dress(ax, ylabel):
    ax.set_xlabel("probability of the given label")
    ax.set_ylabel(ylabel)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(color=GREY, alpha=0.2, lw=0.6)
    ax.legend(framealpha=0.85, edgecolor="none", fontsize="small")
