"""Class by class: does a loss stand this noise?"""

from dataclasses import dataclass

import numpy as np

from keras_robust.theory.asymmetry import asymmetry_ratio
from keras_robust.theory.asymmetry import declares_ratio
from keras_robust.theory.asymmetry import has_ratio
from keras_robust.theory.evaluation import check_loss
from keras_robust.theory.minimisers import Minimisers
from keras_robust.theory.parts import is_sum
from keras_robust.theory.parts import parts_of
from keras_robust.theory.weights import label_weights
from keras_robust.theory.weights import lead_of

TOLERATED, NOT_TOLERATED, OPEN = "tolerated", "not tolerated", "open"


@dataclass(frozen=True)
class ClassTolerance:
    """What is true of the samples of one true class.

    Attributes:
        label: The class.
        is_dominant: Whether it is the label given most often, alone.
        weight_ratio: How often it is given over the likeliest wrong label;
            infinite without wrong ones.
        needed_ratio: What the loss needs of that, `1 / r`; infinite if r is
            0, NaN for a loss that has no asymmetry ratio.
        margin: `weight_ratio / needed_ratio - 1`, at least 0 where the ratio
            is enough; NaN without a ratio.
        verdict: `"tolerated"`, `"not tolerated"` or `"open"`.
        why: The reason, in words: a theorem, a counterexample or numeric
            evidence.
        best: The best prediction found for these labels, `(K,)`. Where the
            noise is tolerated that is being sure of the class or, of a loss
            that sees all classes, another one: normalised cross-entropy asks
            little more than to rule out a class that is never given.
    """

    label: int
    is_dominant: bool
    weight_ratio: float
    needed_ratio: float
    margin: float
    verdict: str
    why: str
    best: np.ndarray


@dataclass(frozen=True)
class NoiseTolerance:
    """Whether a loss stands some noise; true or false in an `if`.

    Attributes:
        classes: A `ClassTolerance` for each true class.
    """

    classes: tuple

    @property
    def is_tolerated(self):
        """Whether the noise of every class is tolerated."""
        return all(one.verdict == TOLERATED for one in self.classes)

    @property
    def margin(self):
        """The smallest margin of a class; NaN without an asymmetry ratio."""
        return min(
            (one.margin for one in self.classes),
            key=lambda margin: -np.inf if np.isnan(margin) else margin,
        )

    def __bool__(self):
        return self.is_tolerated

    def __str__(self):
        said = {}
        for one in self.classes:
            said.setdefault((one.verdict, one.why), []).append(one.label)
        return "\n".join(
            f"{self._named(labels)}: {verdict} ({why})"
            for (verdict, why), labels in said.items()
        )

    def _named(self, labels):
        if len(labels) == len(self.classes):
            return "every class"
        word = "class" if len(labels) == 1 else "classes"
        return f"{word} {', '.join(map(str, labels))}"


def noise_tolerance(loss, noise, rate=None, num_classes=None):
    """Says for each class whether a loss tolerates its label noise.

    Formula: for the samples of a class `m` whose labels are `k` with the
    probabilities `w_k`: tolerated if `argmin_u sum_k w_k L(u, k)` is that of
    `L(u, m)`. For a loss `l(p_y)` with the asymmetry ratio `r` it is enough
    that `w_m / max_{k != m} w_k >= 1 / r`: a theorem if the loss declares `r`,
    numeric evidence if that was searched.

    Use it before training, with the noise that you have or estimate: where
    the answer is no, the loss on noisy labels is smallest at predictions that
    are wrong or unsure, however many samples there are. A yes is about the
    minimiser, and promises nothing about how well a network gets there (see
    `fitting_profile`).

    Where the ratio does not decide, the whole simplex is searched: a better
    prediction is a counterexample, shown; that there is none is numeric
    evidence for a loss without a ratio, and leaves the question `"open"` for
    one whose ratio is too small. A sum tolerates what each of its parts does.

    Args:
        loss: A `keras.losses.Loss`, or a function of `(y_true, y_pred)` with
            one value per sample. A function is given probabilities: of one
            that takes logits pass
            `lambda y, p: function(y, ops.log(ops.maximum(p, 1e-30)))`.
        noise: A transition matrix `(K, K)`, rows true classes and columns
            given ones; what `noise.estimate_transition_matrix` returns; or
            `"symmetric"` or `"pair"`.
        rate: The share of wrong labels in [0, 1]; for a name only.
        num_classes: K; for a name only.

    Returns:
        A `NoiseTolerance`; print it for the verdicts in words.

    Raises:
        ValueError: For a matrix whose rows do not sum to 1, a rate outside
            of [0, 1], and as in `is_symmetric` for the loss.

    Example:

    >>> from keras_robust import losses
    >>> from keras_robust.theory import noise_tolerance
    >>> gce = losses.AsymmetricGCE(a=0.6, q=0.6)
    >>> noise_tolerance(gce, "pair", 0.4, 10).is_tolerated
    True
    >>> noise_tolerance(gce, "pair", 0.41, 10).classes[0].verdict
    'not tolerated'

    Reference: Zhou et al., "Asymmetric Loss Functions for Learning with Noisy
    Labels", ICML 2021.
    """
    matrix = label_weights(noise, rate, num_classes)
    check_loss(loss, len(matrix))
    ratio = None
    if has_ratio(loss, len(matrix)):
        ratio = asymmetry_ratio(loss, len(matrix))
    declared = declares_ratio(loss)
    minimisers = Minimisers(loss, len(matrix))
    of_parts = []
    if ratio is None and is_sum(loss):
        of_parts = [noise_tolerance(one, matrix) for one in parts_of(loss)]
    known = {}
    found = []
    for label, weights in enumerate(matrix):
        # Classes of the same noise: many have the same answer.
        rest = np.sort(np.delete(weights, label))
        key = tuple(np.round([weights[label], *rest], 12))
        alike = ratio is not None or minimisers.treats_classes_alike
        if not alike or key not in known:
            parts = [part.classes[label] for part in of_parts]
            known[key] = _judge(
                minimisers, ratio, declared, parts, label, weights
            )
            one = known[key]
        else:
            one = _relabelled(known[key], label, weights)
        found.append(one)
    return NoiseTolerance(tuple(found))


