"""What a training step measures at a label, and the signals made of it.

`per_sample` and `per_position` say where: with one label a sample the signals
are worked out on the host, with dense labels in the step.
"""

from dataclasses import dataclass
from dataclasses import replace
from typing import Any

import keras
from keras import ops

from keras_robust.training import native


@dataclass(frozen=True)
class Kept:
    """What a step keeps: arrays `(N,)`, or tensors of any one shape.

    Attributes:
        label: The given class.
        log_p: `log p` of the given class.
        best, second: The largest and second largest `log p`.
        predicted: The class of the largest.
        total: The sum of the model's outputs.
        entropy: `-sum p log p`, in nats, if a signal needs it.
        squares: `sum p^2`, if a signal needs it.
        loss: The compiled loss, if a signal needs it.
    """

    label: Any
    log_p: Any
    best: Any
    second: Any
    predicted: Any
    total: Any
    entropy: Any = None
    squares: Any = None
    loss: Any = None


ALWAYS = ("label", "log_p", "best", "second", "predicted", "total")


# Of NumPy arrays on the host, of tensors in a step: `xp` is either.
def cross_entropy(kept, xp):
    """`-log p` of the given label, in nats."""
    return -kept.log_p


def margin(kept, xp):
    """`log p` of the given label less the largest other: the logit margin."""
    own = xp.equal(kept.predicted, kept.label)
    return kept.log_p - xp.where(own, kept.second, kept.best)


def correct(kept, xp):
    """1 where the given label is the most probable class, else 0."""
    return xp.where(xp.equal(kept.predicted, kept.label), 1.0, 0.0)


def predicted(kept, xp):
    """The most probable class, as a float."""
    return kept.predicted


def confidence(kept, xp):
    """`p` of the given label."""
    return xp.exp(kept.log_p)


def entropy(kept, xp):
    """`-sum p log p` over the classes, in nats."""
    return kept.entropy


def el2n(kept, xp):
    """The length of `p` less the one-hot given label (EL2N)."""
    square = kept.squares - 2.0 * xp.exp(kept.log_p) + 1.0
    return xp.sqrt(xp.maximum(square, 0.0))


def loss(kept, xp):
    """The compiled loss of the sample, unreduced."""
    return kept.loss


SIGNALS = {
    "cross_entropy": cross_entropy,
    "margin": margin,
    "correct": correct,
    "predicted": predicted,
    "confidence": confidence,
    "entropy": entropy,
    "el2n": el2n,
    "loss": loss,
}
# What a signal needs beyond `ALWAYS`.
_NEEDS = {"entropy": "entropy", "el2n": "squares", "loss": "loss"}


def columns(names):
    """The fields of `Kept` that the signals of these names need, in order."""
    return (*ALWAYS, *(_NEEDS[name] for name in names if name in _NEEDS))


def measure(labelled, fields, losses=None):
    """Measures fields of `Kept` at every label.

    Args:
        labelled: A `Labelled` without gradient, of shape `(..., classes)`.
        fields: What `columns` returned.
        losses: The compiled loss of every label, `(...)`, if asked for.

    Returns:
        Dict of field to tensor; `(..., 1)`, but `best` and `second` together
        as `best` `(..., 2)`. They and `log_p` are probabilities still if
        the model gives those.
    """
    classes = labelled.classes
    logits = labelled.from_logits
    scores = classes.log_p if logits else classes.p
    label = labelled.labels
    if label is None:
        label = ops.argmax(labelled.weights, axis=-1)
    outputs = labelled.logits if logits else scores
    found = {
        "label": ops.expand_dims(label, axis=-1),
        "log_p": native.pick(scores, label),
        "best": ops.top_k(scores, 2)[0],
        # Not top_k's index: of classes that tie PyTorch takes any.
        "predicted": ops.argmax(scores, axis=-1, keepdims=True),
        "total": ops.sum(outputs, axis=-1, keepdims=True),
    }
    if "entropy" in fields:
        # The limit at p = 0 is 0, where log p may be -inf.
        safe = ops.maximum(classes.log_p, -1e4)
        found["entropy"] = -ops.sum(classes.p * safe, axis=-1, keepdims=True)
    if "squares" in fields:
        found["squares"] = ops.sum(
            ops.square(classes.p), axis=-1, keepdims=True
        )
    if "loss" in fields:
        found["loss"] = ops.expand_dims(losses, axis=-1)
    return found


def logarithms(kept, xp):
    """`kept` of probabilities with their logarithms, as a loss reads them."""
    floor = keras.config.epsilon()
    logs = {
        name: xp.log(xp.maximum(getattr(kept, name), floor))
        for name in ("log_p", "best", "second")
    }
    return replace(kept, **logs)
