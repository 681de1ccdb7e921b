"""Distribution-balanced loss: many labels a sample, a long tail of classes."""

import math

import keras
from keras import ops

from keras_robust.losses import arguments
from keras_robust.losses.base import loss_dtype
from keras_robust.losses.base import register
from keras_robust.losses.elementwise import exp
from keras_robust.losses.regression import as_floats
from keras_robust.losses.regression import shapes_of


@register
class DistributionBalanced(keras.losses.Loss):
    """Distribution-balanced loss (DB), for multi-label data with a long tail.

    Formula: the mean over the classes of
    `r_k ((1 - s_k)^gamma softplus(-v_k))` where class `k` is there and of
    `r_k / scale ((1 - s_k)^gamma softplus(scale v_k))` where it is not. `v` are
    the logits plus a class's bias, `s_k` is the probability given to what is
    so, `sigmoid(v_k)` or `sigmoid(-scale v_k)`, and `r_k` rebalances:
    `r_k = alpha + sigmoid(beta (R_k - mu))`,
    `R_k = (1/f_k) / sum over the sample's classes of 1/f_i`.

    For tags where most classes are rare, and where a class that was not
    marked may be there. `R_k` undoes that a sample drawn for one of its
    classes counts for the others too; the bias,
    `-kappa log(1/f_k - 1) / scale`, starts every class from its frequency, and
    `scale` lets absent classes pull less once they are scored low.

    Formula and defaults are those of the authors' public code and its
    configuration for COCO (VOC: `mu=0.3`, `scale=5`), which also holds a
    factor 2 on the focal form: `balance` here. A sample without any class is
    not defined there (0/0); here its `R_k` is 0.

    Args:
        class_frequency: The share of the training samples that have a class,
            one number in (0, 1) a class.
        alpha: At least 0, lifts all weights. Defaults to `0.1`.
        beta: Above 0, steepness. Defaults to `10.0`.
        mu: Where the weights turn, a number. Defaults to `0.2`.
        scale: Of the logits of absent classes, at least 1. Defaults to `2.0`.
        kappa: Of the bias, at least 0. Defaults to `0.05`.
        gamma: Of the focal form, at least 0; 0 is without. Defaults to `2.0`.
        balance: Factor on the whole, above 0. Defaults to `2.0`.
        from_logits: Must be `True`; it is a function of the logits.
        reduction, name: As in `keras.losses.Loss`.
        dtype: `None`, a dtype or a policy. Half precision becomes float32,
            float64 is kept.

    Shapes: `y_true` (0 or 1) and `y_pred` alike, `(B, C)` (or with more axes
    between). Values are at least 0.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range, without `from_logits=True`,
            or for shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.DistributionBalanced([0.5, 0.01], from_logits=True)
    >>> marks = np.array([[1, 0], [1, 1]])
    >>> round(float(loss(marks, np.zeros((2, 2)))), 4)
    0.2

    Reference: Wu et al., "Distribution-Balanced Loss for Multi-Label
    Classification in Long-Tailed Datasets", ECCV 2020; the authors' code.
    """

    parameters = (
        "class_frequency",
        "alpha",
        "beta",
        "mu",
        "scale",
        "kappa",
        "gamma",
        "balance",
    )
    alias = "db"
    noise = "labels left out; multi-label with a long tail"
    paper = "Wu et al., ECCV 2020"
    logits_only = True

    def __init__(
        self,
        class_frequency,
        alpha=0.1,
        beta=10.0,
        mu=0.2,
        scale=2.0,
        kappa=0.05,
        gamma=2.0,
        balance=2.0,
        from_logits=False,
        reduction="sum_over_batch_size",
        name="distribution_balanced",
        dtype=None,
    ):
        super().__init__(
            name=name, reduction=reduction, dtype=loss_dtype(dtype)
        )
        self._given_dtype = None if dtype is None else self.dtype
        if arguments.flag("from_logits", from_logits) is False:
            raise ValueError(
                "DistributionBalanced is a function of the logits: let the "
                "model's last layer be linear and give the loss "
                "from_logits=True. Received: from_logits=False"
            )
        self.from_logits = from_logits
        self.class_frequency = _frequencies(class_frequency)
        self.alpha = arguments.number("alpha", alpha, at_least=0)
        self.beta = arguments.number("beta", beta, above=0)
        self.mu = arguments.number("mu", mu)
        self.scale = arguments.number("scale", scale, at_least=1)
        self.kappa = arguments.number("kappa", kappa, at_least=0)
        self.gamma = arguments.number("gamma", gamma, at_least=0)
        self.balance = arguments.number("balance", balance, above=0)

    def call(self, y_true, y_pred):
        y_true, y_pred = as_floats(y_true, y_pred)
        self._check_shapes(*shapes_of(y_true, y_pred))
        dtype = y_pred.dtype
        # Neither 0 nor 1 is no multi-label target, e.g. integer labels.
        marked = ops.where(ops.abs(y_true - 0.5) < 0.501, y_true, float("nan"))
        frequency = self.class_frequency
        bias = [
            -self.kappa / self.scale * math.log(1.0 / f - 1.0)
            for f in frequency
        ]
        # Divided by the largest, so that rare classes stay in range.
        rarest = min(frequency)
        rarity = ops.convert_to_tensor([rarest / f for f in frequency], dtype)
        of_sample = ops.sum(marked * rarity, axis=-1, keepdims=True)
        some = of_sample > 0
        share = ops.where(some, rarity / ops.where(some, of_sample, 1.0), 0.0)
        weight = ops.sigmoid((share - self.mu) * self.beta) + self.alpha
        v = y_pred + ops.convert_to_tensor(bias, dtype)
        present = self._focal(-v)
        absent = self._focal(v * self.scale) * (1.0 / self.scale)
        values = (marked * present + (1.0 - marked) * absent) * weight
        # Not ops.mean, which makes float32 of float64.
        return ops.sum(values, axis=-1) * (self.balance / len(frequency))

    def _focal(self, x):
        """`softplus(x) sigmoid(x)^gamma`: sure and right is `x -> -inf`."""
        cross_entropy = -ops.log_sigmoid(-x)
        if not self.gamma:
            return cross_entropy
        return cross_entropy * exp(ops.log_sigmoid(x) * self.gamma)

    def _check_shapes(self, y_true, y_pred):
        classes = len(self.class_frequency)
        pairs = zip(y_true, y_pred, strict=False)
        differ = any(None not in pair and pair[0] != pair[1] for pair in pairs)
        if (
            differ
            or len(y_true) != len(y_pred)
            or len(y_pred) < 2
            or y_pred[-1] not in (classes, None)
        ):
            raise ValueError(
                "Labels (0 or 1) and predictions must have the same shape, "
                "the classes of `class_frequency` on the last axis. Received: "
                f"y_true.shape={y_true}, y_pred.shape={y_pred}, "
                f"class_frequency of length {classes}"
            )

    def get_config(self):
        config = {name: getattr(self, name) for name in self.parameters}
        config["class_frequency"] = list(self.class_frequency)
        config.update(super().get_config())
        config.update(from_logits=self.from_logits, dtype=self._given_dtype)
        return config

    def __repr__(self):
        values = ", ".join(
            f"{name}={getattr(self, name)!r}" for name in self.parameters
        )
        return f"{type(self).__name__}({values})"


def _frequencies(given):
    """A tuple of floats from a list or an array of one axis."""
    if hasattr(given, "tolist"):
        given = given.tolist()
    if not isinstance(given, (list, tuple)) or not given:
        raise ValueError(
            "`class_frequency` must be a list or array of one number for "
            f"every class. Received: class_frequency={given!r}"
        )
    return tuple(
        arguments.number(f"class_frequency[{i}]", f, above=0, below=1)
        for i, f in enumerate(given)
    )


@register
def distribution_balanced(
    y_true,
    y_pred,
    class_frequency,
    alpha=0.1,
    beta=10.0,
    mu=0.2,
    scale=2.0,
    kappa=0.05,
    gamma=2.0,
    balance=2.0,
    from_logits=False,
):
    """Distribution-balanced loss, values per sample.

    The function beside `DistributionBalanced`, which says what the arguments
    are.
    """
    loss = DistributionBalanced(
        class_frequency,
        alpha,
        beta,
        mu,
        scale,
        kappa,
        gamma,
        balance,
        from_logits,
    )
    return loss.call(y_true, y_pred)