def is_asymmetric(loss, transition_matrix):
    """Whether a loss is asymmetric on the label weights of every class.

    The short form of `noise_tolerance`, which says more.

    Args:
        loss: A loss, as of `noise_tolerance`.
        transition_matrix: `(K, K)`, rows true classes, columns given ones;
            or an estimate of it.

    Returns:
        A bool. False is shown by a better prediction or by a class that is
        not the likeliest label, or undecided; true is a theorem for losses
        that declare an asymmetry ratio, numeric evidence for others.

    Raises:
        ValueError: As `noise_tolerance` does.

    Example:

    >>> from keras_robust import losses
    >>> from keras_robust.theory import is_asymmetric
    >>> is_asymmetric(losses.CategoricalMAE(), [[0.6, 0.4], [0.1, 0.9]])
    True
    >>> is_asymmetric(losses.CrossEntropy(), [[0.6, 0.4], [0.1, 0.9]])
    False

    Reference: Zhou et al., "Asymmetric Loss Functions for Learning with Noisy
    Labels", ICML 2021, definition 1.
    """
    matrix = label_weights(transition_matrix)
    check_loss(loss, len(matrix))
    lead, _ = lead_of(matrix)
    if lead > 1 and declares_ratio(loss):
        if asymmetry_ratio(loss, len(matrix)) * lead >= 1:
            return True
    return noise_tolerance(loss, matrix).is_tolerated


def _judge(minimisers, ratio, declared, parts, label, weights):
    rest = np.delete(weights, label)
    largest = rest.max()
    has = float(weights[label] / largest) if largest else float("inf")
    needed = float("nan") if ratio is None else _inverse(ratio)
    is_dominant = bool(weights[label] > largest)
    # A ratio of 0 is enough for what no ratio could be: no wrong labels.
    margin = float("inf") if np.isinf(has) and ratio else has / needed - 1
    minimum = minimisers.find(weights)
    sure = minimum.corner == label and minimum.is_corner
    if not is_dominant:
        verdict = NOT_TOLERATED
        why = "a wrong label is given as often as the right one, or more"
    # A ratio that was searched may be too large: what is shown comes first.
    elif margin >= 0 and (declared or sure):
        verdict = TOLERATED
        why = (
            f"its label is {has:.3g} times as frequent as the next, "
            f"{needed:.3g} times is enough"
        )
        if not declared:
            why = f"numeric evidence: {why} by a search for the ratio"
    elif parts and all(part.verdict == TOLERATED for part in parts):
        verdict = TOLERATED
        reasons = "; ".join(part.why for part in parts)
        why = f"each of the losses that it adds up tolerates it: {reasons}"
    elif not sure:
        verdict = NOT_TOLERATED
        why = (
            "another prediction has a smaller risk: "
            f"{minimum.point[label]:.3g} for its own class, "
            f"{np.delete(minimum.point, label).max():.3g} for the next"
        )
    elif ratio is None or np.isinf(has):
        verdict = TOLERATED
        why = (
            f"numeric evidence: none of {minimum.num_points} predictions is "
            "better than being sure of it"
        )
    else:
        verdict = OPEN
        enough = f"{needed:.3g} times would be"
        if np.isinf(needed):
            enough = "with an asymmetry ratio of 0 nothing is surely"
        why = (
            f"its label is {has:.3g} times as frequent as the next, "
            f"{enough} enough; no better prediction among "
            f"{minimum.num_points}"
        )
    return ClassTolerance(
        label, is_dominant, has, needed, margin, verdict, why, minimum.point
    )


def _relabelled(one, label, weights):
    """The same of another class with the same weights in another order."""
    best = np.empty_like(one.best)
    # The prediction follows the weights: the largest where the largest is.
    mine = np.delete(np.arange(len(weights)), label)
    theirs = np.delete(np.arange(len(weights)), one.label)
    best[label] = one.best[one.label]
    order = mine[np.argsort(weights[mine], kind="stable")]
    best[order] = np.sort(one.best[theirs])
    return ClassTolerance(
        label,
        one.is_dominant,
        one.weight_ratio,
        one.needed_ratio,
        one.margin,
        one.verdict,
        one.why,
        best,
    )


def _inverse(ratio):
    return 1.0 / ratio if ratio else float("inf")
