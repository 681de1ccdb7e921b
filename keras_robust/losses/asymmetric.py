"""The asymmetric losses of Zhou et al.: AGCE, AUL, AEL.

With `p` the probability of the given class, the slope of all three stays
bounded at `p = 0`. From logits the slope is multiplied by `p`, so a sample far
from its label pulls little, where cross-entropy pulls hardest.
The asymmetry ratio `r` says how much noise is provably tolerated: it is enough
that `r * w_m / w_n >= 1`, where `w_m / w_n` is how many times more often the
true class is drawn than the runner-up.
"""

import math

from keras import ops

from keras_robust.losses import arguments
from keras_robust.losses import scalars
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.base import register
from keras_robust.losses.elementwise import exp
from keras_robust.losses.elementwise import expm1
from keras_robust.losses.elementwise import log
from keras_robust.losses.elementwise import log1p
from keras_robust.losses.twin import twin


@register
class AsymmetricGCE(RobustLoss):
    """Asymmetric generalised cross-entropy (AGCE); it needs a warm-up.
    From random weights the default collapses where data are few: on digits
    with 40 % wrong labels it lost classes in 10 runs of 10 (mean accuracy
    0.68, `q=3` 0.36); with `CrossEntropyWarmUp()` in none (0.96; both by
    `benchmarks/cold_start.py` on JAX). On PyTorch `q=3` lost a class in 2 runs
    of 10 after three epochs and in none after the default five.

    Formula: `l(p) = ((a + 1)^q - (a + p)^q) / q`.

    For symmetric, class-dependent and instance-dependent noise in which the
    true class stays the most frequent. `q >= 1` is completely asymmetric (it
    tolerates any such noise), smaller `q` fits faster and tolerates less.

    Args:
        a: Above 0. Larger is closer to `1 - p`. Defaults to `1.0`.
        q: Above 0. Defaults to `2.0`, as in the authors' code.
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values lie in `[0, ((a+1)^q - a^q)/q]`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.AsymmetricGCE(a=1, q=2)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> loss.call(np.array([0, 1]), probs).shape[0]
    2
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.535

    Reference: Zhou et al., "Asymmetric Loss Functions for Learning with Noisy
    Labels", ICML 2021; T-PAMI 45(7), 2023.
    """

    parameters = ("a", "q")
    alias = "agce"
    noise = "any with the true class leading (q >= 1)"
    paper = "Zhou et al., ICML 2021"

    def __init__(
        self,
        a=1.0,
        q=2.0,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="asymmetric_gce",
        dtype=None,
        multi_label=False,
    ):
        super().__init__(
            from_logits,
            axis,
            ignore_class,
            reduction,
            name,
            dtype,
            multi_label,
        )
        self.a = a = arguments.number("a", a, above=0)
        self.q = q = arguments.number("q", q, above=0)
        arguments.check_power(q, a + 1, a=a, q=q)
        arguments.check_power(1.0, a, a=a)

    def pointwise(self, p):
        a, q = self.a, self.q
        return expm1(q * _log_ratio(p, a)) * (-((a + 1.0) ** q) / q)

    def slope(self, p):
        return -p.p * (p.p + self.a) ** (self.q - 1.0)

    def asymmetry_ratio(self):
        """`(a/(a+1))^(1-q)` for `q <= 1`, else 1 (completely asymmetric)."""
        a, q = self.a, self.q
        return (a / (a + 1.0)) ** (1.0 - q) if q <= 1.0 else 1.0


def _log_ratio(p, a):
    """`log((a + p)/(a + 1))`; each form is exact where the other is not."""
    if not scalars.is_number(a):
        far = _log_ratio_of_large(p, ops.maximum(a, 0.1))
        return ops.where(a >= 0.1, far, _log_ratio_of_small(p, a))
    return (_log_ratio_of_large if a >= 0.1 else _log_ratio_of_small)(p, a)


def _log_ratio_of_large(p, a):
    return log1p(p.p_minus_one * (1.0 / (a + 1.0)))


def _log_ratio_of_small(p, a):
    return log((p.p + a) * (1.0 / (a + 1.0)))


