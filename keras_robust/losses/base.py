"""RobustLoss: every duty Keras asks of a loss, once."""

import inspect
import reprlib

import keras
from keras import ops

from keras_robust.losses import arguments
from keras_robust.losses import moving
from keras_robust.losses import multi_label as heads
from keras_robust.losses import stage
from keras_robust.losses.labelled import Labelled
from keras_robust.losses.masking import set_mask

PACKAGE = "keras_robust"
# name -> class of every loss of this package
LOSSES = {}


def register(target):
    """Registers a loss class or function so that saved models find it.

    A class is also found by name then.
    """
    if inspect.isclass(target):
        LOSSES[inspect.signature(target).parameters["name"].default] = target
    return keras.saving.register_keras_serializable(package=PACKAGE)(target)


def loss_dtype(dtype):
    """The dtype a loss computes in: never less than float32.

    Keras casts labels to this dtype; half precision would corrupt integer
    labels above 256 (bfloat16) or 2048 (float16) without a word.
    """
    policy = keras.dtype_policies.get(dtype or keras.config.floatx())
    compute = policy.compute_dtype
    return compute if compute == "float64" else "float32"


class RobustLoss(keras.losses.Loss):
    """A loss that is a formula; labels, logits, axes and masks are done here.

    A subclass lists its parameters in `parameters`, checks them in
    `__init__`, and gives either `pointwise(p)` (the loss as a function of the
    given class's `Probability`) or `formula(labelled)`. A pointwise loss may
    add `slope(p)`, its derivative with respect to `log p`: how hard a sample
    pulls, as cross-entropy's is -1 everywhere.

    Labels may be integers `(B,)` or `(B, 1)`, one-hot or soft `(B, C)`, 0/1
    for a binary head of one output, and the same with more axes (dense
    outputs); see `Labelled`. For soft labels a pointwise loss is the
    expectation over the label distribution. Labels that are neither, such as a
    row of several ones without `multi_label=True`, give NaN.

    From logits nothing is clipped. From probabilities a formula written in
    `p` (finite at `p = 0`) is not clipped either; one written in `log p` uses
    `max(p, epsilon)` in the value and the slope at epsilon below it. So
    logits and probabilities agree wherever `p_y >= keras.config.epsilon()`.
    Under mixed precision give the softmax layer `dtype="float32"`, as Keras
    advises: that slope, 1e7, is beyond float16.

    Args:
        from_logits: Whether `y_pred` are logits. Defaults to `False`, i.e.
            probabilities (softmax, or sigmoid for a binary head).
        axis: The class axis. Defaults to `-1`.
        ignore_class: Integer label to leave out: its loss is 0 and the mean
            is over the others. Defaults to `None`.
        reduction: As in `keras.losses.Loss`.
        name: Name of the loss.
        dtype: `None`, a dtype or a policy. Half precision becomes float32,
            float64 is kept.
        multi_label: Whether every class is a yes or no of its own: `y_true` 0
            or 1 of the shape of `y_pred` (sigmoid, or logits), the loss of a
            sample the mean over the classes of that of a binary head.
            Defaults to `False`.

    Attributes:
        parameters: Names of the loss's own arguments.
        alias: Short name for `keras_robust.losses.get`, or `None`.
        noise: The label noise it is for, in words.
        paper: Where it is from, in short.
        logits_only: Whether the loss needs logits.
        batch_term: Whether every sample's value holds a term of the batch.
        unscheduled: Names of numbers among them that cannot follow a
            schedule.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> class SquaredError(kr.losses.RobustLoss):
    ...     def pointwise(self, p):
    ...         return p.p_minus_one**2
    >>> probs = np.array([[0.8, 0.2], [0.4, 0.6]])
    >>> round(float(SquaredError()(np.array([0, 0]), probs)), 4)
    0.2
    """

    parameters = ()
    alias = None
    noise = ""
    paper = ""
    logits_only = False
    batch_term = False
    unscheduled = ()
    pointwise = None
    slope = None
    # The class and its arguments, where some of them are schedules.
    _moving = None

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "__init__" in cls.__dict__:
            moving.takes_schedules(cls)

    def __init__(
        self,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name=None,
        dtype=None,
        multi_label=False,
    ):
        super().__init__(
            name=name, reduction=reduction, dtype=loss_dtype(dtype)
        )
        self.from_logits = arguments.flag("from_logits", from_logits)
        self.axis = arguments.integer("axis", axis)
        self.ignore_class = arguments.integer(
            "ignore_class", ignore_class, optional=True
        )
        self.multi_label = arguments.flag("multi_label", multi_label)
        self._given_dtype = None if dtype is None else self.dtype
        if self.logits_only:
            self._check_logits()

    def _check_logits(self):
        loss = type(self).__name__
        if not self.from_logits:
            raise ValueError(
                f"{loss} is a function of the logits: let the model's last "
                "layer be linear and give the loss from_logits=True. "
                f"Received: from_logits={self.from_logits}"
            )
        if self.multi_label:
            raise ValueError(
                f"{loss} compares the logits of classes with each other, so "
                "it has no multi-label form. Received: multi_label=True"
            )

    def formula(self, labelled):
        """The loss per sample (and position), shape of `y_pred` less `axis`."""
        if self.pointwise is None:
            raise NotImplementedError(
                f"{type(self).__name__} must define `pointwise(self, p)` or "
                "`formula(self, labelled)`."
            )
        return labelled.expect(self.pointwise, self.slope)

    def totals(self):
        """The `Total`s its formula asks for, so that one pass gives them."""
        return ()

    def read(self, y_true, y_pred):
        """Labels and predictions in the form a formula takes."""
        axis = self.axis
        if self.multi_label:
            y_true, y_pred, axis = heads.split(y_true, y_pred, axis)
        return Labelled(
            y_true,
            y_pred,
            self.from_logits,
            axis,
            self.ignore_class,
            self.totals(),
        )

    def call(self, y_true, y_pred):
        loss, y_pred = moving.of_now(self, y_pred)
        return loss._values(y_true, y_pred)

    def _values(self, y_true, y_pred):
        condition = stage.cross_entropy_condition()
        if condition is None:
            labelled = self.read(y_true, y_pred)
            values, valid = self.formula(labelled), labelled.valid
        else:
            valid = self.read(y_true, y_pred).valid
            # Each branch reads for itself: what one branch of a compiled
            # conditional computes must not leak into the other.
            values = ops.cond(
                condition,
                lambda: cross_entropy_values(self.read(y_true, y_pred)),
                lambda: self.formula(self.read(y_true, y_pred)),
            )
        if self.multi_label:
            values, valid = heads.mean(values, valid)
        if valid is not None:
            values = ops.where(valid, values, ops.zeros_like(values))
            # Keras's own way to divide by the number of valid positions.
            set_mask(values, valid)
        return values

    def at(self, epoch=None, step=None):
        """The loss that this one is at an epoch, without schedules.

        Args:
            epoch: Counted from 0.
            step: Counted from 0; for schedules in steps.

        Returns:
            A robust loss with plain numbers; itself if it has no schedule.
        """
        made = moving.at(self, epoch, step)
        only = made.simplified()
        return made if only is made else moving.outside_of(made, only)

    @property
    def moves(self):
        """Whether it, or a loss in it, follows a schedule."""
        return self._moving is not None

    def simplified(self):
        """The same loss, without what plays no part."""
        return self

    def asymmetry_ratio(self):
        """The asymmetry ratio in closed form, `None` where there is none."""
        return None

    def __mul__(self, weight):
        from keras_robust.losses.weighted_sum import weighted

        return weighted([(weight, self)])

    __rmul__ = __mul__

    def __radd__(self, other):
        # `sum` starts from 0.
        return self if other == 0 else NotImplemented

    def __add__(self, other):
        if not isinstance(other, RobustLoss):
            return NotImplemented
        from keras_robust.losses.weighted_sum import weighted

        return weighted([(1.0, self), (1.0, other)])

    def get_config(self):
        config = self._own()
        config.update(super().get_config())
        config.update(
            from_logits=self.from_logits,
            axis=self.axis,
            ignore_class=self.ignore_class,
            dtype=self._given_dtype,
            multi_label=self.multi_label,
        )
        return config

    def _own(self):
        """Its own arguments as given: numbers or schedules."""
        own = {name: getattr(self, name) for name in self.parameters}
        given = moving.schedules(self)
        return {name: given.get(name, value) for name, value in own.items()}

    def __repr__(self):
        own = self._own().items()
        values = [f"{name}={_SHORT.repr(value)}" for name, value in own]
        return f"{type(self).__name__}({', '.join(values)})"


# A matrix of 1000 classes is no name for a loss; other losses stay whole.
_SHORT = reprlib.Repr()
_SHORT.maxlist = 4
_SHORT.maxother = _SHORT.maxstring = 10_000


def cross_entropy_values(labelled):
    """Cross-entropy per sample, `-log p_y`."""
    return labelled.expect(lambda p: -p.log_p)
