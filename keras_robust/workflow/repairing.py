"""Train again on what an audit found, and compare on untouched data."""

import warnings
from dataclasses import dataclass
from dataclasses import field

import keras
import numpy as np

from keras_robust.probe.inputs import as_arrays
from keras_robust.trajectories import Trajectories
from keras_robust.workflow import recorded_training
from keras_robust.workflow import repair_input
from keras_robust.workflow import untouched
from keras_robust.workflow.comparing import Comparison
from keras_robust.workflow.comparing import compare


@dataclass(frozen=True, eq=False, repr=False)
class Repair:
    """What `repair` made; `print` it for the report.

    Attributes:
        model: The model trained again.
        comparison: A `Comparison` of both models, `None` without test data.
        trajectories: What was recorded of every sample this time, for
            another `find_label_issues`.
        history: Keras's `History` of the training.
        labels: The labels trained on, in the form of `y`.
        sample_weight: float32 `(N,)`, the weights trained with, or `None`.
        num_changed: How many labels are other ones than before.
        num_left_out: How many samples have the weight 0, and had not before.
        notes: What to know of the comparison, a list of sentences; those
            about touched test data were warnings too.
    """

    model: keras.Model
    comparison: Comparison | None
    trajectories: Trajectories
    history: keras.callbacks.History
    labels: np.ndarray
    sample_weight: np.ndarray | None
    num_changed: int
    num_left_out: int
    notes: list = field(default_factory=list)

    def __repr__(self):
        return (
            f"Repair({self.num_changed} labels changed, {self.num_left_out} "
            f"left out, {self.comparison!r})"
        )

    def __str__(self):
        said = (
            f"Trained again: {self.num_changed:,} of {len(self.labels):,} "
            f"labels changed, {self.num_left_out:,} left out."
        )
        parts = [said]
        if self.comparison is not None:
            parts.append(str(self.comparison))
        parts.extend(f"Note: {note}" for note in self.notes)
        return "\n".join(parts)


def repair(
    found,
    x,
    y,
    decisions=None,
    labels=None,
    sample_weight=None,
    test=None,
    model_fn=None,
    callbacks=None,
):
    """Trains a new model without the wrong labels, and says what it brought.

    The new model is trained as the one of the audit was: the same settings,
    and with a seed the same first weights and order of the samples. Both
    are asked about test data, of which samples that were trained on are left
    out. Decide by the interval, and repair the test labels, if they need it,
    by hand and before the audit: labels corrected by a model make it look
    better than it is.

    Args:
        found: The `Audit`, its model as `audit` left it.
        x: The samples of the audit, arrays, as they were then; some of them
            are looked at.
        y: Their labels as they were then.
        decisions: What a person decided on the review page: the path of the
            file that it gives, or what `found.issues.apply` made of it (to
            leave out what nobody decided about, for example). Its labels and
            weights are trained with. Defaults to `None`.
        labels: The labels to train on instead, in the form of `y`. Defaults
            to `None`: `y`.
        sample_weight: Weights `(N,)` to train with, 0 to leave a sample out;
            they multiply those of the audit. Defaults to `None`: 1 if there
            are `labels`, else `found.issues.weights(normalize=True)`,
            which leaves out the flagged labels.
        test: Test data `(x, y)`, arrays. Defaults to `None`: that of the
            audit; without any nothing is compared.
        model_fn: Function that builds and compiles a model. Defaults to
            `None`: that of the audit.
        callbacks: New callbacks for `fit`. If the audit was given some, these
            must be too (`[]` for none), as they keep what they saw.

    Returns:
        A `Repair`.

    Raises:
        TypeError: If `model_fn` gives no compiled model.
        ValueError: If the data are not those of the audit, an argument is
            not as described, or all test samples were trained on; all before
            training.

    Warns:
        UserWarning: If test samples are among those trained on or those
            validated with, or test labels have changed or some of the test
            samples are missing since the audit.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> rng = np.random.default_rng(0)
    >>> true = np.repeat(np.arange(3), 80)
    >>> x = np.eye(3)[true] + rng.normal(scale=0.2, size=(240, 3))
    >>> y = true.copy()
    >>> y[:5] = 1  # wrong labels
    >>> test = np.eye(3)[true] + rng.normal(scale=0.2, size=(240, 3)), true
    >>> def model_fn():
    ...     softmax = keras.layers.Dense(3, activation="softmax")
    ...     model = keras.Sequential([keras.Input((3,)), softmax])
    ...     adam = keras.optimizers.Adam(0.1)
    ...     model.compile(adam, loss="sparse_categorical_crossentropy")
    ...     return model
    >>> found = kr.workflow.audit(
    ...     model_fn, x, y, epochs=20, seed=0, test=test, verbose=0
    ... )
    >>> repaired = kr.workflow.repair(found, x, y)
    >>> repaired.num_left_out == found.issues.num_issues
    True
    >>> repaired.comparison.size
    240

    Reference:
        The test labels are left alone: Northcutt, Athalye, Mueller,
        "Pervasive Label Errors in Test Sets", NeurIPS 2021.
    """
    repair_input.check_audit(found)
    x, count = as_arrays(x, "repair")
    y = repair_input.as_audited(y, count, found.issues)
    repair_input.check_samples(x, found)
    if decisions is not None:
        labels, sample_weight = repair_input.decided(
            decisions, found.issues, y, labels, sample_weight
        )
    elif labels is None and sample_weight is None:
        sample_weight = found.issues.weights(normalize=True)
    weights = repair_input.as_weights(sample_weight, found, count)
    labels, num_changed = repair_input.as_labels(labels, y, count, found.issues)
    callbacks = repair_input.as_callbacks(callbacks, found)
    model_fn = repair_input.as_model_fn(model_fn, found)
    test, notes = _as_test(test, found, x)
    before = found.settings.sample_weight
    settings = found.settings._replace(sample_weight=weights)
    with recorded_training.seeded_by(settings.seed):
        model = recorded_training.make(model_fn)
        repair_input.check_new(model, found)
        tracker, history = recorded_training.train(
            model, x, labels, settings, callbacks
        )
    comparison = None
    if test is not None:
        comparison = compare(found.model, model, test, settings.batch_size)
    return Repair(
        model=model,
        comparison=comparison,
        trajectories=tracker.trajectories,
        history=history,
        labels=labels,
        sample_weight=weights,
        num_changed=num_changed,
        num_left_out=repair_input.num_zero(weights)
        - repair_input.num_zero(before),
        notes=notes,
    )


