"""What a model's output means: read from the loss it was compiled with."""

import warnings

import keras
import numpy as np

from keras_robust.losses import RobustLoss
from keras_robust.losses.base import LOSSES

_PROBABILITY_LOSSES = (
    "sparse_categorical_crossentropy",
    "categorical_crossentropy",
    "binary_crossentropy",
    "categorical_focal_crossentropy",
    "binary_focal_crossentropy",
    "categorical_generalized_cross_entropy",
)


def compiled_loss(model, output=None, owner="LossTrajectory"):
    """Returns the loss of a compiled model, resolved from its name.

    Args:
        model: A `keras.Model`.
        output: Which of several outputs, by name or number.
        owner: Whose argument `output` is, for messages.

    Raises:
        ValueError: If the model is not compiled, or has several losses and
            `output` names none of them.
    """
    loss = getattr(model, "loss", None)
    if isinstance(loss, (dict, list, tuple)):
        loss = _of_output(model, loss, output, owner)
    if loss is None:
        raise ValueError(
            "The model has no loss: call `model.compile(loss=...)` first."
            if output is None
            else "The output has no loss in `model.compile(loss=...)`. "
            f"Received: output={output!r}"
        )
    # A name or a class becomes what Keras itself makes of it.
    return keras.losses.get(loss)


def losses_of(model):
    """The losses a model is compiled with: instances, names or functions."""
    return _flat(getattr(model, "loss", None))


def _flat(loss):
    if isinstance(loss, dict) and not {"class_name", "config"} <= set(loss):
        loss = list(loss.values())
    if isinstance(loss, (list, tuple)):
        return [single for part in loss for single in _flat(part)]
    return [loss]


def has_robust_loss(model):
    """Whether one of the losses is of this package, and on class labels."""
    return any(map(_is_robust, losses_of(model)))


def may_follow_schedules(model):
    """Whether a loss of the model follows a schedule, as far as can be told.

    What a loss or a `compute_loss` of the user's own does is not known.
    """
    kinds = [kind for kind in type(model).__mro__ if not _is_ours(kind)]
    own = any("compute_loss" in vars(kind) for kind in kinds)
    return own or any(map(_may_move, losses_of(model)))


def _may_move(loss):
    if isinstance(loss, RobustLoss):
        return loss.moves
    if loss is None or isinstance(loss, (str, dict)):
        return False
    named = loss if hasattr(loss, "__name__") else type(loss)
    return not _is_ours(named)


def _is_ours(named):
    """Whether a class or function is Keras's or this package's."""
    package = getattr(named, "__module__", "").partition(".")[0]
    return package in ("keras", "keras_robust")


def _is_robust(loss):
    if isinstance(loss, type):
        return issubclass(loss, RobustLoss)
    if isinstance(loss, keras.losses.Loss):
        return isinstance(loss, RobustLoss)
    # The functions beside the classes; those for regression switch nothing.
    cls = LOSSES.get(getattr(loss, "__name__", None))
    ours = getattr(loss, "__module__", "").startswith("keras_robust.losses")
    return ours and cls is not None and issubclass(cls, RobustLoss)


def _of_output(model, losses, output, owner):
    if isinstance(losses, dict) and {"class_name", "config"} <= set(losses):
        return losses
    if len(losses) == 1:
        values = losses.values() if isinstance(losses, dict) else losses
        return next(iter(values))
    if output is None:
        raise ValueError(
            "The model has several losses: say which output is meant with "
            f"{owner}(output=...). Received: loss={losses}"
        )
    name, number = locate(model, output)
    return losses.get(name) if isinstance(losses, dict) else losses[number]


def locate(model, output):
    """Returns `(name, number)` of an output given by either.

    What a model that lists no outputs does not tell is `None`.
    """
    names = list(getattr(model, "output_names", None) or ())
    if isinstance(output, str):
        return output, names.index(output) if output in names else None
    return names[output] if output < len(names) else None, output


def loss_name(model, output=None):
    """What the compiled loss is called in code: its class or function."""
    loss = compiled_loss(model, output)
    return getattr(loss, "__name__", type(loss).__name__)


