"""The choice of a loss, and its parameters, as hyperparameters."""

import difflib
from typing import NamedTuple

from keras_robust import losses as losses_room
from keras_robust.losses.registry import canonical_name


class _Range(NamedTuple):
    """Where to search for a parameter, and where to start."""

    low: float
    high: float
    default: float
    sampling: str = "linear"


_AGCE = {"a": _Range(0.1, 10.0, 1.0, "log"), "q": _Range(0.1, 3.0, 2.0)}
_AUL = {"a": _Range(1.1, 10.0, 1.5, "log"), "q": _Range(0.1, 3.0, 0.9)}
_AEL = {"a": _Range(1.0, 10.0, 3.0, "log")}
# Sums start from what is published for CIFAR-10.
_WEIGHTS = {
    "alpha": _Range(0.1, 50.0, 1.0, "log"),
    "beta": _Range(0.01, 10.0, 4.0, "log"),
}

# Ranges hold the losses' defaults and nearly all published values.
_RANGES = {
    "cross_entropy": {"label_smoothing": _Range(0.0, 0.3, 0.0)},
    "asymmetric_gce": _AGCE,
    "asymmetric_unhinged": _AUL,
    "asymmetric_exponential": _AEL,
    "generalized_cross_entropy": {"q": _Range(0.1, 1.0, 0.7)},
    "normalized_cross_entropy": {},
    "blurry": {"gamma": _Range(0.1, 0.6, 0.5)},
    "piecewise_zero": {"cutoff": _Range(0.005, 0.2, 0.05, "log")},
    "normalized_cross_entropy+asymmetric_gce": {
        **_WEIGHTS,
        "a": _AGCE["a"]._replace(default=6.0),
        "q": _AGCE["q"]._replace(default=1.5),
    },
    "normalized_cross_entropy+asymmetric_unhinged": {
        **_WEIGHTS,
        "a": _AUL["a"]._replace(default=6.3),
        "q": _AUL["q"]._replace(default=1.5),
    },
    "normalized_cross_entropy+asymmetric_exponential": {
        **_WEIGHTS,
        "a": _AEL["a"]._replace(default=5.0),
    },
}

_SHORT = "ce, agce, aul, ael, gce, nce, blurry, pz, nce+agce, nce+aul, nce+ael"


def loss_hyperparameters(
    hp,
    losses=("ce", "agce", "gce", "nce+agce"),
    prefix="loss",
    from_logits=False,
):
    """Lets a KerasTuner search choose the loss and its parameters.

    Registers one `hp.Choice` named `prefix` among the losses and, active only
    while its loss is chosen, one `hp.Float` for every parameter, named like
    `loss_agce_q`. Their defaults are those of the loss, for sums those
    published for CIFAR-10.

    Use it in a hypermodel's `build`. Let the objective be an accuracy:
    `val_loss` of one loss cannot be compared with that of another.

    Args:
        hp: The `keras_tuner.HyperParameters` that `build` is given.
        losses: Names to choose from: ce, agce, aul, ael, gce, nce, blurry,
            pz, nce+agce, nce+aul, nce+ael, or their long forms. The first is
            the default. Defaults to `("ce", "agce", "gce", "nce+agce")`.
        prefix: What the names of the hyperparameters start with. Defaults to
            `"loss"`.
        from_logits: Whether the model returns logits. Defaults to `False`.

    Returns:
        A loss for `model.compile(loss=...)`.

    Raises:
        ValueError: If a name is unknown or comes twice, or there is none;
            before the first trial, as tuners build a model when they are made.

    Example:

    >>> import keras
    >>> import keras_tuner
    >>> from keras_robust.tuning import loss_hyperparameters
    >>> def build(hp):
    ...     softmax = keras.layers.Dense(10, activation="softmax")
    ...     model = keras.Sequential([softmax])
    ...     model.compile(
    ...         optimizer="adam",
    ...         loss=loss_hyperparameters(hp, losses=("agce", "gce")),
    ...         metrics=["accuracy"],
    ...     )
    ...     return model

    `keras_tuner.RandomSearch(build, objective="val_accuracy")` then calls
    `build` for every trial, with other values each time:

    >>> hp = keras_tuner.HyperParameters()
    >>> build(hp).loss
    AsymmetricGCE(a=1.0, q=2.0)
    >>> [parameter.name for parameter in hp.space]
    ['loss', 'loss_agce_a', 'loss_agce_q', 'loss_gce_q']
    """
    ranges = _checked(losses)
    names = list(ranges)
    chosen = hp.Choice(prefix, names, default=names[0])
    values = {}
    # Every loss registers its parameters in every build, chosen or not, so
    # that the tuner knows the whole search space from the first.
    for name in names:
        with hp.conditional_scope(prefix, [name]):
            values[name] = {
                parameter: hp.Float(
                    f"{prefix}_{name}_{parameter}",
                    min_value=scale.low,
                    max_value=scale.high,
                    default=scale.default,
                    sampling=scale.sampling,
                )
                for parameter, scale in ranges[name].items()
            }
    # Some tuners hand out numpy floats, which no config can hold.
    parameters = {key: float(value) for key, value in values[chosen].items()}
    return losses_room.get(chosen, from_logits=from_logits, **parameters)


def _checked(losses):
    """The ranges of every loss, under the name it was asked for."""
    names = [losses] if isinstance(losses, str) else list(losses)
    if not names:
        raise ValueError(
            "`losses` must name at least one loss to choose from; tunable "
            f"are {_SHORT}. Received: losses={losses!r}"
        )
    full = {name: _full_name(name) for name in names}
    if len(set(full.values())) < len(names):
        raise ValueError(
            f"`losses` must not name a loss twice. Received: losses={losses!r}"
        )
    return {name: _RANGES[full[name]] for name in names}


def _full_name(name):
    known = ()
    if isinstance(name, str):
        try:
            known = [canonical_name(part) for part in name.split("+")]
        except ValueError:
            pass
    full = "+".join(known)
    if full not in _RANGES:
        short = _SHORT.split(", ")
        near = difflib.get_close_matches(str(name), short, n=1, cutoff=0.0)
        raise ValueError(
            f"This is no loss that can be tuned; tunable are {_SHORT}. "
            f"Did you mean {near[0]!r}? Received: {name!r} in `losses`"
        )
    return full
