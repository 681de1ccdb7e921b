"""Class by class: does a loss stand this noise?"""

from dataclasses import dataclass

import numpy as np

from keras_robust.theory.asymmetry import declared_bound
from keras_robust.theory.evaluation import check_loss
from keras_robust.theory.judge import TOLERATED
from keras_robust.theory.judge import Judge
from keras_robust.theory.native import one_question
from keras_robust.theory.weights import label_weights
from keras_robust.theory.weights import lead_of


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


@one_question()
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
    judge = Judge(loss, matrix)
    return NoiseTolerance(
        tuple(judge.of_class(label) for label in range(len(matrix)))
    )


@one_question()
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
    if isinstance(transition_matrix, str):
        raise ValueError(
            "`transition_matrix` must be a matrix, rows true classes and "
            "columns given ones; ask `noise_tolerance` about a kind of noise "
            "by its name and rate. Received: "
            f"transition_matrix={transition_matrix!r}"
        )
    matrix = label_weights(transition_matrix)
    check_loss(loss, len(matrix))
    lead, _ = lead_of(matrix)
    bound = declared_bound(loss)
    if lead > 1 and bound is not None and bound * lead >= 1:
        return True
    found = Judge(loss, matrix).worst_first()
    return all(one.verdict == TOLERATED for one in found)
