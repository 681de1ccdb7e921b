"""What a model says about given labels: the argument of every formula."""

import copy
import re
from functools import cached_property

import keras
from keras import ops

from keras_robust.losses import kernels
from keras_robust.losses import shapes
from keras_robust.losses.probability import Probability
from keras_robust.losses.probability import at_label

# The dtypes that labels can stay in, by name.
_NAME = re.compile(r"float|\bint(32|64)\b")
# The largest number up to which a dtype holds every integer.
EXACT = {"bool": 1, "bfloat16": 256, "float16": 2048}


class Labelled:
    """Predictions and their labels, the class axis last.

    Labels are told apart by rank, never by value or dtype (Keras casts them
    to the loss's dtype before a loss sees them). With `C` the number of
    outputs on `axis`, in this order:

    1. `C == 1`: a binary head; `p` stands for `[1 - p, p]`, labels are 0/1 (or
       the probability of 1), shaped like the predictions with or without the
       last axis.
    2. one rank less than the predictions: integer labels.
    3. same rank, size 1 on `axis`: integer labels, e.g. `(B, 1)`.
    4. same rank, size `C` on `axis`: one-hot or soft labels.

    Anything else is a `ValueError` that shows both shapes. An integer label
    out of range, or one that is no whole number, gives NaN or an exception of
    the backend, never another class's value.

    Args:
        y_true: Labels, see above.
        y_pred: Probabilities or logits, shape `(B, ..., C)` (class axis at
            `axis`).
        from_logits: Whether `y_pred` are logits.
        axis: The class axis of `y_pred`.
        ignore_class: An integer label to leave out, or `None`.
        totals: Tuple of the `Total`s that will be asked for.
    """

    def __init__(
        self, y_true, y_pred, from_logits, axis, ignore_class, totals=()
    ):
        y_pred = _as_tensor(y_pred)
        y_true = _as_tensor(y_true)
        shapes.check_rank_known(y_true=y_true, y_pred=y_pred)
        if not _NAME.search(str(y_true.dtype)):
            # An unsigned label could not be compared with -1; a narrower type
            # would wrap a label that is far out of range to a class.
            wide = "64" in str(y_true.dtype)
            y_true = ops.cast(y_true, "int64" if wide else "int32")
        # Half precision cannot hold a loss: 1 - p is lost above p = .9995 and
        # integer labels above 256 (bfloat16) or 2048 (float16) are rounded.
        wide = "float64" in str(y_pred.dtype)
        dtype = "float64" if wide else "float32"
        self._scores = _as_dtype(y_pred, dtype)
        self.from_logits = from_logits
        self._totals = totals
        # Whether `classes` is not what the scores say.
        self._told = False
        self.valid = None
        self.labels = None
        self._weights = None
        self._read(
            y_true, dtype, shapes.checked_axis(axis, y_pred), ignore_class
        )

    def _read(self, y_true, dtype, axis, ignore_class):
        shape, as_given = self._scores.shape, y_true
        outputs = shape[axis]
        rank = len(y_true.shape)
        if rank == len(shape) and y_true.shape[axis] == 1:
            y_true = ops.squeeze(y_true, axis=axis)
            rank -= 1
        if rank == len(shape) - 1:
            without_axis = (*shape[:axis], *shape[axis + 1 :])
            shapes.check_same(
                y_true.shape, without_axis, as_given, self._scores
            )
        elif rank == len(shape) and y_true.shape[axis] == outputs:
            shapes.check_same(y_true.shape, shape, as_given, self._scores)
        else:
            shapes.raise_shapes(y_true, self._scores)
        hard = rank == len(shape) - 1
        if ignore_class is not None:
            y_true = self._leave_out(y_true, ignore_class, hard)
        if outputs == 1:
            one = ops.cast(y_true, dtype)
            # -1 or 2 is no probability; mixed-up labels may round past 1.
            one = ops.where(ops.abs(one - 0.5) < 0.501, one, float("nan"))
            self._weights = ops.stack([1.0 - one, one], axis=-1)
        elif hard:
            self.labels = _class_numbers(y_true, outputs)
        else:
            weights = _class_axis_last(ops.cast(y_true, dtype), axis)
            # More than one label is no distribution over labels: multi-label
            # targets, or (B, T) labels that met a squeezed (B, T) output.
            many = ops.sum(weights, axis=-1, keepdims=True) > 1.01
            self._weights = ops.where(many, float("nan"), weights)
        self._binary = outputs == 1
        self._scores = (
            ops.squeeze(self._scores, axis=axis)
            if self._binary
            else _class_axis_last(self._scores, axis)
        )

    def _leave_out(self, y_true, ignore_class, hard):
        if not hard:
            raise ValueError(
                "`ignore_class` needs integer labels, because a one-hot row "
                "cannot name a class that is not there. Pass integer labels, "
                "or give those samples a sample_weight of 0. Received: "
                f"ignore_class={ignore_class}, y_true.shape={y_true.shape}"
            )
        self.valid = ops.not_equal(y_true, ops.cast(ignore_class, y_true.dtype))
        return ops.where(self.valid, y_true, ops.zeros_like(y_true))

    @property
    def num_classes(self):
        return 2 if self._binary else self._scores.shape[-1]

    @property
    def logits(self):
        """Logits of every class, shape `(..., num_classes)`."""
        if not self.from_logits:
            raise ValueError(
                "This loss is a function of the logits, which probabilities "
                "no longer tell: let the last layer be linear and give the "
                "loss from_logits=True. Received: from_logits=False"
            )
        if self._binary:
            zeros = ops.zeros_like(self._scores)
            return ops.stack([zeros, self._scores], axis=-1)
        return self._scores

    @cached_property
    def classes(self):
        """`Probability` of every class, shape `(..., num_classes)`."""
        scores = self._scores
        if self._binary and self.from_logits:
            both = [ops.log_sigmoid(-scores), ops.log_sigmoid(scores)]
            return Probability(log_p=ops.stack(both, axis=-1))
        if self._binary:
            return Probability(p=ops.stack([1.0 - scores, scores], axis=-1))
        if self.from_logits:
            return Probability(log_p=kernels.log_probs(scores))
        return Probability(p=scores)

    @cached_property
    def _fused(self):
        # The given class and all sums in one forward and one backward pass.
        found = kernels.given_and_totals(
            self.labels, self._scores, self._totals
        )
        return Probability(log_p=found[0]), found[1:]

    @cached_property
    def given(self):
        """`Probability` of the given class; integer labels only."""
        if self.from_logits:
            return self._fused[0]
        return self.classes.at(self.labels)

    @cached_property
    def weights(self):
        """The label distribution, shape `(..., num_classes)`."""
        if self._weights is not None:
            return self._weights
        return ops.one_hot(
            self.labels, self.num_classes, dtype=self._scores.dtype
        )

    def expect(self, pointwise, slope=None):
        """Mean of `pointwise(Probability)` over the label distribution.

        For an integer label that is the value at its probability. `slope`, its
        derivative with respect to `log p`, makes that faster on PyTorch.
        """
        if self.labels is None:
            return self.mean(pointwise(self.classes))
        if slope is None or self._totals or not self.from_logits:
            return pointwise(self.given)
        return kernels.of_given(self.labels, self._scores, pointwise, slope)

    def mean(self, values):
        """Mean of values `(..., num_classes)` over the label distribution."""
        if self.labels is not None:
            return at_label(self.labels, values)
        # A class of weight 0 may have an infinite value.
        shares = self.weights * values
        absent = ops.equal(self.weights, 0)
        shares = ops.where(absent, ops.zeros_like(shares), shares)
        return ops.sum(shares, axis=-1)

    def total(self, total):
        """The sum over all classes that a `Total` describes.

        In one pass with the given class if the loss names it in `totals`.
        """
        fused = self.labels is not None and self.from_logits
        if fused and total in self._totals:
            return self._fused[1][self._totals.index(total)]
        return ops.sum(total.value(self.classes), axis=-1)

    def again(self, totals=()):
        """The same labels and predictions, with nothing computed yet."""
        other = self._with(totals)
        if self._told:
            other.classes, other._told = self.classes, True
        return other

    def with_logits(self, logits, totals=()):
        """The same labels with other logits `(..., num_classes)`."""
        other = self._with(totals)
        other._scores, other.from_logits = logits, True
        other._binary = False
        return other

    def with_classes(self, classes):
        """The same labels with other probabilities, a `Probability`."""
        other = self._with(())
        other.from_logits = False
        other.classes, other._told = classes, True
        return other

    def _with(self, totals):
        other = copy.copy(self)
        other._told = False
        for cached in ("classes", "_fused", "given"):
            other.__dict__.pop(cached, None)
        other._totals = totals
        return other


# In eager PyTorch an operation that changes nothing still costs 10 us, a tenth
# of a whole cross-entropy at (256, 1000), and Keras's name of a dtype 2 us.
def _as_tensor(value):
    return value if ops.is_tensor(value) else ops.convert_to_tensor(value)


def _as_dtype(tensor, dtype):
    if dtype in str(tensor.dtype):
        return tensor
    return ops.cast(tensor, dtype)


def _class_numbers(labels, num_classes):
    """Integer labels; Keras hands them over as floats, to a loss given as a
    function in `keras.config.floatx()`.
    """
    dtype = str(labels.dtype)
    if num_classes > 256 and "float" in dtype:
        dtype = keras.backend.standardize_dtype(labels.dtype)
    if num_classes > EXACT.get(dtype, num_classes):
        raise ValueError(
            f"Labels in {dtype} are rounded above {EXACT[dtype]}. Compile "
            "the model with an instance of the loss's class, which takes "
            "labels in float32, or pass integers. Received: "
            f"y_true.dtype={dtype}, {num_classes} classes"
        )
    return kernels.whole_numbers(labels)


def _class_axis_last(tensor, axis):
    if axis == len(tensor.shape) - 1:
        return tensor
    return ops.moveaxis(tensor, axis, -1)
