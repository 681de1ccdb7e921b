"""The layers of a model that drop at random, and turning them on."""

import contextlib
import functools
import inspect

import keras
import numpy as np

_DROPOUT = (
    # Spatial dropout is of the first kind.
    keras.layers.Dropout,
    keras.layers.AlphaDropout,
    keras.layers.GaussianDropout,
)


def find(model, names):
    """The layers that drop at random.

    Args:
        model: A built `keras.Model`.
        names: Names of them; `None` for all of Keras's own with a rate above
            0, also within other layers.

    Raises:
        ValueError: If there are none, or a name is not one of a layer that
            knows whether it is in training.
    """
    layers = model._flatten_layers(include_self=False)
    if names is None:
        found = [layer for layer in layers if _drops(layer)]
        if not found:
            raise ValueError(
                "The model has no dropout, so it says the same every time: "
                "give it a keras.layers.Dropout with a rate above 0 and train "
                "it, or name layers of your own that drop at random, "
                f"layers=[...]. Received: model {model.name!r}"
            )
        return found
    if isinstance(names, str) or not isinstance(names, (list, tuple)):
        raise ValueError(
            "`layers` must be a list of names of layers. "
            f"Received: layers={names!r}"
        )
    found = [layer for layer in layers if layer.name in names]
    missing = sorted({*map(str, names)} - {layer.name for layer in found})
    if missing or not found:
        raise ValueError(
            "`layers` must name layers of the model. "
            f"Received: layers={list(names)!r}, not there: {missing}"
        )
    for layer in found:
        if "training" not in inspect.signature(layer.call).parameters:
            raise ValueError(
                "A layer that drops at random must have `training` in its "
                f"`call`. Received: {type(layer).__name__} {layer.name!r}"
            )
    return found


def _drops(layer):
    if isinstance(layer, _DROPOUT):
        return layer.rate > 0
    if isinstance(layer, keras.layers.RNN):
        cells = getattr(layer.cell, "cells", [layer.cell])
        return any(
            (getattr(cell, name, 0) or 0) > 0
            for cell in cells
            for name in ("dropout", "recurrent_dropout")
        )
    return False


@contextlib.contextmanager
def active(layers):
    """A block in which these layers, and no others, are as in training."""
    before = [(layer, vars(layer).get("call")) for layer in layers]
    try:
        for layer, _ in before:
            # Past Keras and PyTorch, which look at what a layer is given.
            vars(layer)["call"] = _in_training(layer.call)
        yield
    finally:
        for layer, call in before:
            vars(layer).pop("call", None)
            if call is not None:
                vars(layer)["call"] = call


def _in_training(call):
    @functools.wraps(call)
    def in_training(*args, **kwargs):
        # Keras itself refuses a `training` by position.
        return call(*args, **{**kwargs, "training": True})

    return in_training


@contextlib.contextmanager
def own_seeds(model, seed):
    """A block after which all seeds of a model are what they were.

    Args:
        model: A built `keras.Model`.
        seed: A `numpy.random.Generator` that gives each a new one.
    """
    weights = {id(variable) for variable in model.weights}
    kept = [
        (variable, keras.ops.convert_to_numpy(variable).copy())
        for variable in model.variables
        if id(variable) not in weights
    ]
    try:
        for layer in model._flatten_layers():
            for value in list(vars(layer).values()):
                if isinstance(value, keras.random.SeedGenerator):
                    value.state.assign(np.array([seed.integers(2**31), 0]))
        yield
    finally:
        for variable, values in kept:
            variable.assign(values)
