"""How often each label is given to the samples of each true class."""

import difflib

import numpy as np

# How many wrong labels a class has by each kind of noise, all as likely: they
# are those of the classes that follow it.
_WRONG = {
    "symmetric": lambda num_classes: num_classes - 1,
    "pair": lambda num_classes: 1,
}
KINDS = tuple(_WRONG)


def label_weights(noise, rate=None, num_classes=None):
    """The transition matrix of some noise.

    Args:
        noise: `"symmetric"` (any wrong class alike), `"pair"` (the next
            class), or a matrix `(K, K)`, rows true classes, columns given
            ones, each row summing to 1; or what has one as
            `transition_matrix`, such as an estimate.
        rate: The share of wrong labels, in [0, 1]; for a name only.
        num_classes: K; for a name only.

    Returns:
        Float64 `(K, K)`.

    Raises:
        ValueError: If it is none of these.
    """
    noise = getattr(noise, "transition_matrix", noise)
    if isinstance(noise, str):
        return _of_kind(check_kind(noise, "noise"), rate, num_classes)
    try:
        matrix = np.asarray(noise, np.float64)
    except (TypeError, ValueError):
        matrix = np.empty(0)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise ValueError(
            "`noise` must be one of "
            f"{', '.join(map(repr, KINDS))} or a square matrix, rows true "
            "classes and columns given ones. Received: "
            f"noise={noise!r}"
        )
    if rate is not None or num_classes not in (None, len(matrix)):
        raise ValueError(
            "A matrix says its rate and its number of classes itself: leave "
            f"`rate` and `num_classes` out. Received: rate={rate!r}, "
            f"num_classes={num_classes!r}, a matrix of {len(matrix)} classes"
        )
    if len(matrix) < 2:
        raise ValueError(
            "There must be at least 2 classes. Received: a matrix of shape "
            f"{matrix.shape}"
        )
    # Written so that NaN fails too.
    bad = ~((matrix >= 0).all(axis=1) & (np.abs(matrix.sum(1) - 1) < 1e-6))
    if bad.any():
        row = int(np.argmax(bad))
        raise ValueError(
            "Every row of a transition matrix holds shares that sum to 1: "
            "rows are true classes, columns given ones. Received: row "
            f"{row} with the sum {matrix[row].sum():.6g} and the smallest "
            f"entry {matrix[row].min():.6g}"
        )
    return matrix


def lead_of(matrix):
    """How far the right label leads, in the class where it does so least.

    Args:
        matrix: A transition matrix `(K, K)`.

    Returns:
        The ratio of its own label's share to that of the likeliest wrong one
        (infinite without wrong labels), and the class.
    """
    leads = leads_of(matrix)
    label = int(np.argmin(leads))
    return float(leads[label]), label


def leads_of(matrix):
    """How far the right label leads in each class, `(K,)`; see `lead_of`."""
    own = np.diag(matrix)
    wrong = np.where(np.eye(len(matrix), dtype=bool), 0.0, matrix).max(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(wrong > 0, own / wrong, np.inf)


def wrong_classes(kind, num_classes):
    """How many wrong labels a class has by a kind of noise, all as likely."""
    return _WRONG[check_kind(kind, "kind")](num_classes)


def check_kind(kind, argument):
    """Returns a name of noise, or raises with the nearest there is."""
    if not isinstance(kind, str) or kind not in KINDS:
        # To the letters this one is nearest its contrary.
        name = str(kind).removeprefix("asymmetric") or "pair"
        near = difflib.get_close_matches(name, KINDS, n=1, cutoff=0)
        raise ValueError(
            f"`{argument}` must be one of {', '.join(map(repr, KINDS))}. "
            f"Did you mean {near[0]!r}? Received: {argument}={kind!r}"
        )
    return kind


def _of_kind(kind, rate, num_classes):
    number = isinstance(rate, int | float | np.floating | np.integer)
    if not number or isinstance(rate, bool) or not 0 <= rate <= 1:
        raise ValueError(
            f"{kind} noise needs a `rate` in [0, 1], the share of wrong "
            f"labels. Received: rate={rate!r}"
        )
    integer = isinstance(num_classes, int | np.integer)
    if not integer or isinstance(num_classes, bool) or num_classes < 2:
        raise ValueError(
            f"{kind} noise needs `num_classes`, an integer of at least 2. "
            f"Received: num_classes={num_classes!r}"
        )
    wrong = wrong_classes(kind, num_classes)
    classes = np.arange(num_classes)
    ahead = (classes - classes[:, None]) % num_classes
    shares = np.where(ahead <= wrong, rate / wrong, 0.0)
    return np.where(ahead == 0, 1.0 - rate, shares)
