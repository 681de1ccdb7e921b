"""How much label noise a loss tolerates, from its asymmetry ratio."""

import difflib

from keras_robust.theory.asymmetry import asymmetry_ratio

_KINDS = ("symmetric", "pair")


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

    Args:
        loss: A loss, as in `asymmetry_ratio`.
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
    if kind not in _KINDS:
        near = difflib.get_close_matches(str(kind), _KINDS, n=1, cutoff=0)
        raise ValueError(
            f"`kind` must be one of {', '.join(map(repr, _KINDS))}. "
            f"Did you mean {near[0]!r}? Received: kind={kind!r}"
        )
    ratio = asymmetry_ratio(loss, num_classes)
    wrong_classes = num_classes - 1 if kind == "symmetric" else 1
    return wrong_classes * ratio / (wrong_classes * ratio + 1)
