"""RobustHyperModel: a search for a model and the loss it is trained with."""

import inspect

import keras
import numpy as np

from keras_robust import callbacks as callbacks_room
from keras_robust.losses import arguments
from keras_robust.training.random_numbers import seeded
from keras_robust.tuning import garbage
from keras_robust.tuning import keras_tuner as kt
from keras_robust.tuning.compiling import compile_with
from keras_robust.tuning.loss_hyperparameters import loss_hyperparameters
from keras_robust.tuning.loss_hyperparameters import loss_spaces
from keras_robust.tuning.loss_hyperparameters import warm_up_epochs
from keras_robust.tuning.objectives import check_objective
from keras_robust.tuning.objectives import objective_of
from keras_robust.tuning.search_folder import check_folder
from keras_robust.tuning.search_folder import trajectories_path
from keras_robust.tuning.trial_seed import seed_of


class RobustHyperModel:
    """A hypermodel for KerasTuner that searches for the loss as well.

    It is given to any of KerasTuner's tuners (RandomSearch, GridSearch,
    Hyperband, BayesianOptimization), which then choose among losses and their
    parameters beside what `build` asks of them. Every trial has a tracker and
    a warm-up of its own, and its trajectories are written beside it, as
    `trajectories.npz` in the folder of the trial.

    Use it to find a loss on data whose validation labels are as noisy as the
    others: take `objective` from here, an accuracy, as losses cannot be
    compared by their values.

    A trial is a function of its hyperparameters: weights and the order of
    samples are drawn from a seed made of them, so that it is the same trial
    whichever worker runs it, and when it is run again.

    KerasTuner collects garbage twice a trial. A hypermodel takes what is there
    when it is made out of that (`gc.freeze`), which makes a trial some tenths
    of a second shorter; `gc.unfreeze` follows when its search has ended. What
    you `del` between the two may stay in memory as long.

    Args:
        build: Function `build(hp)` that returns a model, not compiled, or
            compiled without `loss`; its optimizer and metrics are kept, made
            again from their configs, so register those of your own.
        losses: Names to choose from, as of `loss_hyperparameters`.
        score: What trials are compared by, on the validation data of
            `search`: `"accuracy"` (default), or a metric that is better the
            larger it is, such as `NoiseCorrectedAccuracy(transition_matrix)`.
        transition_matrix: Of the label noise; only parameters that tolerate
            it are searched. Defaults to `None`: all.
        max_warm_up: The most epochs of cross-entropy before the loss; their
            number is searched for. Defaults to `5`.
        patience: Epochs without a rise of the score after which a trial is
            stopped. Defaults to `None`: none is.
        from_logits: Whether the model gives logits. Defaults to `False`.
        cross_entropy: Whether cross-entropy is among the choices without
            being named. Defaults to `True`.
        callbacks: Function `callbacks(hp, tracker)` that returns a list of
            new callbacks for a trial, such as `Reweight(tracker)`. Defaults
            to `None`.
        track: Whether to record trajectories. Defaults to `True`.
        seed: An integer of at least 0; with it trials are repeatable.
            `None`: every trial draws its own. Defaults to `0`.
        prefix: What the names of the hyperparameters start with. Defaults to
            `"loss"`.

    Attributes:
        objective: The `keras_tuner.Objective` for the tuner.

    Raises:
        ImportError: If KerasTuner, or on TensorFlow TensorBoard, is missing.
        ValueError: For bad arguments and losses that cannot be tuned. When
            the tuner is made, for a `build` that compiles a loss or a matrix
            of other classes than the model's. When the first trial begins, for
            `val_loss` as the objective, the folder of another search, or a
            tracker among the callbacks of `search`.

    Example:

    >>> import keras
    >>> import keras_robust as kr
    >>> def build(hp):
    ...     width = hp.Int("width", 8, 32, step=8)
    ...     return keras.Sequential([
    ...         keras.Input((4,)),
    ...         keras.layers.Dense(width, activation="relu"),
    ...         keras.layers.Dense(3, activation="softmax"),
    ...     ])
    >>> hypermodel = kr.tuning.RobustHyperModel(build, losses=("agce", "gce"))
    >>> hypermodel.objective.name
    'val_accuracy'

    and then `keras_tuner.RandomSearch(hypermodel, hypermodel.objective)`,
    `tuner.search(x, y, validation_data=(x_val, y_val), epochs=20)` and
    `kr.tuning.SearchReport(tuner)`.

    Reference: O'Malley et al., KerasTuner, 2019.
    """

    def __new__(cls, *args, **kwargs):
        kind = kt.based_on(cls, "HyperModel")
        made, ends = garbage.leave_out_loaded(lambda: object.__new__(kind))
        made._end_freeze = ends
        return made

    def __init__(
        self,
        build,
        losses=("agce", "gce", "nce+agce"),
        score="accuracy",
        transition_matrix=None,
        max_warm_up=5,
        patience=None,
        from_logits=False,
        cross_entropy=True,
        callbacks=None,
        track=True,
        seed=0,
        prefix="loss",
    ):
        _check_callable("build", build, "build(hp)")
        if callbacks is not None:
            _check_callable("callbacks", callbacks, "callbacks(hp, tracker)")
        self.spaces = loss_spaces(losses, transition_matrix, cross_entropy)
        self.options = {
            "losses": losses,
            "prefix": prefix,
            "from_logits": arguments.flag("from_logits", from_logits),
            "transition_matrix": transition_matrix,
            "max_warm_up": max_warm_up,
            "cross_entropy": cross_entropy,
        }
        self.objective = objective_of(score)
        self.score = score
        self.patience = arguments.integer(
            "patience", patience, at_least=1, optional=True
        )
        self.seed = arguments.integer("seed", seed, at_least=0, optional=True)
        self.track = arguments.flag("track", track)
        self._make_model = build
        self._make_callbacks = callbacks
        # How often the trial of these hyperparameters has been run here.
        self._runs = {}
        super().__init__(name="robust_hyper_model")

    def build(self, hp):
        """The model of a trial, compiled with its loss."""
        loss = loss_hyperparameters(hp, **self.options)
        with seeded(*self._seeds(hp), 0):
            model = self._make_model(hp)
            compile_with(model, loss, self.score)
        _check_classes(model, self.options["transition_matrix"], self.score)
        return model

    def fit(self, hp, model, *args, **kwargs):
        """Trains the model of a trial, and writes its trajectories."""
        given = list(kwargs.pop("callbacks", None) or [])
        tuner, trial = _of_search(given)
        self._check_search(tuner, args, kwargs, given)
        tracker = callbacks_room.LossTrajectory(warn_on_collapse=False)
        listed = self._callbacks(hp, tracker) + given
        with seeded(*self._seeds(hp), 1):
            if self.track:
                fitted = tracker.fit(model, *args, callbacks=listed, **kwargs)
            else:
                fitted = model.fit(*args, callbacks=listed, **kwargs)
        execution = self._count(hp, tuner)
        if self.track and tuner is not None:
            path = trajectories_path(tuner, trial.trial_id, execution)
            tracker.trajectories.save(path)
        return fitted

    def _callbacks(self, hp, tracker):
        listed = []
        warm_up = warm_up_epochs(hp, self.options["prefix"])
        if warm_up:
            listed.append(callbacks_room.CrossEntropyWarmUp(warm_up))
        if self._make_callbacks is not None:
            listed += self._make_callbacks(hp, tracker)
        if self.patience is not None:
            listed.append(
                callbacks_room.NoisyEarlyStopping(
                    monitor=self.objective.name,
                    patience=self.patience,
                    start_from_epoch=warm_up,
                )
            )
        return listed

    def _check_search(self, tuner, args, kwargs, given):
        if any(isinstance(c, callbacks_room.LossTrajectory) for c in given):
            raise kt.fatal(
                "RobustHyperModel makes a new LossTrajectory for every trial; "
                "leave the tracker out of the callbacks of `search`. Callbacks "
                "that need one are made by its argument `callbacks`."
            )
        if tuner is None:
            return
        garbage.end_with_search(tuner, self._end_freeze)
        check_objective(tuner.oracle.objective, self.spaces)
        described = {
            **self._describe(tuner),
            "validation_split": kwargs.get("validation_split"),
        }
        check_folder(tuner, described, _labels(args, kwargs))

    def _describe(self, tuner):
        """What all trials in a folder must have in common."""
        ranges = {
            name: {k: list(one) for k, one in space.ranges.items()}
            for name, space in self.spaces.items()
        }
        return {
            "losses": ranges,
            "objective": str(tuner.oracle.objective),
            "score": _named(self.score),
            "from_logits": self.options["from_logits"],
            "max_warm_up": self.options["max_warm_up"],
            "patience": self.patience,
            "seed": self.seed,
        }

    def _seeds(self, hp):
        if self.seed is None:
            return (None,)
        own = seed_of(hp)
        return (self.seed, own, self._runs.get(own, 0))

    def _count(self, hp, tuner):
        """Returns which execution of the trial this was, from 0 on."""
        own = seed_of(hp)
        executions = getattr(tuner, "executions_per_trial", 1)
        done = self._runs.get(own, 0)
        self._runs[own] = (done + 1) % executions
        return done


