"""Where to clip gradients so that wrong labels pull little more than right.

The host's part of optimized gradient clipping; no Keras, so that it can be
read, and tested, as a formula.
"""

import numpy as np

from keras_robust.detect.statistics.mixtures import two_normals

# Probabilities outside of this are not looked for.
LEAST, MOST = 1e-7, 1.0 - 1e-7
_POINTS = 1000


def fit(losses, seed=0):
    """Two normal distributions of cross-entropies, of right and wrong labels.

    Args:
        losses: `-log p` of the given labels, `(Q,)`, finite.
        seed: Of the start of the fit.

    Returns:
        `(mean, variance)` of the lower one, that of right labels, and of the
        upper one.
    """
    losses = np.asarray(losses, "float64").reshape(-1)
    # Ten iterations, as the authors take.
    mixture = two_normals(
        losses, max_iter=10, reg_covar=1e-3, random_state=seed
    )
    means, variances = mixture.means_[:, 0], mixture.covariances_[:, 0, 0]
    order = np.argsort(means, kind="stable")
    return [(float(means[i]), float(variances[i])) for i in order]


def ratio(threshold, right, wrong, slope):
    """How much more a wrong label pulls than a right one, once clipped.

    Formula: `E_wrong min(|l'(p)|, |l'(t)|) / E_right min(|l'(p)|, |l'(t)|)`,
    with `-log p` of either a normal distribution that ends at `LEAST` and
    `MOST`.

    Args:
        threshold: `t`.
        right, wrong: `(mean, variance)` of `-log p`.
        slope: `|l'(p)|` as a function of `p`.
    """
    losses = np.linspace(-np.log(MOST), -np.log(LEAST), _POINTS)
    pull = np.minimum(slope(np.exp(-losses)), slope(threshold))
    # Where the distributions end cancels out.
    return _mean(pull, losses, *wrong) / _mean(pull, losses, *right)


def _mean(values, losses, mean, variance):
    logs = -0.5 * (losses - mean) ** 2 / variance
    weights = np.exp(logs - logs.max())
    return (weights * values).sum() / weights.sum()


def best_threshold(losses, slope, allowed, seed=0):
    """The threshold of optimized gradient clipping, by bisection.

    Formula: the `t` with `ratio(t) = allowed`; ten halvings.

    Args:
        losses: As of `fit`.
        slope: As of `ratio`.
        allowed: The ratio, at least 1: `1 + learning_rate * epsilon`.
        seed: As of `fit`.
    """
    right, wrong = fit(losses, seed)
    low, high = LEAST, MOST
    for _ in range(10):
        middle = 0.5 * (low + high)
        if ratio(middle, right, wrong, slope) > allowed:
            low = middle
        else:
            high = middle
    return high