@register
class AsymmetricUnhinged(RobustLoss):
    """Asymmetric unhinged loss (AUL); it needs a warm-up.
    From random weights the default may collapse where data are few: on digits
    with 40 % wrong labels it lost classes in 5 runs of 10 (mean accuracy
    0.88); with `CrossEntropyWarmUp()` in none (0.96; by
    `benchmarks/cold_start.py` on JAX).

    Formula: `l(p) = ((a - p)^q - (a - 1)^q) / q`.

    For the noise AGCE is for. `q <= 1` is completely asymmetric; the published
    choice for CIFAR (`a=5.5, q=3`) trades that for faster fitting and stays
    just inside what 40 % asymmetric noise needs.

    Args:
        a: Above 1. Defaults to `1.5`.
        q: Above 0. Defaults to `0.9`, as in the authors' code (named AUE
            there).
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values lie in `[0, (a^q - (a-1)^q)/q]`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.AsymmetricUnhinged(a=1.5, q=0.9)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.3109

    Reference: Zhou et al., "Asymmetric Loss Functions for Learning with Noisy
    Labels", ICML 2021; T-PAMI 45(7), 2023.
    """

    parameters = ("a", "q")
    alias = "aul"
    noise = "any with the true class leading (q <= 1)"
    paper = "Zhou et al., ICML 2021"

    def __init__(
        self,
        a=1.5,
        q=0.9,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="asymmetric_unhinged",
        dtype=None,
        multi_label=False,
    ):
        super().__init__(
            from_logits,
            axis,
            ignore_class,
            reduction,
            name,
            dtype,
            multi_label,
        )
        self.a = a = arguments.number("a", a, above=1)
        self.q = q = arguments.number("q", q, above=0)
        arguments.check_power(q, a, a - 1, a=a, q=q)

    def pointwise(self, p):
        a, q = self.a, self.q
        log_ratio = log1p(p.p_minus_one * (-1.0 / (a - 1.0)))
        return expm1(q * log_ratio) * ((a - 1.0) ** q / q)

    def slope(self, p):
        return -p.p * (self.a - p.p) ** (self.q - 1.0)

    def asymmetry_ratio(self):
        """1 for `q <= 1` (completely asymmetric), else `((a-1)/a)^(q-1)`."""
        a, q = self.a, self.q
        return 1.0 if q <= 1.0 else ((a - 1.0) / a) ** (q - 1.0)


@register
class AsymmetricExponential(RobustLoss):
    """Asymmetric exponential loss (AEL); a warm-up makes it safe.
    From random weights the default collapses now and then where data are few:
    on digits with 40 % wrong labels it lost classes in 3 runs of 10 (mean
    accuracy 0.92); with `CrossEntropyWarmUp()` in none (0.96; by
    `benchmarks/cold_start.py` on JAX).

    Formula: `l(p) = exp(-p / a)`.

    For the noise AGCE is for. It is never completely asymmetric, but comes
    close as `a` grows. Its minimum is `exp(-1/a)`, not 0; the paper's form is
    kept.

    Args:
        a: Above 0. Defaults to `3.0`, as in the authors' code.
        from_logits, axis, ignore_class, reduction, name, dtype, multi_label:
            As in `RobustLoss`.

    Shapes: `y_true` `(B,)`, `(B, 1)`, `(B, C)` (or with more axes), `y_pred`
    `(B, C)`; see `RobustLoss`. Values lie in `[exp(-1/a), 1]`.

    Returns:
        A scalar, or values per sample with `reduction=None`.

    Raises:
        ValueError: For a parameter out of range or shapes that do not fit.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> loss = kr.losses.AsymmetricExponential(a=3)
    >>> probs = np.array([[0.5, 0.5], [0.1, 0.9]])
    >>> round(float(loss(np.array([0, 1]), probs)), 4)
    0.7936

    Reference: Zhou et al., "Asymmetric Loss Functions for Learning with Noisy
    Labels", ICML 2021; T-PAMI 45(7), 2023.
    """

    parameters = ("a",)
    alias = "ael"
    noise = "any with the true class leading (large a)"
    paper = "Zhou et al., ICML 2021"

    def __init__(
        self,
        a=3.0,
        from_logits=False,
        axis=-1,
        ignore_class=None,
        reduction="sum_over_batch_size",
        name="asymmetric_exponential",
        dtype=None,
        multi_label=False,
    ):
        super().__init__(
            from_logits,
            axis,
            ignore_class,
            reduction,
            name,
            dtype,
            multi_label,
        )
        self.a = arguments.number("a", a, above=0)
        arguments.check_power(1.0, self.a, a=self.a)

    def pointwise(self, p):
        return exp(p.p * (-1.0 / self.a))

    def slope(self, p):
        return p.p * self.pointwise(p) * (-1.0 / self.a)

    def asymmetry_ratio(self):
        """`exp(-1/a)`."""
        return math.exp(-1.0 / self.a)


asymmetric_gce = twin(AsymmetricGCE)
asymmetric_unhinged = twin(AsymmetricUnhinged)
asymmetric_exponential = twin(AsymmetricExponential)
