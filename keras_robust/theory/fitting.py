"""How hard a loss pulls: from random weights, and on what is far off."""

from dataclasses import dataclass

import numpy as np

from keras_robust.theory.evaluation import check_loss
from keras_robust.theory.evaluation import check_seed
from keras_robust.theory.gradients import logit_gradients
from keras_robust.theory.native import one_question

# A pull below this share of the largest is none.
_NOTHING = 1e-3
# Shares of the largest pull: at random weights, the least there, and on labels
# a hundred times less probable. Fitted to what benchmarks/cold_start.py saw.
AT_START, SOME_AT_START, FAR_OFF = 0.5, 0.08, 0.01
# How much less probable.
_RARER = 100
_SAMPLES = 2_000
_POINTS = 241


@dataclass(frozen=True)
class FittingProfile:
    """How hard a loss pulls a sample towards its given label.

    Attributes:
        p: Probabilities of the given label, rising, `(M,)`.
        weight: The pull there, `(M,)`: how fast the loss falls as the given
            label's logit rises, the other logits equal. Cross-entropy's is
            `1 - p`.
        at_start: The mean pull at random logits, over the largest in
            `weight`; negative if the loss drives labels away there.
        far_off: The pull on labels of the probability `1 / (100 K)`, as those
            of a class that is being given up, over the largest.
        vanishes_below: The largest p below which there is no pull (less than
            a thousandth of the largest); 0 if it pulls everywhere.
        turns_below: The largest p below which it pushes the label away; 0 if
            it never does.
        starts_cold: Whether it can be trained from random weights.
        verdict: The same in words, with the cure where there is one.
    """

    p: np.ndarray
    weight: np.ndarray
    at_start: float
    far_off: float
    vanishes_below: float
    turns_below: float
    starts_cold: bool
    verdict: str


@one_question()
def fitting_profile(loss, num_classes=10, logits_scale=0.5, seed=0):
    """Says whether a loss gets going from random weights.

    Formula: with the logits `z`, `w(p) = -dL/dz_y` at equal other logits, by
    the true gradient: what a loss stops (`stop_gradient`) or clips counts as
    it trains, not as it reads. `at_start = mean_i w(z_i) / max_p w(p)` over
    logits drawn from a normal distribution; `far_off = w(1/(100 K)) / max w`.

    Use it before training with a bounded loss: those pull little on samples
    whose label is still improbable, and with random weights all are, the more
    so the more classes. Classes that are picked up late are then given up:
    the training collapses. A loss starts cold if it pulls with half of its
    strength at random weights, or with 8 % of it there and 1 % on classes that
    are being given up. These numbers are fitted to what was measured, on
    digits with 40 % wrong labels and a small CNN (benchmarks/cold_start.py
    has the losses for which they fail); other networks may be harder.

    Args:
        loss: A `keras.losses.Loss`, or a function of `(y_true, y_pred)`,
            with one value per sample, which is given probabilities.
        num_classes: K, at least 2. Defaults to `10`.
        logits_scale: Standard deviation of the logits at the start, above 0.
            Defaults to `0.5`.
        seed: Of the logits drawn. Defaults to `0`.

    Returns:
        A `FittingProfile`.

    Raises:
        ValueError: If the loss has no finite gradient, is none of one sample,
            or an argument is out of range.

    Example:

    >>> from keras_robust import losses
    >>> from keras_robust.theory import fitting_profile
    >>> fitting_profile(losses.CrossEntropy()).starts_cold
    True
    >>> fitting_profile(losses.AsymmetricGCE(q=3)).starts_cold
    False

    Reference: Ou and Zhang, "A Curriculum Perspective of Robust Loss
    Functions", section 3 (the sample weights).
    """
    check_loss(loss, num_classes)
    check_seed(seed)
    number = isinstance(logits_scale, int | float | np.floating | np.integer)
    if not number or isinstance(logits_scale, bool) or not logits_scale > 0:
        raise ValueError(
            "`logits_scale` must be a number above 0. "
            f"Received: logits_scale={logits_scale!r}"
        )
    p = _probabilities()
    far = np.array([1 / (_RARER * num_classes)])
    drawn = np.random.default_rng(seed).normal(
        scale=logits_scale, size=(_SAMPLES, num_classes)
    )
    lines = _logits_of(np.concatenate([p, far]), num_classes)
    # At once, for a backend that compiles for every shape.
    pull = _pull(loss, np.vstack([lines, drawn]))
    weight, of_far, of_drawn = np.split(pull, [_POINTS, _POINTS + 1])
    # What logits are scaled to one size for has no pull along a line.
    largest = max(np.abs(weight).max(), np.abs(of_drawn.mean()))
    if not largest > 0:
        raise ValueError(
            "This loss has no gradient anywhere, so nothing is learnt by it. "
            f"Received: loss={loss!r}"
        )
    at_start = float(of_drawn.mean() / largest)
    vanishes = _below(p, np.abs(weight) < _NOTHING * largest)
    turns = _below(p, weight < -_NOTHING * largest)
    far_off = float(of_far[0] / largest)
    starts_cold = at_start >= AT_START or (
        at_start >= SOME_AT_START and far_off >= FAR_OFF
    )
    return FittingProfile(
        p,
        weight,
        at_start,
        far_off,
        vanishes,
        turns,
        starts_cold,
        _in_words(starts_cold, at_start, far_off, turns, num_classes),
    )


def _probabilities():
    """From 1e-4 to all but 1e-4 of 1, even in their log-odds."""
    odds = np.linspace(-9.21, 9.21, _POINTS)
    return 1.0 / (1.0 + np.exp(-odds))


def _logits_of(p, num_classes):
    logits = np.zeros((p.size, num_classes))
    logits[:, 0] = np.log(p) - np.log1p(-p) + np.log(num_classes - 1)
    return logits


def _pull(loss, logits):
    labels = np.zeros(len(logits), "int32")
    pull = -logit_gradients(loss, labels, logits)[:, 0]
    if not np.isfinite(pull).all():
        bad = int(np.argmax(~np.isfinite(pull)))
        raise ValueError(
            "The gradient of the loss is not finite. Received: "
            f"loss={loss!r}, {pull[bad]} at the logits {logits[bad]}"
        )
    return pull


def _below(p, holds):
    """The p up to which something holds from the smallest p on; or 0."""
    if not holds[0]:
        return 0.0
    return float(p[np.argmin(holds) - 1]) if not holds.all() else float(p[-1])


def _in_words(starts_cold, at_start, far_off, turns, num_classes):
    if at_start < 0:
        return (
            "At random weights it drives predictions away from the labels "
            f"(below p = {turns:.2g}): begin with cross-entropy, "
            "CrossEntropyWarmUp or SwitchLoss."
        )
    shares = (
        f"{at_start:.0%} of its largest pull at random weights, "
        f"{far_off:.1%} on labels of p = {1 / (_RARER * num_classes):.2g}"
    )
    if starts_cold:
        return f"Needs no warm-up: {shares}."
    cure = (
        "begin with cross-entropy (CrossEntropyWarmUp) or put "
        "NormalizedCrossEntropy beside it (ActivePassive)"
    )
    if num_classes > 10:
        cure += "; MarginShift is made for many classes"
    return f"Needs a warm-up: {shares}. Cure: {cure}."
