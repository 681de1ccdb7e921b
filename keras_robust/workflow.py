"""The whole loop in a line: train while recording, then find wrong labels."""

from dataclasses import dataclass

import keras

from keras_robust.callbacks import CrossEntropyWarmUp
from keras_robust.callbacks import LossTrajectory
from keras_robust.detect import LabelIssues
from keras_robust.detect import find_label_issues
from keras_robust.losses import RobustLoss
from keras_robust.trajectories import Trajectories

# Epochs of cross-entropy before a robust loss, where the user does not say.
WARM_UP = CrossEntropyWarmUp().epochs


@dataclass(frozen=True)
class Audit:
    """What `audit` found, and what it found it in.

    Attributes:
        issues: The suspected labels, a `keras_robust.detect.LabelIssues`.
        trajectories: What was recorded of every sample.
        history: Keras's `History` of the training.
    """

    issues: LabelIssues
    trajectories: Trajectories
    history: keras.callbacks.History


def audit(
    model,
    x,
    y,
    epochs=40,
    batch_size=64,
    warm_up=None,
    score="aum",
    split="gmm",
    seed=None,
    sample_weight=None,
    ids=None,
    **fit,
):
    """Trains a compiled model on possibly wrong labels and finds them.

    For a first look at a data set: `fit` with a `LossTrajectory`, then
    `find_label_issues`. The model is trained afterwards, as with `fit`.

    Args:
        model: A compiled `keras.Model` with one output.
        x: Samples, as `LossTrajectory.track` takes them.
        y: Labels of them.
        epochs: Epochs to train. Defaults to `40`.
        batch_size: Samples a step. Defaults to `64`.
        warm_up: Epochs of cross-entropy before a robust loss, see
            `CrossEntropyWarmUp`. Defaults to `None`: its default of
            epochs for a robust loss, none for any other.
        score: Name of the score. Defaults to `"aum"`.
        split: Name of the split. Defaults to `"gmm"`.
        seed: Seed of the shuffling. Defaults to `None`.
        sample_weight: Weights `(N,)`. Defaults to `None`.
        ids: Names of the samples. Defaults to their positions.
        **fit: Anything else `model.fit` takes, e.g. `verbose` or `callbacks`.

    Returns:
        An `Audit`.

    Raises:
        ValueError: As `LossTrajectory` and `find_label_issues` do.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> keras.utils.set_random_seed(0)
    >>> x = np.repeat(np.eye(3), 20, axis=0)
    >>> y = np.repeat(np.arange(3), 20)
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
    tracker = LossTrajectory()
    callbacks = [tracker, *(fit.pop("callbacks", None) or ())]
    if warm_up is None:
        warm_up = WARM_UP if isinstance(model.loss, RobustLoss) else 0
    if warm_up:
        callbacks.insert(0, CrossEntropyWarmUp(epochs=warm_up))
    data = tracker.track(
        x,
        y,
        batch_size=batch_size,
        sample_weight=sample_weight,
        seed=seed,
        ids=ids,
    )
    history = model.fit(data, epochs=epochs, callbacks=callbacks, **fit)
    issues = find_label_issues(tracker.trajectories, score=score, split=split)
    return Audit(issues, tracker.trajectories, history)
