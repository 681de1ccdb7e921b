"""How much label noise a loss tolerates, from its asymmetry ratio."""

from keras_robust.theory.asymmetry import asymmetry_ratio
from keras_robust.theory.asymmetry import has_ratio
from keras_robust.theory.evaluation import check_loss
from keras_robust.theory.minimisers import Minimisers
from keras_robust.theory.native import one_question
from keras_robust.theory.parts import is_sum
from keras_robust.theory.parts import parts_of
from keras_robust.theory.weights import label_weights
from keras_robust.theory.weights import wrong_classes

# Halvings of the range of rates: to 2.5e-4 of it.
_HALVINGS = 12


@one_question()
def max_noise_rate(loss, kind="symmetric", num_classes=10):
    """Returns the noise rate up to which a loss is sure to be tolerant.

    Formula: the largest `eta` with `rho(eta) * r >= 1`, where `r` is the
    loss's `asymmetry_ratio` and `rho` says how many times more often a sample
    gets its own label than the likeliest wrong one:
    `rho = (1 - eta) (K - 1) / eta` for symmetric noise over `K` classes,
    `rho = (1 - eta) / eta` if all wrong labels of a class are one other class.

    Use it to choose a loss, or its parameters, for a noise rate. The
    condition is sufficient, and necessary too for the asymmetric losses; it
    is about the minimiser of the loss, and promises nothing about how well a
    network gets there.

    A loss that depends on more than the given label's probability has no
    such ratio. Of it the rate is searched at which being sure of the right
    class stops being the best prediction that is found on the whole simplex:
    numeric evidence, not a theorem. So is a ratio that the loss does not
    declare. If it treats classes differently, the class that tolerates least
    counts. A sum tolerates at least what each of its parts does.

    Args:
        loss: A loss, as in `asymmetry_ratio`, or any other of one sample.
        kind: `"symmetric"` (any wrong class alike) or `"pair"` (one wrong
            class). Defaults to `"symmetric"`.
        num_classes: Number of classes `K`, at least 2. Defaults to `10`.

    Returns:
        A float from 0.0 (no noise is safe) to `(K - 1) / K`, or 1/2 for
        pairs, at which the clean class is no longer the most frequent one.

    Raises:
        ValueError: For an unknown kind, and as in `asymmetry_ratio`.

    Example:

    >>> from keras_robust import losses
    >>> from keras_robust.theory import max_noise_rate
    >>> max_noise_rate(losses.AsymmetricGCE(q=3))
    0.9
    >>> round(max_noise_rate(losses.AsymmetricGCE(a=0.6, q=0.6), "pair"), 3)
    0.403

    Reference: Zhou et al., "Asymmetric Loss Functions for Learning with Noisy
    Labels", ICML 2021.
    """
    check_loss(loss, num_classes)
    wrong = wrong_classes(kind, num_classes)
    if has_ratio(loss, num_classes):
        ratio = asymmetry_ratio(loss, num_classes)
        return wrong * ratio / (wrong * ratio + 1)
    found = _searched(loss, kind, num_classes, wrong / (wrong + 1))
    if is_sum(loss):
        # What each part tolerates the sum does, seen or not.
        parts = parts_of(loss)
        of_parts = [max_noise_rate(one, kind, num_classes) for one in parts]
        found = max(found, min(of_parts))
    return found


def _searched(loss, kind, num_classes, rate):
    """The rate that every class tolerates, at most `rate`."""
    minimisers = Minimisers(loss, num_classes)
    alike = minimisers.treats_classes_alike
    for label in range(1 if alike else num_classes):

        def is_tolerated(rate, label=label):
            weights = label_weights(kind, rate, num_classes)[label]
            return minimisers.find(weights).is_corner

        rate = _largest(is_tolerated, rate)
    return rate


def _largest(is_tolerated, high):
    # What is equal at the end is a tie of classes: a hair below it counts.
    if is_tolerated(high * (1 - 1e-6)):
        return high
    low = 0.0
    if not is_tolerated(low):
        return low
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if is_tolerated(middle) else (low, middle)
    return low
