"""How far a class leads: its logit less the log-sum-exp of the others."""

from keras import ops

from keras_robust.losses import kernels
from keras_robust.losses.elementwise import exp
from keras_robust.losses.elementwise import log1p
from keras_robust.losses.probability import Probability
from keras_robust.losses.probability import at_label


def margins(labelled):
    """Returns `D = log(p / (1 - p))` without the rounding of `1 - p`.

    Of the given class, shape `(...)`, where labels are integers; else of every
    class, shape `(..., num_classes)`. From probabilities both logarithms are
    clipped as that of `Probability`.
    """
    if labelled.from_logits:
        if labelled.labels is not None:
            return _of_label(labelled.labels, labelled.logits)
        return _of_every_class(labelled.logits)
    classes = labelled.classes
    if labelled.labels is not None:
        others = _others(labelled.labels, classes.p)
        return labelled.given.log_p - Probability(p=others).log_p
    top = ops.argmax(classes.p, axis=-1)
    others = ops.expand_dims(_others(top, classes.p), -1)
    others = ops.where(chosen(top, classes.p), others, -classes.p_minus_one)
    return classes.log_p - Probability(p=others).log_p


def chosen(labels, values):
    """Whether a class is the one of the label, in the shape of `values`."""
    classes = ops.arange(values.shape[-1], dtype=labels.dtype)
    return ops.equal(ops.expand_dims(labels, -1), classes)


def from_margins(values):
    """The `Probability` of a class that leads by so much."""
    return Probability(log_p=ops.log_sigmoid(values))


def _others(labels, p):
    # A sum, because 1 - p would lose the digits of what is left.
    return ops.sum(ops.where(chosen(labels, p), 0.0, p), axis=-1)


def _of_label(labels, logits):
    others = ops.where(chosen(labels, logits), float("-inf"), logits)
    return at_label(labels, logits) - ops.logsumexp(others, axis=-1)


def _of_every_class(logits):
    # At most one class has p > 1/2, the only one whose 1 - p loses digits.
    top = ops.argmax(logits, axis=-1)
    first = chosen(top, logits)
    log_p = kernels.log_probs(logits)
    small = ops.where(first, ops.zeros_like(log_p), exp(log_p))
    lead = ops.expand_dims(_of_label(top, logits), -1)
    return ops.where(first, lead, log_p - log1p(-small))
