"""The choice of a loss, and its parameters, as hyperparameters."""

import warnings
from dataclasses import replace
from types import MappingProxyType

from keras_robust.losses import arguments
from keras_robust.losses import canonical_name
from keras_robust.losses import search_space
from keras_robust.tuning import keras_tuner as kt
from keras_robust.tuning.tolerated import tolerated_ranges

_CROSS_ENTROPY = "cross_entropy"


def loss_hyperparameters(
    hp,
    losses=("agce", "gce", "nce+agce"),
    prefix="loss",
    from_logits=False,
    transition_matrix=None,
    max_warm_up=0,
    cross_entropy=True,
):
    """Lets a KerasTuner search choose the loss and its parameters.

    Registers one `hp.Choice` named `prefix` among the losses and, active only
    while its loss is chosen, a hyperparameter for every parameter, named like
    `loss_agce_q`. Each loss has its ranges and defaults from
    `keras_robust.losses.search_space`, where a loss declares them once.

    Use it in a hypermodel's `build`, or let a `RobustHyperModel` do it. Let
    the objective be an accuracy: `val_loss` of one loss cannot be compared
    with that of another.

    Args:
        hp: The `keras_tuner.HyperParameters` that `build` is given.
        losses: Names to choose from, as of `losses.get`: `"agce"`, or a sum
            such as `"nce+agce"`. The first is the default. Defaults to
            `("agce", "gce", "nce+agce")`.
        prefix: What the names of the hyperparameters start with. Defaults to
            `"loss"`.
        from_logits: Whether the model returns logits. Defaults to `False`.
        transition_matrix: `(K, K)`, rows true classes, columns given ones.
            Only parameters by which a loss tolerates this noise are kept (the
            asymmetry condition: `theory.is_asymmetric`), the largest box of
            them around the default that is found; a loss that has none is
            left out, with a warning. Cross-entropy, which tolerates none,
            and losses that correct for the matrix stay as they are. Defaults
            to `None`: all.
        max_warm_up: The most epochs of cross-entropy before the loss, a
            hyperparameter `loss_warm_up` for all losses but cross-entropy;
            let `fit` have `CrossEntropyWarmUp(warm_up_epochs(hp))`. Defaults
            to `0`: none.
        cross_entropy: Whether cross-entropy with label smoothing is among the
            choices without being named, so that a robust loss has to beat it.
            Defaults to `True`.

    Returns:
        A loss for `model.compile(loss=...)`.

    Raises:
        ValueError: If a name is unknown, cannot be tuned or comes twice, if
            no loss is left, or for a bad matrix; before the first trial, as
            tuners build a model when they are made.

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
    >>> [parameter.name for parameter in hp.space][:4]
    ['loss', 'loss_agce_a', 'loss_agce_q', 'loss_gce_q']
    >>> hp.space[-1].name
    'loss_ce_label_smoothing'
    """
    max_warm_up = arguments.integer("max_warm_up", max_warm_up, at_least=0)
    spaces = loss_spaces(losses, transition_matrix, cross_entropy)
    names = list(spaces)
    for space in spaces.values():
        # A loss that needs logits says so now, not in the middle of a search.
        _made(space, {}, from_logits)
    chosen = hp.Choice(prefix, names, default=names[0])
    if chosen not in spaces:
        # A folder with the trials of another search gives its values.
        raise kt.fatal(
            f"The losses to choose from are {names}, and the search goes on "
            f"with {chosen!r}, which is not among them: give another "
            "`project_name` or `directory`, or overwrite=True. Received: "
            f"{prefix}={chosen!r}"
        )
    values = {}
    # Every loss registers its parameters in every build, chosen or not, so
    # that the tuner knows the whole search space from the first.
    for name, space in spaces.items():
        with hp.conditional_scope(prefix, [name]):
            values[name] = {
                parameter: _register(hp, f"{prefix}_{name}_{parameter}", one)
                for parameter, one in space.ranges.items()
            }
    robust = [name for name in names if _full_name(name) != _CROSS_ENTROPY]
    if max_warm_up and robust:
        with hp.conditional_scope(prefix, robust):
            hp.Int(f"{prefix}_warm_up", 0, max_warm_up, default=max_warm_up)
    return _made(spaces[chosen], values[chosen], from_logits)


def warm_up_epochs(hp, prefix="loss"):
    """The epochs of cross-entropy that a trial is to begin with.

    Args:
        hp: The `keras_tuner.HyperParameters` of the trial.
        prefix: That of `loss_hyperparameters`. Defaults to `"loss"`.

    Returns:
        An integer; 0 for cross-entropy, and where no warm-up is searched for.

    Example:

    >>> import keras_tuner
    >>> from keras_robust import tuning
    >>> hp = keras_tuner.HyperParameters()
    >>> loss = tuning.loss_hyperparameters(hp, "agce", max_warm_up=3)
    >>> tuning.warm_up_epochs(hp)
    3
    """
    name = f"{prefix}_warm_up"
    return int(hp.values.get(name, 0)) if hp.is_active(name) else 0


def loss_spaces(losses, transition_matrix=None, cross_entropy=True):
    """Name -> `SearchSpace` of the losses to choose from.

    Args: As of `loss_hyperparameters`, which has the errors too.
    """
    names = [losses] if isinstance(losses, str) else list(losses)
    spaces = {
        name: search_space(name, transition_matrix)
        for name in _checked(names, losses)
    }
    full = {_full_name(name) for name in names}
    if cross_entropy and _CROSS_ENTROPY not in full:
        spaces["ce"] = search_space("ce")
    if transition_matrix is None:
        return spaces
    kept, dropped = {}, []
    for name, space in spaces.items():
        exempt = _full_name(name) == _CROSS_ENTROPY
        if exempt or "transition_matrix" in space.fixed:
            kept[name] = space
            continue
        ranges = tolerated_ranges(space, transition_matrix)
        if ranges is None:
            dropped.append(name)
        else:
            kept[name] = replace(space, ranges=MappingProxyType(ranges))
    if not set(kept) & set(names):
        raise ValueError(
            "None of these losses tolerates this noise with any of its "
            "parameters: add one that is symmetric, such as 'mae' or 'nce'. "
            f"Received: losses={losses!r}"
        )
    if dropped:
        warnings.warn(
            "Left out of the search, as nothing shows that they tolerate this "
            f"noise with any of their parameters: {', '.join(dropped)}.",
            stacklevel=3,
        )
    return kept


def _checked(names, losses):
    if not names:
        raise ValueError(
            "`losses` must name at least one loss to choose from, such as "
            f"'agce' or 'nce+agce'. Received: losses={losses!r}"
        )
    for name in names:
        search_space(name, transition_matrix=0.0)
    if len({_full_name(name) for name in names}) < len(names):
        raise ValueError(
            f"`losses` must not name a loss twice. Received: losses={losses!r}"
        )
    return names


def _full_name(name):
    try:
        return "+".join(canonical_name(part) for part in name.split("+"))
    except ValueError:
        # One of the published names of a loss with its base, 'anl-ce'.
        return name.strip().lower().replace("_", "-")


def _register(hp, name, one):
    if one.low == one.high:
        return hp.Fixed(name, one.low)
    if one.sampling == "integer":
        return hp.Int(name, one.low, one.high, default=one.default)
    return hp.Float(
        name,
        min_value=one.low,
        max_value=one.high,
        default=one.default,
        sampling=one.sampling,
    )


def _made(space, values, from_logits):
    # What is no function of class probabilities has no logits.
    takes = space.takes_logits
    return space.loss(values, **({"from_logits": from_logits} if takes else {}))
