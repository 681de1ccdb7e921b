"""The methods that benchmarks/acting.py compares, a line each.

A method is a function of a `Task` that returns a `Plan`. Parameters are the
published ones or the defaults. Epochs that were published for a long training
are the task's `warm_up`. `noise_rate` is the true one, which no user knows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field

import keras
import numpy as np

from keras_robust import callbacks
from keras_robust import losses
from keras_robust import models
from keras_robust.losses import recipes
from keras_robust.losses import schedules


@dataclass(frozen=True)
class Task:
    """What a method may know.

    Attributes:
        tracker: The `LossTrajectory` that tracks the training data.
        epochs: Epochs of the training.
        warm_up: Epochs before a method that needs a start begins.
        noise_rate: Share of wrong labels.
        published: Data set whose published parameters are taken.
        transition_matrix: The share of every class given each label `(K, K)`.
    """

    tracker: callbacks.LossTrajectory
    epochs: int
    warm_up: int
    noise_rate: float
    published: str
    transition_matrix: np.ndarray | None = None


@dataclass(frozen=True)
class Plan:
    """How a method trains.

    Attributes:
        loss: Of logits.
        callbacks: Beside the tracker, after it.
        validates: Whether it takes a tenth of the training data, with labels
            as noisy, for validation.
        pair: The class of models of two networks, `None` for one network.
        options: What that class is given beside the networks.
        tracked: Whether the tracker is part of it.
    """

    loss: keras.losses.Loss
    callbacks: tuple = ()
    validates: bool = False
    pair: Callable | None = None
    options: dict = field(default_factory=dict)
    tracked: bool = True

    def model(self, network):
        """The model, not compiled; `network` makes one network."""
        if self.pair is None:
            return network()
        return self.pair(network(), network(), **self.options)

    def made_with(self):
        """What tells it from another method, in plain values."""
        return {
            "loss": repr(self.loss),
            "callbacks": [_described(one) for one in self.callbacks],
            "validates": self.validates,
            "pair": None if self.pair is None else self.pair.__name__,
            "options": self.options,
            "tracked": self.tracked,
        }


def _described(callback):
    """The class and the arguments of a callback that has not trained yet."""
    plain = {
        name: value
        for name, value in vars(callback).items()
        if not name.startswith("_")
        and isinstance(value, bool | int | float | str | None)
    }
    return {"class": type(callback).__name__, **plain}


def _ce():
    return losses.CrossEntropy(from_logits=True)


def _agce(task):
    return losses.get("agce", dataset=task.published, from_logits=True)


def _half(task):
    """Where methods begin that judge by several epochs."""
    return task.epochs // 2


def _scheduled(loss):
    return Plan(loss, (callbacks.LossSchedules(),))


def _acting(*made):
    """Callbacks beside cross-entropy."""
    return Plan(_ce(), made)


# The first three are what the others are measured against.
METHODS = {
    "CrossEntropy": lambda task: Plan(_ce()),
    "NoisyEarlyStopping": lambda task: Plan(
        _ce(), (callbacks.NoisyEarlyStopping(),), validates=True
    ),
    "CrossEntropyWarmUp-AGCE": lambda task: Plan(
        _agce(task), (callbacks.CrossEntropyWarmUp(task.warm_up),)
    ),
    "SwitchLoss-Blurry": lambda task: _scheduled(
        losses.SwitchLoss(
            _ce(), losses.Blurry(from_logits=True), at_epoch=task.warm_up
        )
    ),
    "PiecewiseZero-Delayed": lambda task: _scheduled(
        losses.PiecewiseZero(
            schedules.Delayed(0.05, start_epoch=task.warm_up), from_logits=True
        )
    ),
    "DynamicsAware": lambda task: _scheduled(
        recipes.dynamics_aware(task.epochs, from_logits=True)
    ),
    "SparseRegularized": lambda task: _scheduled(
        recipes.sparse_regularized(task.epochs, task.published)
    ),
    "NegativeEntropyFirst-AGCE": lambda task: _scheduled(
        recipes.negative_entropy_first(_agce(task), task.warm_up)
    ),
    "EarlyLearning": lambda task: _acting(
        callbacks.EarlyLearning(weight=3.0, beta=0.7, verbose=0)
    ),
    "SmallLoss": lambda task: _acting(
        callbacks.SmallLoss(task.tracker, task.noise_rate, epochs=task.warm_up)
    ),
    "Reweight": lambda task: _acting(
        callbacks.Reweight(task.tracker, start=task.warm_up)
    ),
    "LabelWave": lambda task: _acting(callbacks.LabelWave(task.tracker)),
    "SELC": lambda task: _acting(callbacks.SELC(start=task.warm_up, verbose=0)),
    "TemporalEnsembling": lambda task: _acting(
        callbacks.TemporalEnsembling(ramp_epochs=task.epochs, verbose=0)
    ),
    "TruncatedWeights-GCE": lambda task: Plan(
        losses.GeneralizedCrossEntropy(0.7, from_logits=True),
        (callbacks.TruncatedWeights(task.tracker, start=_half(task), every=2),),
    ),
    "AdaptiveLDRKL": lambda task: Plan(
        losses.LDRKL(from_logits=True), (callbacks.AdaptiveLDRKL(),)
    ),
    "GMMWeights": lambda task: _acting(
        callbacks.GMMWeights(task.tracker, start=task.warm_up)
    ),
    "LateStopping": lambda task: _acting(
        callbacks.LateStopping(
            task.tracker, task.noise_rate, warm_up=task.warm_up
        )
    ),
    "CNLCU-soft": lambda task: _acting(
        callbacks.CNLCU(
            task.tracker, task.noise_rate, "soft", epochs=task.warm_up
        )
    ),
    "CNLCU-hard": lambda task: _acting(
        callbacks.CNLCU(
            task.tracker, task.noise_rate, "hard", epochs=task.warm_up
        )
    ),
    "CTRL": lambda task: _acting(
        callbacks.Reweight(
            task.tracker, "ctrl", "threshold", every=4, start=_half(task)
        )
    ),
    "Relabel": lambda task: _acting(
        callbacks.Relabel(
            task.tracker, start=_half(task), every=2, window=task.warm_up + 1
        )
    ),
    "OptimizedGradientClipping": lambda task: Plan(
        losses.GradientClipping(_ce()),
        (callbacks.OptimizedGradientClipping(),),
    ),
    "CoTeaching": lambda task: Plan(
        _ce(),
        pair=models.CoTeaching,
        options={"noise_rate": task.noise_rate, "epochs": task.warm_up},
        tracked=False,
    ),
}
