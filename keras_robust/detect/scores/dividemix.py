"""How probably a label is right, by a mixture of two groups of losses."""

import numpy as np

from keras_robust.detect.checks import as_matrix
from keras_robust.detect.checks import integer
from keras_robust.detect.scores.score import Score
from keras_robust.detect.scores.score import register_score
from keras_robust.detect.statistics.histogram import histogram_of
from keras_robust.detect.statistics.means import mean_of_seen
from keras_robust.detect.statistics.mixtures import TwoNormals
from keras_robust.detect.statistics.mixtures import fit_two_normals
from keras_robust.detect.statistics.mixtures import two_normals
from keras_robust.detect.statistics.odds import logistic

# More losses are not fitted one by one.
_SORTED_AT_MOST = 1_000_000


def clean_probability(losses, epochs=1):
    """The probability that a label is right, given its losses (DivideMix).

    Formula: `P(g | loss_i)` with `g` the component of the smaller mean of a
    mixture of two normal distributions, fitted to the losses of an epoch
    that are scaled to [0, 1], or to their mean over several epochs.

    The mixture is the authors': variances of their own, at most 10 steps of
    EM, tolerance 1e-2, 5e-4 added to the variances. Theirs starts anywhere;
    this one is seeded and fitted to sorted losses, so neither chance nor the
    order of the samples moves it. Of more than a million losses a histogram
    is fitted, from their best cut in two. With two variances the wider
    component may win again at the very lowest losses; that is as in the
    paper.

    Args:
        losses: cross-entropies `(E, N)`, NaN where a sample was not seen.
        epochs: how many of the last epochs to average over, at least 1.
            Defaults to `1`; 5 at 90 % noise in the paper.

    Returns:
        The pair of the probabilities and their log-odds, float64 `(N,)` both;
        NaN for a sample not seen in those epochs. Where all losses are alike,
        or there is only one, all labels are right: 1, and log-odds 0.

    Raises:
        ValueError: if the losses have not two axes, or `epochs` is not an
            integer of at least 1.

    Example:

    >>> from keras_robust.detect import clean_probability
    >>> probability, _ = clean_probability([[0.1, 0.2, 0.1, 2.0, 2.2]])
    >>> probability > 0.5
    array([ True,  True,  True, False, False])

    Reference:
        Li et al., "DivideMix: Learning with Noisy Labels as Semi-supervised
        Learning", ICLR 2020, section 3.1.
    """
    losses = as_matrix("losses", losses, "(E, N)")
    epochs = integer("epochs", epochs, at_least=1)
    scaled = np.stack([_scaled(row) for row in losses[-epochs:]])
    mean = mean_of_seen(scaled)
    known = ~np.isnan(mean)
    probability, odds = np.full((2, mean.size), np.nan)
    probability[known], odds[known] = _posterior(mean[known])
    return probability, odds


def _scaled(losses):
    """The losses of an epoch in [0, 1]; all 0 if they are alike."""
    losses = np.asarray(losses, np.float64)
    finite = np.isfinite(losses)
    if not finite.any():
        # Infinite ones are alike too.
        return np.where(np.isnan(losses), np.nan, 0.0)
    low, high = losses[finite].min(), losses[finite].max()
    losses = np.clip(losses, low, high)
    return (losses - low) / (high - low if high > low else 1.0)


def _posterior(values):
    # Also refuses a spread that is rounding only.
    if values.size < 2 or not np.ptp(values) > 1e-12:
        return np.ones(values.size), np.zeros(values.size)
    # Ten steps are the paper's, converged or not.
    if values.size > _SORTED_AT_MOST:
        mixture = fit_two_normals(
            histogram_of(values, values.min(), values.max()),
            common=False,
            max_iter=10,
            tolerance=1e-2,
            floor=5e-4,
        )
    else:
        found = two_normals(
            np.sort(values),
            max_iter=10,
            tol=1e-2,
            reg_covar=5e-4,
            random_state=0,
        )
        order = np.argsort(found.means_[:, 0], kind="stable")
        mixture = TwoNormals(
            found.weights_[order],
            found.means_[order, 0],
            found.covariances_[order, 0, 0],
        )
    # The odds, for probabilities that round to 0 or 1 are ties.
    odds = mixture.odds_of_lower(values)
    return logistic(odds), odds


def _last_losses(trajectories):
    return trajectories.last_seen("cross_entropy")


@register_score(
    "gmm", ("cross_entropy",), summary=_last_losses, split="threshold"
)
def gmm(losses):
    """The probability that the label is right, by the losses of an epoch.

    `quality = P(right | CE of the last epoch)`, see `clean_probability`;
    `evidence` is its log-odds, `log(quality / (1 - quality))`. For a sample
    not seen in the last epoch the latest loss there is counts.

    Reference:
        Li et al., "DivideMix: Learning with Noisy Labels as Semi-supervised
        Learning", ICLR 2020, section 3.1.
    """
    return Score(*clean_probability(losses[None]))
