"""The asymmetry ratio of a loss, in closed form or as an infimum."""

import numpy as np

from keras_robust.theory.evaluation import check_loss
from keras_robust.theory.native import one_question
from keras_robust.theory.parts import is_sum
from keras_robust.theory.pointwise import is_pointwise
from keras_robust.theory.pointwise import pointwise_values


@one_question()
def asymmetry_ratio(loss, num_classes=10):
    """Says how much of its pull a loss keeps for labels it has learnt.

    Formula: `r = inf [l(u) - l(u + d)] / [l(0) - l(d)]` over `u >= 0`,
    `d > 0`, `u + d <= 1`, for a loss `l(p_y)` that never rises in `p_y`.

    Use it to see which noise a loss tolerates: if every class is given at
    least `1 / r` times as often as any wrong one, the minimiser of the loss
    on the noisy labels is the clean class (see `max_noise_rate`). Mean
    absolute error has 1 and tolerates all that any loss can; cross-entropy
    has 0 and tolerates none.

    A loss with a method `asymmetry_ratio()` (most of `keras_robust.losses`)
    answers for itself, but for a sum: that knows the smallest of its parts'
    ratios only, which is at most its own, and is the answer where a part sees
    all classes. Of any other loss the infimum is searched numerically
    in steps `d` of 1e-6 and more (2e-3 for a loss that computes in float32),
    so the result can be too large where a loss bends within one step: numeric
    evidence, not a theorem.

    Args:
        loss: A `keras.losses.Loss`, or a function of `(y_true, y_pred)` that
            takes one-hot or integer labels and returns one value per sample.
            A function is given probabilities. Without a ratio of its own it
            must depend on `p_y` only.
        num_classes: Number of classes the loss is evaluated with, at least 2.
            Defaults to `10`.

    Returns:
        A float in [0, 1]; 0.0 for a loss that rises somewhere, or that is
        infinite at `p_y = 0`.

    Raises:
        ValueError: If the loss depends on more than `p_y`, is constant or not
            finite, or `num_classes` is below 2.

    Example:

    >>> import keras
    >>> from keras_robust import losses
    >>> from keras_robust.theory import asymmetry_ratio
    >>> asymmetry_ratio(losses.AsymmetricGCE(q=3))
    1.0
    >>> def exponential(y_true, y_pred):
    ...     p_given = keras.ops.sum(y_true * y_pred, axis=-1)
    ...     return keras.ops.exp(-p_given / 2.5)
    >>> round(asymmetry_ratio(exponential), 3)
    0.67

    Reference: Zhou et al., "Asymmetric Loss Functions for Learning with Noisy
    Labels", ICML 2021; in this form Ou and Zhang, "A Curriculum Perspective
    of Robust Loss Functions", eq. 3.
    """
    return ratio_and_error(loss, num_classes)[0]


@one_question()
def ratio_and_error(loss, num_classes=10):
    """The asymmetry ratio of a loss, and how far it may be off.

    Use it to see whether `asymmetry_ratio` is a closed form, and if not, how
    fine the search was.

    Args:
        loss: As of `asymmetry_ratio`.
        num_classes: As of `asymmetry_ratio`. Defaults to `10`.

    Returns:
        The ratio, and an estimate of its error: 0.0 for what the loss
        declares (a closed form; of a sum of which a part sees all classes, a
        lower bound) and for a ratio of 0 that one point shows, where the loss
        rises or is infinite; otherwise
        the change by a search of half as many steps and starts, and the
        rounding of the loss. An estimate, not a bound: a loss may bend
        between all points that were looked at.

    Raises:
        ValueError: As `asymmetry_ratio` does.

    Example:

    >>> from keras_robust import losses
    >>> from keras_robust.theory import ratio_and_error
    >>> ratio_and_error(losses.CategoricalMAE())
    (1.0, 0.0)

    Reference: Ou and Zhang, "A Curriculum Perspective of Robust Loss
    Functions", eq. 3.
    """
    check_loss(loss, num_classes)
    bound = declared_bound(loss)
    if declares_ratio(loss, num_classes):
        return bound, 0.0
    ratio, error = _infimum(loss, num_classes)
    return (ratio if bound is None else max(ratio, bound)), error


def has_ratio(loss, num_classes):
    """Whether a loss has a ratio: declared, or as it depends on p_y only."""
    return declared_bound(loss) is not None or is_pointwise(loss, num_classes)


def declares_ratio(loss, num_classes=10):
    """Whether the ratio is the loss's own word, and not searched.

    The word of a sum is a bound: where it can be, more is searched for.
    """
    bound = declared_bound(loss)
    if bound is None:
        return False
    return bound == 1 or not (is_sum(loss) and is_pointwise(loss, num_classes))


def declared_bound(loss):
    """What the ratio surely is at least, by a closed form; or `None`.

    The ratio itself, but for a sum: of that the smallest of its parts.
    """
    found = getattr(loss, "asymmetry_ratio", lambda: None)()
    return None if found is None else float(found)


def _infimum(loss, num_classes):
    # A convex or concave loss has its infimum at an end, so both the steps
    # and the starts crowd there: powers of two beside an even grid.
    even, powers = np.arange(1, 65) / 64, 2.0 ** -np.arange(21)
    steps = np.union1d(even, powers)
    starts = np.unique(np.concatenate([[0.0], even, powers, 1 - powers]))
    start = (1 - steps)[:, None] * starts
    end = np.minimum(start + steps[:, None], 1)
    points = [[0.0], steps, start.ravel(), end.ravel()]
    p, where = np.unique(np.concatenate(points), return_inverse=True)
    values, precision = pointwise_values(loss, p, num_classes)
    if np.isinf(values[0]):
        return 0.0, 0.0
    if np.ptp(values) <= 16 * precision * np.abs(values).max():
        raise ValueError(
            "A constant loss has no asymmetry ratio. Pass a loss that falls "
            f"as the probability of the given label rises. Received: {loss!r}"
        )
    values = values[where]
    at_step, at_start, at_end = np.split(
        values[1:], np.cumsum([steps.size, start.size])
    )
    # Below this step rounding would show in the differences.
    fine = steps >= precision**0.4
    gain = (at_start - at_end).reshape(start.shape)[fine]
    gain_at_zero = (values[0] - at_step)[fine]
    noise = 16 * precision * np.abs(values).max()
    if gain.min() < -noise:
        return 0.0, 0.0
    # A loss that is flat at 0, as a clipped one is, asks nothing there.
    rising = gain_at_zero > noise
    ratios = gain[rising] / gain_at_zero[rising, None]
    ratio, coarse = ratios.min(), ratios[::2, ::2].min()
    rounding = noise / gain_at_zero[rising].min()
    error = abs(coarse - ratio) + min(rounding, 1.0)
    return float(np.clip(ratio, 0.0, 1.0)), float(error)
