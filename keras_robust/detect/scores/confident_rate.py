"""How many labels are wrong, by confident learning on the training pass."""

import numpy as np

from keras_robust.detect.scores.in_pass import given_and_other
from keras_robust.detect.scores.in_pass import last_epochs


def confident_rate(trajectories, last=1 / 3):
    """Counts labels that a model contradicts confidently, late in training.

    Formula: in each of the last third of the epochs, with `p_i` the
    probability of the given label and `t_k` its mean over the samples given
    `k`: a sample speaks for its label if that is predicted and `p_i >= t_y`;
    against it, if another class `k` is predicted with a probability of at
    least `t_k`. Of each given class the share of those that speak against it
    counts for all of its samples; the rate is the mean over the epochs.

    The thresholds are confident learning's, which make up for a model that is
    unsure of whole classes. There the probabilities are of models that have
    not seen the sample; here they are of the training pass, before a model
    has learned its wrong labels by heart. One that has contradicts nothing,
    and the rate is too small; one that is often wrong contradicts too much.

    Args:
        trajectories: `Trajectories`, or those on disk, with the signals
            `"cross_entropy"`, `"margin"` and `"predicted"`.
        last: Which share of the epochs is counted in, from the end. Defaults
            to a third.

    Returns:
        A float in [0, 1]; 0 where nothing was seen in those epochs.

    Reference:
        Northcutt et al., "Confident Learning: Estimating Uncertainty in
        Dataset Labels", JAIR 2021, section 3.1 (out of sample).
    """
    epochs = slice(-last_epochs(trajectories.num_epochs, last), None)
    thresholds = _thresholds(trajectories, epochs)
    size = trajectories.num_classes
    own, against = np.zeros((2, *thresholds.shape))
    signals = ("cross_entropy", "margin", "predicted")
    for _, part in trajectories.blocks(signals):
        given = part.given_label
        ours, theirs = given_and_other(part, epochs)
        predictions = part.signals["predicted"][epochs]
        rows = zip(ours, theirs, predictions, strict=True)
        for e, (mine, others, predicted) in enumerate(rows):
            # As votes do, what is no class is left out; so is NaN.
            seen = (predicted >= 0) & (predicted < size)
            seen &= ~(np.isnan(mine) | np.isnan(others))
            label, other = given[seen], predicted[seen].astype(np.int64)
            limits = thresholds[e]
            is_own = (other == label) & (mine[seen] >= limits[label])
            is_other = (other != label) & (others[seen] >= limits[other])
            own[e] += np.bincount(label[is_own], minlength=size)
            against[e] += np.bincount(label[is_other], minlength=size)
    counted = own + against
    shares = np.zeros_like(counted)
    np.divide(against, counted, out=shares, where=counted > 0)
    sizes = np.bincount(trajectories.given_label, minlength=size)
    return float((shares @ sizes).mean() / max(sizes.sum(), 1))


def _thresholds(trajectories, epochs):
    """The mean probability of each class's own label, one row an epoch."""
    size = trajectories.num_classes
    count = len(trajectories.epochs[epochs])
    sums, counts = np.zeros((2, count, size))
    for _, part in trajectories.blocks(("cross_entropy",)):
        given = part.given_label
        for e, loss in enumerate(part.signals["cross_entropy"][epochs]):
            seen = ~np.isnan(loss)
            p = np.exp(-np.maximum(loss[seen], 0.0, dtype=np.float64))
            sums[e] += np.bincount(given[seen], p, minlength=size)
            counts[e] += np.bincount(given[seen], minlength=size)
    means = np.full(sums.shape, np.inf)
    np.divide(sums, counts, out=means, where=counts > 0)
    # Rounding of float32 must not put a class below its own mean.
    return means - 1e-6
