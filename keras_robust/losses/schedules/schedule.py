"""What every schedule is: a number that follows the epoch or the step."""

import math

import keras

from keras_robust.losses import arguments

PACKAGE = "keras_robust"


class _Host:
    """What schedules ask of `keras.ops`, for plain numbers."""

    cos = staticmethod(math.cos)
    floor = staticmethod(math.floor)
    minimum = staticmethod(min)

    @staticmethod
    def where(condition, x1, x2):
        return x1 if condition else x2

    @staticmethod
    def clip(x, x_min, x_max):
        return min(max(x, x_min), x_max)


class Schedule:
    """A number that follows the epoch, or the step.

    Epochs and steps count from 0, as Keras counts epochs. A schedule is given
    in one of them, by its arguments' names.

    One of your own defines `value`, `bounds`, `first`, `last` and
    `get_config`, and is registered with
    `keras.saving.register_keras_serializable` to be saved.

    Attributes:
        unit: `"epoch"` or `"step"`.
        first: Its value at the start.
        last: Its value from its end on; what a loss takes outside of training.

    Example:

    >>> from keras_robust.losses import schedules
    >>> rise = schedules.Linear(0.6, 1.5, end_epoch=10)
    >>> rise(epoch=0), rise(epoch=5), rise(epoch=99)
    (0.6, 1.05, 1.5)
    """

    unit = "epoch"

    def value(self, time, xp):
        """Returns the value at `time` epochs or steps.

        Args:
            time: A number or a scalar tensor.
            xp: `keras.ops`, or of a plain number what has the same functions.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must define `value(self, time, xp)`."
        )

    def bounds(self):
        """The smallest and the largest value it takes.

        A loss checks its parameter at both, and takes what lies between.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must define `bounds(self)`."
        )

    def __call__(self, epoch=None, step=None):
        """Returns the value at an epoch (or step), a float.

        Raises:
            ValueError: If it follows the one and is given the other.
        """
        time = epoch if self.unit == "epoch" else step
        if time is None:
            raise ValueError(
                f"This schedule follows the {self.unit}: call it with "
                f"{self.unit}=... . Received: epoch={epoch!r}, step={step!r}"
            )
        return float(self.value(float(time), _Host))

    def get_config(self):
        raise NotImplementedError(
            f"{type(self).__name__} must define `get_config(self)`."
        )

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def __eq__(self, other):
        same = type(self) is type(other)
        return same and self.get_config() == other.get_config()

    def __hash__(self):
        return hash((type(self).__name__, repr(self.get_config())))

    def __repr__(self):
        given = [f"{k}={v!r}" for k, v in self.get_config().items()]
        return f"{type(self).__name__}({', '.join(given)})"


class Monotone(Schedule):
    """A schedule whose values lie between its first and its last."""

    def bounds(self):
        return min(self.first, self.last), max(self.first, self.last)


def register(cls):
    return keras.saving.register_keras_serializable(package=PACKAGE)(cls)


def one_of(name, epoch, step):
    """The unit and the time, of which exactly one is given."""
    if (epoch is None) == (step is None):
        raise ValueError(
            f"Give one of `{name}_epoch` and `{name}_step`. Received: "
            f"{name}_epoch={epoch!r}, {name}_step={step!r}"
        )
    unit, time = ("epoch", epoch) if step is None else ("step", step)
    return unit, time_of(f"{name}_{unit}", time)


def time_of(name, value):
    """A number, at least 0; whole ones plain."""
    value = arguments.number(name, value, at_least=0)
    return int(value) if value.is_integer() else value