def _check_callable(name, given, form):
    if not callable(given) or isinstance(given, keras.Model):
        raise ValueError(
            f"`{name}` must be a function `{form}`. Received: {name}={given!r}"
        )
    try:
        inspect.signature(given).bind(*form.split(","))
    except TypeError as error:
        raise ValueError(
            f"`{name}` must be a function `{form}`. Received: {name}={given!r}"
            f", which takes {inspect.signature(given)}"
        ) from error


def _check_classes(model, transition_matrix, score):
    shape = getattr(model, "output_shape", None) if model.built else None
    if not isinstance(shape, tuple):
        return
    outputs = 2 if shape[-1] == 1 else shape[-1]
    for matrix in (
        transition_matrix,
        getattr(score, "transition_matrix", None),
    ):
        if matrix is not None and np.shape(matrix)[0] != outputs:
            raise ValueError(
                "The transition matrix must have a row for every class of the "
                f"model. Received: a matrix of shape {np.shape(matrix)}, and a "
                f"model of {outputs} classes"
            )


def _labels(args, kwargs):
    """Those of training and of validation, as `search` was given them."""
    validation = kwargs.get("validation_data")
    pair = isinstance(validation, tuple | list) and len(validation) > 1
    return {
        "labels": args[1] if len(args) > 1 else kwargs.get("y"),
        "validation labels": validation[1] if pair else None,
    }


def _of_search(given):
    """The tuner and the trial, which its own callback knows."""
    for callback in given:
        if hasattr(callback, "tuner") and hasattr(callback, "trial"):
            return callback.tuner, callback.trial
    return None, None


def _named(score):
    if isinstance(score, str):
        return score
    return keras.saving.serialize_keras_object(score)
