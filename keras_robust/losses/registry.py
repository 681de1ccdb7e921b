"""Losses by name: `losses.get("agce", q=3)`, and the table of them all."""

import difflib
import inspect

import keras

from keras_robust.losses import presets
from keras_robust.losses.base import LOSSES
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.composed import SHARED
from keras_robust.losses.distribution_balanced import DistributionBalanced
from keras_robust.losses.regression import RegressionLoss
from keras_robust.losses.weighted_sum import ActivePassive

_OUTER = ("reduction", "name", "dtype")
_KINDS = (RobustLoss, RegressionLoss, DistributionBalanced)


class LossTable(list):
    """Rows (dicts) of the losses; prints as a table."""

    def __repr__(self):
        if not self:
            return "[]"
        names = list(self[0])
        cells = [names, *([_cut(row[n]) for n in names] for row in self)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        return "\n".join(
            "  ".join(
                cell.ljust(width)
                for cell, width in zip(row, widths, strict=True)
            ).rstrip()
            for row in cells
        )


def _cut(value, width=36):
    text = str(value)
    return text if len(text) <= width else f"{text[: width - 3]}..."


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
            parameters go to the parts that have them. A loss around another
            takes that by name too: `get("eps", loss="ce")`. As published, the
            sums for MNIST have `alpha=0`: their passive part alone.

    Returns:
        A `RobustLoss` (or a `RegressionLoss`, or `DistributionBalanced`).

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
    if isinstance(identifier, (*_KINDS, dict)):
        if parameters or dataset is not None:
            raise ValueError(
                "Parameters can only be given with a name. Received: "
                f"identifier={identifier!r}, dataset={dataset!r}, "
                f"parameters={parameters}"
            )
        if isinstance(identifier, _KINDS):
            return identifier
        loss = keras.saving.deserialize_keras_object(identifier)
        if not isinstance(loss, _KINDS):
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
    named = presets.NAMED.get(identifier.strip().lower().replace("_", "-"))
    if named is not None:
        identifier, fixed = named
        parameters = {**fixed, **parameters}
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
    """Returns the table of all losses: a list of dicts that prints well.

    Columns: `name` and `alias` (for `get`), `class`, `parameters` with their
    defaults, `input` (`"any"` or `"logits"`), `noise` it is for, `presets`
    (data sets with published parameters) and `paper`.

    Example:

    >>> import keras_robust as kr
    >>> kr.losses.available()[0]["name"]
    'active_negative'
    """
    rows = []
    for name, cls in sorted(LOSSES.items()):
        taken = inspect.signature(cls).parameters
        defaults = ", ".join(
            k
            if taken[k].default is inspect.Parameter.empty
            else f"{k}={taken[k].default!r}"
            for k in cls.parameters
        )
        needs_logits = getattr(cls, "logits_only", False) is True
        rows.append(
            {
                "name": name,
                "alias": cls.alias or "",
                "class": cls.__name__,
                "parameters": defaults,
                "input": "logits" if needs_logits else "any",
                "noise": cls.noise,
                "presets": ", ".join(presets.PRESETS.get(name, ())),
                "paper": cls.paper,
            }
        )
    return LossTable(rows)


def aliases():
    """Returns alias -> full name."""
    return {cls.alias: name for name, cls in LOSSES.items() if cls.alias}


def canonical_name(name):
    """Returns the full name behind an alias, class name or full name."""
    known = {**{full: full for full in LOSSES}, **aliases()}
    known.update({cls.__name__.lower(): full for full, cls in LOSSES.items()})
    wanted = name.strip().lower()
    if wanted not in known:
        near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.0)
        raise ValueError(
            f"Unknown loss. Did you mean {near[0]!r}? Known names: "
            f"{', '.join(sorted(LOSSES))}; short: "
            f"{', '.join(sorted([*aliases(), *presets.NAMED]))}. "
            f"Received: {name!r}"
        )
    return known[wanted]


def published(names, dataset):
    """Returns the parameters published for these losses on a data set."""
    short = {full: alias for alias, full in aliases().items()}
    key = "+".join(short.get(name, name) for name in names)
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
    taken = inspect.signature(cls).parameters
    for name in parameters:
        if name not in taken:
            raise ValueError(
                f"{cls.__name__} has no parameter {name!r}. It takes: "
                f"{', '.join(taken)}. Received: {name}={parameters[name]!r}"
            )
    for name, parameter in taken.items():
        needed = parameter.default is inspect.Parameter.empty
        if needed and name not in parameters:
            raise ValueError(
                f"{cls.__name__} needs the parameter {name!r}: "
                f"losses.get({cls.alias or taken['name'].default!r}, "
                f"{name}=...). Received: {parameters}"
            )
    inner = parameters.get("loss")
    if isinstance(inner, str):
        shared = {k: parameters[k] for k in SHARED if k in parameters}
        parameters = {**parameters, "loss": get(inner, **shared)}
    return cls(**parameters)


def _build_sum(names, parameters):
    parameters = dict(parameters)
    weights = {k: parameters.pop(k, 1.0) for k in ("alpha", "beta")}
    outer = {k: parameters.pop(k) for k in _OUTER if k in parameters}
    shared = {k: parameters.pop(k) for k in SHARED if k in parameters}
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
