"""LossSchedules: tells losses with a schedule what epoch it is."""

from keras_robust import training
from keras_robust.callbacks.in_step import InStep
from keras_robust.training import head


class LossSchedules(InStep):
    """Lets the schedules in the compiled loss follow the training.

    A loss cannot see the epoch itself. This callback puts it into the compiled
    step, where a change of it needs no new trace; evaluations between epochs
    see it too. `CrossEntropyWarmUp`, and `LossTrajectory` while it records
    inside the step, do the same, so beside one of them it may be left out. A
    loss with a schedule that is trained without any of them raises.

    Epochs count from 0 as Keras counts them, so `initial_epoch` is honoured;
    steps go on from the optimizer's, so that a resumed training goes on where
    it was. After a `fit` that was broken off, and until the next one, the loss
    stays that of the epoch it was broken off in.

    Raises:
        ValueError: When training starts, for a model without a loss that
            follows a schedule.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(3, activation="softmax")]
    ... )
    >>> cutoff = kr.losses.schedules.Delayed(0.05, start_epoch=4)
    >>> model.compile("adam", loss=kr.losses.PiecewiseZero(cutoff=cutoff))
    >>> x, y = np.eye(4)[:3], np.arange(3)
    >>> history = model.fit(
    ...     x, y, epochs=6, verbose=0, callbacks=[kr.callbacks.LossSchedules()]
    ... )
    """

    def __init__(self):
        super().__init__(training.Participant())

    def set_model(self, model):
        if not head.may_follow_schedules(model):
            raise ValueError(
                "LossSchedules has nothing to do: no loss of the model follows "
                "a schedule. Give one, such as PiecewiseZero(cutoff=schedules."
                "Delayed(0.05, start_epoch=4)), or leave the callback out. "
                f"Received: loss={getattr(model, 'loss', None)!r}"
            )
        super().set_model(model)
