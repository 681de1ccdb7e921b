"""trimmed_validation: validation data without its probably wrong labels."""

from dataclasses import dataclass
from dataclasses import fields
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from keras_robust.detect import confident_learning
from keras_robust.probe import cross_val_predict_probs


@dataclass(frozen=True, eq=False)
class TrimmedValidation:
    """What is left of a validation set.

    Attributes:
        data: The pair `(x, y)` of the samples that are not flagged, for
            `validation_data`.
        keep: Mask of those among all, bool `(N,)`.
        issues: The `LabelIssues` of all of them.
    """

    data: tuple
    keep: np.ndarray
    issues: Any


def trimmed_validation(
    model_fn,
    x,
    y,
    validation_data,
    *,
    filter_by="prune_by_noise_rate",
    folds=5,
    seed=0,
    **options,
):
    """Leaves out the validation samples whose labels are probably wrong.

    They are flagged once, before a search, by models that have not been
    trained on them, so that accuracy on the rest, the trimmed accuracy, is of
    the same samples in every trial: training and validation samples together
    are predicted fold by fold, and confident learning is asked about both.

    Use it where nobody knows the transition matrix and the labels of the
    validation set are too wrong to tell good trials apart. What is left is
    easier than the whole: trimmed accuracies are for comparing, and say too
    much of how good a model is.

    Args:
        model_fn: Function without arguments that builds and compiles a model,
            as of `probe.cross_val_predict_probs`.
        x: Training samples, an array or nested arrays; `None` to flag by the
            validation samples alone.
        y: Their labels, integers `(N,)` or `(N, 1)`; `None` likewise.
        validation_data: The pair `(x, y)` of samples with labels as noisy.
        filter_by: As of `detect.confident_learning`. Defaults to
            `"prune_by_noise_rate"`.
        folds: Number of trainings, at least 2. Defaults to `5`.
        seed: Seed of folds and trainings. Defaults to `0`.
        **options: Others of `probe.cross_val_predict_probs`: `epochs`,
            `batch_size`, `callbacks`, `resume`, `verbose`.

    Returns:
        A `TrimmedValidation`; its `data` goes to `tuner.search`.

    Raises:
        ValueError: For bad arguments, or if no sample is left.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> x, y = np.repeat(np.eye(3), 20, axis=0), np.repeat(np.arange(3), 20)
    >>> x_val, y_val = np.repeat(np.eye(3), 4, axis=0), np.repeat([0, 1, 2], 4)
    >>> y_val[0] = 2  # a wrong label
    >>> def model_fn():
    ...     softmax = keras.layers.Dense(3, activation="softmax")
    ...     model = keras.Sequential([keras.Input((3,)), softmax])
    ...     adam = keras.optimizers.Adam(0.3)
    ...     model.compile(adam, loss="sparse_categorical_crossentropy")
    ...     return model
    >>> trimmed = kr.tuning.trimmed_validation(
    ...     model_fn, x, y, (x_val, y_val), folds=2, epochs=9, verbose=0
    ... )
    >>> np.flatnonzero(~trimmed.keep)
    array([0])

    Reference: Northcutt, Jiang, Chuang, "Confident Learning", JAIR 2021.
    """
    try:
        x_val, y_val = validation_data
    except (TypeError, ValueError) as error:
        raise ValueError(
            "`validation_data` must be the pair (x, y). Received: "
            f"{type(validation_data).__name__}"
        ) from error
    if (x is None) != (y is None):
        raise ValueError(
            "Give both `x` and `y` of the training samples, or neither. "
            f"Received: x={type(x).__name__}, y={type(y).__name__}"
        )
    y_val = np.asarray(y_val)
    both_x, both_y = x_val, y_val
    if x is not None:
        both_x = keras.tree.map_structure(_joined, x, x_val)
        both_y = _joined(y, y_val)
    pred_probs = cross_val_predict_probs(
        model_fn, both_x, both_y, folds, seed=seed, **options
    )
    of_all = confident_learning(both_y, pred_probs, filter_by)
    first = len(both_y) - len(y_val)
    mask = of_all.is_label_issue[first:]
    if mask.all():
        raise ValueError(
            "Every validation label is flagged as wrong: train the models "
            "that judge them longer (`epochs`), or take another `filter_by`. "
            f"Received: {len(mask)} samples, filter_by={filter_by!r}"
        )
    keep = ~mask
    kept = keras.tree.map_structure(lambda a: np.asarray(a)[keep], x_val)
    return TrimmedValidation((kept, y_val[keep]), keep, _rows(of_all, first))


def _joined(one, other):
    return np.concatenate([np.asarray(one), np.asarray(other)])


def _rows(issues, first):
    """The issues of the samples from `first` on, numbered from 0."""
    rows = {
        field.name: getattr(issues, field.name)[first:]
        for field in fields(issues)
        if np.ndim(getattr(issues, field.name)) == 1
    }
    return replace(issues, **{**rows, "ids": np.arange(len(issues) - first)})
