"""What a model's output means: read from the loss it was compiled with."""

import warnings

import keras

from keras_robust.losses import RobustLoss

_PROBABILITY_LOSSES = (
    "sparse_categorical_crossentropy",
    "categorical_crossentropy",
    "binary_crossentropy",
    "categorical_focal_crossentropy",
    "binary_focal_crossentropy",
    "categorical_generalized_cross_entropy",
)


def compiled_loss(model):
    """Returns the one loss of a compiled model, resolved from its name.

    Raises:
        ValueError: If the model is not compiled, or has several losses.
    """
    loss = getattr(model, "loss", None)
    if isinstance(loss, dict):
        loss = list(loss.values())
    if isinstance(loss, (list, tuple)):
        if len(loss) != 1:
            raise ValueError(
                "Only models with one output and one loss can be recorded. "
                f"Received: loss={model.loss}"
            )
        loss = loss[0]
    if loss is None:
        raise ValueError(
            "The model has no loss: call `model.compile(loss=...)` first."
        )
    # A name or a class becomes what Keras itself makes of it.
    return keras.losses.get(loss)


def loss_name(model):
    """What the compiled loss is called in code: its class or function."""
    loss = compiled_loss(model)
    return getattr(loss, "__name__", type(loss).__name__)


def reads_logits(model):
    """Whether the compiled loss takes logits; `None` where it cannot be told.

    Told for the losses of this package and Keras's own cross-entropies,
    whether given as instance, name or function.
    """
    loss = compiled_loss(model)
    if isinstance(loss, RobustLoss):
        return loss.from_logits
    if isinstance(loss, keras.losses.Loss):
        if type(loss).__name__ == "CategoricalGeneralizedCrossEntropy":
            return False
        return getattr(loss, "from_logits", None)
    known = getattr(loss, "__name__", None) in _PROBABILITY_LOSSES
    ours = getattr(loss, "__module__", "").startswith("keras_robust.losses")
    return False if known or ours else None


def class_axis(model):
    """The class axis of the compiled loss, -1 where it has none."""
    return getattr(compiled_loss(model), "axis", -1)


def check(model):
    """Checks that the model's last layer fits its compiled loss.

    A linear `Dense` or convolution under a loss on probabilities gives
    numbers that are no probabilities, and a wrong loss without a word.

    Args:
        model: A compiled model. Models whose output is not made by a known
            layer pass, as do regression losses.

    Raises:
        ValueError: For a linear output under a loss on probabilities.
    """
    from_logits = reads_logits(model)
    layer = _last_layer(model)
    activation = getattr(layer, "activation", None)
    if from_logits is None or activation is None:
        return
    name = getattr(activation, "__name__", str(activation))
    # A linear `Activation` only changes the dtype of what is before it.
    gives_logits = name == "linear" and not isinstance(
        layer, keras.layers.Activation
    )
    if not from_logits and gives_logits:
        loss = loss_name(model)
        raise ValueError(
            f"The model's last layer {layer.name!r} is linear, so it gives "
            f"logits, but the compiled loss ({loss}) takes probabilities. "
            "Give the loss from_logits=True, or the layer "
            'activation="softmax" ("sigmoid" for one output). Received: '
            "activation='linear', from_logits=False"
        )
    if from_logits and name in ("softmax", "sigmoid"):
        warnings.warn(
            f"The model's last layer {layer.name!r} gives probabilities "
            f"({name}), but the compiled loss has from_logits=True: the "
            f"{name} is applied twice. Drop one of them.",
            stacklevel=2,
        )


def _last_layer(model):
    outputs = getattr(model, "outputs", None)
    if not outputs or len(outputs) != 1:
        return None
    history = getattr(outputs[0], "_keras_history", None)
    layer = getattr(history, "operation", None)
    if isinstance(layer, keras.Model):
        return _last_layer(layer)
    return layer


def num_classes(model):
    """The number of classes of the model's output, `None` if not known yet."""
    outputs = getattr(model, "outputs", None)
    if not outputs or len(outputs) != 1:
        return None
    size = outputs[0].shape[class_axis(model)]
    return None if size is None else max(size, 2)
