"""Train while recording, then find wrong labels, in one call."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

import keras

from keras_robust.detect import LabelIssues
from keras_robust.detect import find_label_issues
from keras_robust.report.review.checks import check_kind
from keras_robust.report.review.checks import check_names
from keras_robust.report.review.reading import Samples
from keras_robust.report.review.rendering import need_jinja2
from keras_robust.report.review.writing import check_path
from keras_robust.trajectories import Trajectories
from keras_robust.workflow import recorded_training
from keras_robust.workflow.recorded_training import Settings
from keras_robust.workflow.untouched import TestSet
from keras_robust.workflow.untouched import as_test_set
from keras_robust.workflow.untouched import digests_of_some


@dataclass(frozen=True)
class Audit:
    """What `audit` found, and what it found it in.

    Attributes:
        issues: The suspected labels, a `keras_robust.detect.LabelIssues`.
        trajectories: What was recorded of every sample.
        history: Keras's `History` of the training.
        model: The model that was trained.
        model_fn: What made it, if a function did.
        settings: How it was trained, for `repair`.
        test: The test data as it was then, if it was given.
        with_callbacks: Whether callbacks of the user's took part.
        looks: What tells whether `repair` is given the same samples.
    """

    issues: LabelIssues
    trajectories: Trajectories = field(repr=False)
    history: keras.callbacks.History = field(repr=False)
    model: keras.Model = field(default=None, repr=False)
    model_fn: Callable | None = field(default=None, repr=False)
    settings: Settings | None = field(default=None, repr=False)
    test: TestSet | None = field(default=None, repr=False)
    with_callbacks: bool = field(default=False, repr=False)
    looks: tuple | None = field(default=None, repr=False)


def audit(
    model,
    x,
    y,
    epochs=40,
    batch_size=64,
    warm_up=None,
    score="auto",
    split="auto",
    seed=None,
    sample_weight=None,
    ids=None,
    test=None,
    report=None,
    kind=None,
    class_names=None,
    sampling_rate=None,
    overwrite=False,
    **fit,
):
    """Trains a model on possibly wrong labels and finds them.

    For a first look at a data set: `fit` with a `LossTrajectory`, then
    `find_label_issues`, and the page for a person's review. Afterwards
    `repair` trains a new model on what was found, or on what the person
    decided, and compares both.

    Args:
        model: A function without arguments that builds and compiles a
            `keras.Model` with one output, which lets `repair` make another;
            or such a model, which is trained, as with `fit`.
        x: Samples, as `LossTrajectory.track` takes them.
        y: Labels of them.
        epochs: Epochs to train. Defaults to `40`.
        batch_size: Samples a step. Defaults to `64`.
        warm_up: Epochs of cross-entropy before a robust loss, see
            `CrossEntropyWarmUp`. Defaults to `None`: its default of
            epochs for a robust loss, none for any other.
        score: As of `find_label_issues`. Defaults to `"auto"`.
        split: As of `find_label_issues`. Defaults to `"auto"`.
        seed: Seed of the shuffling, and of the weights of a model that a
            function makes. Defaults to `None`.
        sample_weight: Weights `(N,)`. Defaults to `None`.
        ids: Names of the samples. Defaults to their positions.
        test: Test data `(x, y)`, arrays that are neither trained on nor
            looked at here: they are kept, so that `repair` sees whether their
            labels were changed in between. Defaults to `None`.
        report: The page to write for a review, an .html file, see
            `LabelIssues.to_html`. Defaults to `None`: none.
        kind: What the samples are, for the page: `"image"`, `"text"`,
            `"tabular"` or `"audio"`; `x` must then be one array or list.
            Defaults to `None`: it does not show them.
        class_names: Names of the classes, in order, for the page. Defaults
            to `None`: their numbers.
        sampling_rate: How many numbers a second of `"audio"` has; needed
            there.
        overwrite: Whether a page that is there is replaced. Defaults to
            `False`.
        **fit: Anything else `model.fit` takes, e.g. `verbose` or `callbacks`.

    Returns:
        An `Audit`.

    Raises:
        TypeError: If `model` is a function that makes no compiled model.
        FileExistsError: If there is a file at `report` already; before
            training.
        ImportError: If `report` is given, and jinja2 is missing; before
            training.
        ValueError: As `LossTrajectory` and `find_label_issues` do; before
            training, if what is said of the page will not do.

    Warns:
        UserWarning: If the page could not be written after all; what was
            found is returned.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> keras.utils.set_random_seed(0)
    >>> x = np.repeat(np.eye(3), 80, axis=0)
    >>> y = np.repeat(np.arange(3), 80)
    >>> y[0] = 1  # a wrong label
    >>> model = keras.Sequential(
    ...     [keras.Input((3,)), keras.layers.Dense(3, activation="softmax")]
    ... )
    >>> adam = keras.optimizers.Adam(0.1)
    >>> model.compile(adam, loss="sparse_categorical_crossentropy")
    >>> found = kr.workflow.audit(model, x, y, epochs=20, verbose=0)
    >>> found.issues.top(1).tolist()
    [0]
    """
    callbacks = list(fit.pop("callbacks", None) or ())
    settings = Settings(
        epochs, batch_size, warm_up, seed, sample_weight, ids, fit
    )
    if test is not None:
        test = as_test_set(test, "audit")
    page = {
        "kind": kind,
        "class_names": class_names,
        "sampling_rate": sampling_rate,
    }
    report = _as_report(report, overwrite, page)
    if report is not None and kind is not None:
        Samples(x, () if y is None else y)
    model_fn = None
    if callable(model) and not isinstance(model, keras.Model):
        model_fn = model
    # A model of the user's has its first weights already.
    with recorded_training.seeded_by(seed if model_fn else None):
        if model_fn is not None:
            model = recorded_training.make(model_fn)
        tracker, history = recorded_training.train(
            model, x, y, settings, callbacks
        )
    issues = find_label_issues(tracker.trajectories, score=score, split=split)
    if report is not None:
        _write_page(
            issues,
            report,
            None if kind is None else x,
            trajectories=tracker.trajectories,
            overwrite=overwrite,
            **page,
        )
    return Audit(
        issues=issues,
        trajectories=tracker.trajectories,
        history=history,
        model=model,
        model_fn=model_fn,
        settings=settings,
        test=test,
        with_callbacks=bool(callbacks),
        looks=digests_of_some(x),
    )


def _as_report(report, overwrite, page):
    """The path of the page, or `None`; what will not do is refused."""
    if report is None:
        stray = [name for name, value in page.items() if value is not None]
        if stray:
            raise ValueError(
                f"`{stray[0]}` belongs to `report`, the page to write. "
                f"Received: {stray[0]}={page[stray[0]]!r}, report=None"
            )
        return None
    need_jinja2()
    if page["kind"] is not None:
        check_kind(page["kind"], page["sampling_rate"])
    if page["class_names"] is not None:
        check_names(page["class_names"])
    return check_path(report, overwrite)


def _write_page(issues, report, *args, **options):
    """Writes the page; what goes wrong must not cost the training."""
    try:
        issues.to_html(report, *args, **options)
    except (ImportError, OSError, ValueError) as error:
        warnings.warn(
            f"The page was not written, {error}. What was found is there: "
            "`found.issues.to_html(...)` writes it.",
            stacklevel=3,
        )