def _as_test(test, found, x):
    """The test data that may be compared on, and what to say of it."""
    if test is None and found.test is None:
        return None, [
            "no test data was given (`test=(x, y)`), so nothing was compared."
        ]
    test = found.test if test is None else untouched.as_test_set(test, "repair")
    notes, said = [], []
    seen = untouched.seen_in(test.digests, untouched.digests_of(x))
    if seen.any():
        said.append(
            f"{int(seen.sum()):,} of {seen.size:,} test samples were found "
            "among the training samples; they are left out of the comparison."
        )
    if seen.all():
        raise ValueError(
            "`test` must hold samples that were not trained on. Received: "
            f"{seen.size} test samples, all among the training samples"
        )
    validation = found.settings.fit.get("validation_data")
    if isinstance(validation, tuple | list):
        chosen = untouched.digests_of(as_arrays(validation[0], "repair")[0])
        both = int(untouched.seen_in(test.digests, chosen).sum())
        if both:
            said.append(
                f"{both:,} test samples are validation data too: what was "
                "chosen by them (when to stop, for one) flatters the result."
            )
    elif validation is not None:
        notes.append(
            "the validation data are no arrays, so nobody looked whether test "
            "samples are among them."
        )
    if found.test is None:
        notes.append(
            "the audit was not given the test data, so labels of it that "
            "were changed since would go unnoticed: `audit(..., test=...)`."
        )
    else:
        changed, new, gone = untouched.changes(test, found.test)
        if changed:
            said.append(
                f"{changed:,} test labels are other ones than at the audit. "
                "Labels that a model had a hand in make it look better."
            )
        # Where all are gone, these are other test data, and a note says so.
        if 0 < gone < len(found.test.digests):
            said.append(
                f"{gone:,} test samples of the audit are missing. To leave "
                "out those that a model gets wrong makes it look better."
            )
        if new:
            notes.append(
                f"{new:,} test samples were not in the test data of the audit."
            )
    for sentence in said:
        warnings.warn(sentence, stacklevel=3)
    return (test.keep(~seen) if seen.any() else test), said + notes