def reads_logits(model, output=None):
    """Whether the compiled loss takes logits; `None` where it cannot be told.

    Told for the losses of this package and Keras's own cross-entropies,
    whether given as instance, name or function.
    """
    loss = compiled_loss(model, output)
    if isinstance(loss, RobustLoss):
        return loss.from_logits
    if isinstance(loss, keras.losses.Loss):
        if type(loss).__name__ == "CategoricalGeneralizedCrossEntropy":
            return False
        return getattr(loss, "from_logits", None)
    known = getattr(loss, "__name__", None) in _PROBABILITY_LOSSES
    ours = getattr(loss, "__module__", "").startswith("keras_robust.losses")
    return False if known or ours else None


def class_axis(model, output=None):
    """The class axis of the compiled loss, -1 where it has none."""
    return getattr(compiled_loss(model, output), "axis", -1)


def check(model, output=None):
    """Checks that the model's last layer fits its compiled loss.

    A linear `Dense` or convolution under a loss on probabilities gives
    numbers that are no probabilities, and a wrong loss without a word.

    Args:
        model: A compiled model. Models whose output is not made by a known
            layer pass, as do regression losses.
        output: Which of several outputs, by name or number.

    Raises:
        ValueError: For a linear output under a loss on probabilities.
    """
    from_logits = reads_logits(model, output)
    layer = _last_layer(model, output)
    activation = getattr(layer, "activation", None)
    if from_logits is None or activation is None:
        return
    name = getattr(activation, "__name__", str(activation))
    # A linear `Activation` only changes the dtype of what is before it.
    gives_logits = name == "linear" and not isinstance(
        layer, keras.layers.Activation
    )
    if not from_logits and gives_logits:
        loss = loss_name(model, output)
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


def warn_of_outputs(total, largest, from_logits):
    """Warns if a model's outputs are not what its loss takes them for.

    That catches models whose last layer `check` cannot know.

    Args:
        total: Sums of the outputs of samples, `(n,)`, n > 0.
        largest: Their largest output (probabilities), `(n,)`.
        from_logits: Whether the loss takes them for logits.
    """
    # Half precision is that far off; a model that has diverged is NaN.
    off = np.abs(total - 1.0) > 0.02
    if not from_logits and np.mean(off | (largest > 1.02)) > 0.5:
        at = int(np.argmax(off | (largest > 1.02)))
        warnings.warn(
            "The model's outputs are no probabilities, but the compiled loss "
            "takes them for that: they should be at most 1 and sum to 1 over "
            "the classes. Give the loss from_logits=True if they are logits, "
            "or the model a softmax at its end. Received, of one sample: "
            f"largest output {largest[at]:.4g}, sum {total[at]:.4g}",
            stacklevel=2,
        )
    if from_logits and len(total) > 1 and np.all(np.abs(total - 1.0) < 1e-4):
        warnings.warn(
            "The outputs of every sample sum to 1, so the model seems to give "
            "probabilities, but the compiled loss has from_logits=True: the "
            "softmax is applied twice. Drop one of them.",
            stacklevel=2,
        )


def activation(model):
    """What the last layer applies to its sums, by name; `None` if unknown."""
    found = getattr(_last_layer(model), "activation", None)
    return None if found is None else getattr(found, "__name__", str(found))


def _tensor(model, output):
    """The symbolic output, `None` where a model has none (yet)."""
    outputs = getattr(model, "outputs", None)
    if not outputs or (len(outputs) != 1 and output is None):
        return None
    return outputs[0 if output is None else locate(model, output)[1]]


def _last_layer(model, output=None):
    tensor = _tensor(model, output)
    history = getattr(tensor, "_keras_history", None)
    layer = getattr(history, "operation", None)
    if isinstance(layer, keras.Model):
        return _last_layer(layer)
    return layer


def is_dense(model, output=None):
    """Whether a sample has several positions, `False` where not known."""
    tensor = _tensor(model, output)
    return tensor is not None and len(tensor.shape) > 2


def num_outputs(model, output=None):
    """How many numbers a sample has on the class axis, `None` if not known
    yet.
    """
    tensor = _tensor(model, output)
    return None if tensor is None else tensor.shape[class_axis(model, output)]


def num_classes(model, output=None):
    """The number of classes of the model's output, `None` if not known yet."""
    size = num_outputs(model, output)
    return None if size is None else max(size, 2)
