"""What `repair` is given: checked before anything is trained."""

import keras

from keras_robust.detect.issues.applying import ReviewedLabels
from keras_robust.probe.inputs import row_values
from keras_robust.training.sources.layout import as_numpy
from keras_robust.workflow import untouched
from keras_robust.workflow.auditing import Audit


def check_audit(found):
    """Raises unless it is what `audit` returned."""
    if not isinstance(found, Audit) or found.settings is None:
        raise ValueError(
            "`found` must be what `audit` returned. Received: "
            f"{type(found).__name__}"
        )


def as_audited(y, count, issues):
    """`y` as an array, if these are the labels of the audit."""
    classes = untouched.as_class_numbers("y", y, count)
    if len(issues) != count or (classes != issues.given_label).any():
        other = (
            f"{count} labels, {len(issues)} in the audit"
            if len(issues) != count
            else f"{int((classes != issues.given_label).sum())} others"
        )
        raise ValueError(
            "`y` must be the labels of the audit, in the same order; give "
            f"new ones as `labels`. Received: {other}"
        )
    return as_numpy(y)


def check_samples(x, found):
    """Raises unless these are the samples of the audit, in its order."""
    if found.looks is None:
        return
    size, before = found.looks
    count, now = untouched.digests_of_some(x)
    others = sum(a != b for a, b in zip(now, before, strict=False))
    if count != size or others:
        raise ValueError(
            "`x` must be the samples of the audit, as they were then and in "
            f"the same order. Received: {count} samples, {size} in the audit; "
            f"of {len(now)} looked at {others} are others"
        )


def decided(decisions, issues, y, labels, sample_weight):
    """The labels and weights of a review."""
    if labels is not None or sample_weight is not None:
        raise ValueError(
            "`decisions` stand for labels and weights; give them, or "
            "`labels` and `sample_weight`. Received: both"
        )
    if not isinstance(decisions, ReviewedLabels):
        decisions = issues.apply(decisions, y)
    weights = decisions.weights
    # Those left out do not make the steps smaller.
    return decisions.labels, weights / max(weights.mean(), 1e-12)


def as_labels(labels, y, count, issues):
    """The labels to train on, and how many are changed."""
    if labels is None:
        return y, 0
    labels = as_numpy(labels)
    classes = untouched.as_class_numbers("labels", labels, count)
    if labels.reshape(-1).shape != y.reshape(-1).shape:
        raise ValueError(
            "`labels` must have the form of `y`. Received: labels of shape "
            f"{labels.shape}, y of shape {y.shape}"
        )
    if issues.num_classes is not None and classes.max() >= issues.num_classes:
        raise ValueError(
            f"`labels` must be of the {issues.num_classes} classes. Received: "
            f"a label {classes.max()}"
        )
    return labels, int((classes != issues.given_label).sum())


def num_zero(weights):
    """How many of the weights are 0."""
    return 0 if weights is None else int((as_numpy(weights) == 0).sum())


def as_weights(sample_weight, found, count):
    """The weights to train with, float32 `(N,)`, or `None`."""
    weights = None
    if sample_weight is not None:
        weights = row_values("sample_weight", sample_weight, count)
    before = found.settings.sample_weight
    if before is not None:
        before = row_values("sample_weight", before, count)
        weights = before if weights is None else before * weights
    if weights is not None and not weights.any():
        raise ValueError(
            "All weights are 0, so there is nothing to train on. Received: "
            f"{found.issues.num_issues} of {count} labels flagged"
        )
    return weights


def as_callbacks(callbacks, found):
    """The callbacks of the second training, new ones."""
    if callbacks is None and found.with_callbacks:
        raise ValueError(
            "The audit was given callbacks, which keep what they saw; give "
            "new ones here, or `callbacks=[]` to train without. Received: "
            "callbacks=None"
        )
    return list(callbacks or ())


def as_model_fn(model_fn, found):
    """The function that makes the second model."""
    model_fn = found.model_fn if model_fn is None else model_fn
    if not callable(model_fn) or isinstance(model_fn, keras.Model):
        raise ValueError(
            "`repair` needs a function that builds and compiles a new model: "
            "give it to `audit`, or here as `model_fn`. Received: "
            f"model_fn={model_fn!r}"
        )
    return model_fn


def check_new(model, found):
    """Raises if a model has been trained before."""
    steps = int(keras.ops.convert_to_numpy(model.optimizer.iterations))
    if model is found.model or steps:
        raise ValueError(
            "`model_fn` must make a new model at every call; this one has "
            "learnt the wrong labels already. Received: a model whose "
            f"optimizer has taken {steps} steps"
        )
