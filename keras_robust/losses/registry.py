"""Losses by name: `losses.get("agce", q=3)`."""

import difflib
import inspect

import keras

from keras_robust.losses import presets
from keras_robust.losses.asymmetric import AsymmetricExponential
from keras_robust.losses.asymmetric import AsymmetricGCE
from keras_robust.losses.asymmetric import AsymmetricUnhinged
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.cross_entropy import CrossEntropy
from keras_robust.losses.generalized import GeneralizedCrossEntropy
from keras_robust.losses.hard_samples import Blurry
from keras_robust.losses.hard_samples import PiecewiseZero
from keras_robust.losses.normalized import NormalizedCrossEntropy
from keras_robust.losses.weighted_sum import ActivePassive

LOSSES = {
    "cross_entropy": CrossEntropy,
    "asymmetric_gce": AsymmetricGCE,
    "asymmetric_unhinged": AsymmetricUnhinged,
    "asymmetric_exponential": AsymmetricExponential,
    "generalized_cross_entropy": GeneralizedCrossEntropy,
    "normalized_cross_entropy": NormalizedCrossEntropy,
    "blurry": Blurry,
    "piecewise_zero": PiecewiseZero,
}
_SHARED = ("from_logits", "axis", "ignore_class")
_OUTER = ("reduction", "name", "dtype")


def get(identifier, dataset=None, **parameters):
    """Returns a loss by name, with defaults, published or own parameters.

    Args:
        identifier: A name (`"asymmetric_gce"`), an alias (`"agce"`), a sum of
            two (`"nce+agce"`), a class name (`"AsymmetricGCE"`), a Keras
            config dict, or a loss instance, which is returned as it is.
        dataset: `"mnist"`, `"cifar10"`, `"cifar100"`, `"webvision"` or
            `"clothing1m"`: start from the parameters published for it.
        **parameters: Parameters of the loss; they win over the published
            ones. For a sum: `alpha` and `beta` weigh the parts; other
            parameters go to the parts that have them.

    Returns:
        A `RobustLoss`.

    Raises:
        ValueError: For an unknown name (with the nearest one), data set or
            parameter.

    Example:

    >>> import keras_robust as kr
    >>> kr.losses.get("agce", q=3)
    AsymmetricGCE(a=1.0, q=3.0)
    >>> kr.losses.get("agce", dataset="cifar10")
    AsymmetricGCE(a=0.6, q=0.6)
    """
    if isinstance(identifier, (RobustLoss, dict)):
        if parameters or dataset is not None:
            raise ValueError(
                "Parameters can only be given with a name. Received: "
                f"identifier={identifier!r}, dataset={dataset!r}, "
                f"parameters={parameters}"
            )
        if isinstance(identifier, RobustLoss):
            return identifier
        loss = keras.saving.deserialize_keras_object(identifier)
        if not isinstance(loss, RobustLoss):
            raise ValueError(
                "The config is not one of a robust loss. Received: "
                f"identifier={identifier!r}"
            )
        return loss
    if not isinstance(identifier, str):
        raise ValueError(
            "A loss is named by a string, a config dict or an instance. "
            f"Received: identifier={identifier!r}"
        )
    names = [canonical_name(part) for part in identifier.split("+")]
    if dataset is not None:
        parameters = {**published(names, dataset), **parameters}
    if len(names) == 1:
        return _build(LOSSES[names[0]], parameters)
    if len(names) != 2:
        raise ValueError(
            "A sum by name has two parts; add more with `+` between losses. "
            f"Received: identifier={identifier!r}"
        )
    return _build_sum(names, parameters)


def available():
    """Returns the names `get` knows, sorted."""
    return sorted(LOSSES)


def canonical_name(name):
    """Returns the full name behind an alias, class name or full name."""
    known = {**{full: full for full in LOSSES}, **presets.ALIASES}
    known.update({cls.__name__.lower(): full for full, cls in LOSSES.items()})
    wanted = name.strip().lower()
    if wanted not in known:
        near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.0)
        raise ValueError(
            f"Unknown loss. Did you mean {near[0]!r}? Known names: "
            f"{', '.join(available())}; short: "
            f"{', '.join(sorted(presets.ALIASES))}. Received: {name!r}"
        )
    return known[wanted]


def published(names, dataset):
    """Returns the parameters published for these losses on a data set."""
    short = {full: alias for alias, full in presets.ALIASES.items()}
    key = "+".join(short[name] for name in names)
    table = presets.PRESETS.get(names[0] if len(names) == 1 else key, {})
    if dataset not in table:
        having = ", ".join(sorted(table)) or "none"
        raise ValueError(
            f"No parameters of {key!r} are published for this data set "
            f"(there are: {having}). Leave `dataset` out and give the "
            f"parameters yourself. Received: dataset={dataset!r}"
        )
    return dict(table[dataset])


def _build(cls, parameters):
    taken = list(inspect.signature(cls).parameters)
    for name in parameters:
        if name not in taken:
            raise ValueError(
                f"{cls.__name__} has no parameter {name!r}. It takes: "
                f"{', '.join(taken)}. Received: {name}={parameters[name]!r}"
            )
    return cls(**parameters)


def _build_sum(names, parameters):
    parameters = dict(parameters)
    weights = {k: parameters.pop(k, 1.0) for k in ("alpha", "beta")}
    outer = {k: parameters.pop(k) for k in _OUTER if k in parameters}
    shared = {k: parameters.pop(k) for k in _SHARED if k in parameters}
    classes = [LOSSES[name] for name in names]
    parts = []
    for cls in classes:
        own = {k: v for k, v in parameters.items() if k in cls.parameters}
        parts.append(_build(cls, {**own, **shared}))
    unknown = [
        k for k in parameters if not any(k in c.parameters for c in classes)
    ]
    if unknown:
        raise ValueError(
            f"Neither part of {'+'.join(names)!r} has the parameter "
            f"{unknown[0]!r}. Received: {unknown[0]}={parameters[unknown[0]]!r}"
        )
    return ActivePassive(*parts, **weights, **outer)
