"""Losses with schedules: the loss of now, made of the values of now.

A loss that was given a `Schedule` where it takes a number remembers its
arguments. Its attributes are those of the schedule's last value; at every call
it makes itself anew with the values that the clock says, tensors of the
compiled step, so that a change needs no new trace.
"""

import functools
import inspect
import itertools

import keras
from keras import ops

from keras_robust.losses import arguments
from keras_robust.losses import stage
from keras_robust.losses.scalars import is_number
from keras_robust.losses.schedules import Schedule


def takes_schedules(cls):
    """Wraps a loss class's `__init__`, so that numbers may be schedules."""
    init = cls.__init__
    signature = inspect.signature(init)

    @functools.wraps(init)
    def made(self, *args, **kwargs):
        args = [_restored(value) for value in args]
        kwargs = {name: _restored(value) for name, value in kwargs.items()}
        if not any(map(_moves, (*args, *kwargs.values()))):
            init(self, *args, **kwargs)
            return
        given = _by_name(signature, self, args, kwargs)
        schedules = {k: v for k, v in given.items() if _has(v, Schedule)}
        # Every loss it can be on the way is checked as that loss is; the last
        # one is what it is outside of training.
        for corner in _corners(schedules):
            try:
                init(self, **{**given, **corner})
            except ValueError as error:
                listed = [f"{k}={v!r}" for k, v in schedules.items()]
                raise ValueError(
                    f"{error} (a value of the schedule {', '.join(listed)})"
                ) from error
        for name, schedule in schedules.items():
            _check_number(self, name, schedule)
        self._moving = (cls, given)

    cls.__init__ = made


def _by_name(signature, loss, args, kwargs):
    given = dict(signature.bind(loss, *args, **kwargs).arguments)
    given.pop(next(iter(signature.parameters)))
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            given.update(given.pop(name, {}))
    return given


def _check_number(loss, name, schedule):
    plain = getattr(loss, name, None)
    numbers = plain if isinstance(plain, list) else [plain]
    fixed = name in loss.unscheduled
    if fixed or not all(type(number) is float for number in numbers):
        raise ValueError(
            f"`{name}` of {type(loss).__name__} cannot follow a schedule: "
            "another value of it is another computation. Switch between two "
            "losses instead, SwitchLoss(first=..., then=..., at_epoch=...). "
            f"Received: {name}={schedule!r}"
        )


def schedules(loss):
    """The arguments of a loss that are schedules, by name."""
    given = {} if loss._moving is None else loss._moving[1]
    return {k: v for k, v in given.items() if _has(v, Schedule)}


def of_now(loss, y_pred):
    """Returns the loss of now, and the predictions for it.

    Outside of training that is the loss at its schedules' end, and whoever
    asks for its slope gets an error: it would train as something else.
    """
    if loss._moving is None:
        return loss, y_pred
    now = stage.now()
    if now is None:
        ended = _made(loss, lambda schedule: schedule.last)
        return ended, _not_trained(loss)(y_pred)

    def value(schedule):
        time = getattr(now, schedule.unit)
        if time is None:
            raise ValueError(
                f"The loss follows a schedule in {schedule.unit}s, and the "
                f"{schedule.unit} is not known here. Received: loss={loss!r}"
            )
        if is_number(time):
            return schedule(time, time)
        time = ops.cast(time, "float32")
        return ops.cast(schedule.value(time, ops), loss.dtype)

    # All it can be was checked when the loss was made.
    with arguments.unchecked():
        return _made(loss, value), y_pred


def at(loss, epoch, step):
    """The loss of an epoch, with plain numbers."""
    return _made(loss, lambda schedule: schedule(epoch, step))


def outside_of(loss, inner):
    """Returns a copy of `inner` that reduces, and is called, as `loss`."""
    outer = ("reduction", "name", "_dtype", "_dtype_policy", "_given_dtype")
    found = {name: vars(loss)[name] for name in outer if name in vars(loss)}
    return _copy(inner, **found)


def _copy(loss, **changed):
    # Not `copy.copy`, which saves and loads a Keras object.
    other = object.__new__(type(loss))
    vars(other).update(vars(loss), **changed)
    return other


def _made(loss, value):
    """The loss with `value(schedule)` in place of each schedule."""
    while loss._moving is not None:
        cls, given = loss._moving
        # Its `__init__` again on a copy: what a subclass adds stays.
        loss = _copy(loss, _moving=None)
        cls.__init__(loss, **{k: _mapped(v, value) for k, v in given.items()})
    return loss


def _not_trained(loss):
    @ops.custom_gradient
    def only_forward(y_pred):
        def grad(*args, upstream=None):
            raise ValueError(
                "The loss follows a schedule, and nothing tells it what epoch "
                "it is: put keras_robust.callbacks.LossSchedules() into "
                "`callbacks` of `fit` (any other callback of keras_robust that "
                "takes part in training does it too). In a training loop of "
                "your own, compute the loss inside `with "
                "keras_robust.losses.schedules.at_epoch(epoch):`. Received: "
                f"loss={loss!r}"
            )

        return y_pred, grad

    return lambda y_pred: only_forward(ops.convert_to_tensor(y_pred))


def _mapped(value, of_schedule):
    if isinstance(value, (list, tuple)) and _moves(value):
        return [_mapped(item, of_schedule) for item in value]
    if isinstance(value, Schedule):
        return of_schedule(value)
    return _made(value, of_schedule) if _moves(value) else value


def _has(value, kind):
    # One level: what is nested deeper is a matrix of numbers.
    several = isinstance(value, (list, tuple))
    return any(isinstance(v, kind) for v in (value if several else [value]))


def _moves(value):
    several = isinstance(value, (list, tuple))
    return _has(value, Schedule) or any(
        getattr(part, "_moving", None) is not None
        for part in (value if several else [value])
    )


def _restored(value):
    """A schedule or a loss of the config that it was saved as."""
    if isinstance(value, (list, tuple)) and _has(value, dict):
        return [_restored(item) for item in value]
    if not isinstance(value, dict):
        return value
    kind = keras.saving.get_registered_object(value.get("registered_name"))
    schedule = isinstance(kind, type) and issubclass(kind, Schedule)
    if schedule or hasattr(kind, "_moving"):
        return keras.saving.deserialize_keras_object(value)
    return value


def _corners(schedules):
    """The arguments at all combinations of bounds; the last ones at the end."""
    names = list(schedules)
    ends = [
        [_mapped(s, lambda s, i=i: s.bounds()[i]) for i in (0, 1)]
        for s in schedules.values()
    ]
    for values in itertools.product(*ends):
        yield dict(zip(names, values, strict=True))
    yield {k: _mapped(s, lambda s: s.last) for k, s in schedules.items()}
