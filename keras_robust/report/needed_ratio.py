"""How often a label is right, and how often the losses need it to be."""

import numpy as np

from keras_robust.report.figures import new_figure
from keras_robust.report.loss_curves import as_named
from keras_robust.report.style import GREY
from keras_robust.report.style import LINES
from keras_robust.theory import asymmetry_ratio
from keras_robust.theory import max_noise_rate
from keras_robust.theory.weights import wrong_classes

# Shown up to this many times as often.
_HIGHEST = 50.0


def plot_needed_ratio(losses, kind="symmetric", num_classes=10, ax=None):
    """Draws, against the noise rate, the ratio had and the ratio needed.

    The falling line is how many times more often a sample gets its own label
    than the likeliest wrong one; the level ones are the least that each loss
    needs of that, `1 / asymmetry_ratio`. Where they meet (a dot) is
    `theory.max_noise_rate`: what is left of it the loss tolerates.

    Args:
        losses: A dict of names and losses, or a list of up to six losses,
            each with an asymmetry ratio.
        kind: `"symmetric"` or `"pair"`. Defaults to `"symmetric"`.
        num_classes: K, at least 2. Defaults to `10`.
        ax: Matplotlib axes to draw on; a new figure if `None`.

    Returns:
        The axes; `save_figure` takes them.

    Raises:
        ValueError: For no loss, more than six, an unknown kind, or a loss
            without an asymmetry ratio.
        ImportError: If matplotlib is missing.

    Example:

    >>> from keras_robust import losses
    >>> from keras_robust.report import plot_needed_ratio
    >>> agce = losses.AsymmetricGCE(a=0.6, q=0.6)
    >>> ax = plot_needed_ratio({"AGCE": agce}, "pair")
    >>> ax.get_xlabel()
    'share of wrong labels (pair noise, 10 classes)'
    """
    named = as_named(losses)
    wrong = wrong_classes(kind, num_classes)
    needed = {
        name: asymmetry_ratio(loss, num_classes) for name, loss in named.items()
    }
    ax = new_figure(6.4, 4.0).subplots() if ax is None else ax
    end = wrong / (wrong + 1)
    rates = np.linspace(0.005, end, 400)
    has = (1 - rates) * wrong / rates
    shown = has <= _HIGHEST
    ax.plot(rates[shown], has[shown], color=GREY, lw=2.5, label="had")
    for (name, ratio), (colour, dashes) in zip(
        needed.items(), LINES, strict=False
    ):
        if not ratio or 1 / ratio > _HIGHEST:
            text = f"{name}: more than {_HIGHEST:.0f}"
            ax.plot([], [], dashes, color=colour, lw=2, label=text)
            continue
        text = f"{name}: {1 / ratio:.2f}"
        limit = max_noise_rate(named[name], kind, num_classes)
        ax.axhline(1 / ratio, color=colour, lw=2, ls=dashes, label=text)
        ax.plot([limit], [1 / ratio], "o", color=colour, ms=7)
    ax.set_yscale("log")
    ax.set_xlim(0, end)
    ax.set_ylim(0.9, _HIGHEST)
    ticks = [1, 2, 5, 10, 20, 50]
    ax.set_yticks(ticks, [str(tick) for tick in ticks])
    ax.minorticks_off()
    ax.set_xlabel(
        f"share of wrong labels ({kind} noise, {num_classes} classes)"
    )
    ax.set_ylabel("own label over the likeliest wrong one")
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(color=GREY, alpha=0.2, lw=0.6)
    ax.legend(
        framealpha=0.85, edgecolor="none", fontsize="small", title="needed"
    )
    return ax
