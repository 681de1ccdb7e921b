"""Label noise that consists of a model's own mistakes."""

import numpy as np

from keras_robust.noise.flips import as_classes
from keras_robust.noise.flips import as_rate
from keras_robust.noise.flips import generator
from keras_robust.noise.noisy_labels import with_labels
from keras_robust.noise.probabilities import as_probabilities
from keras_robust.noise.probabilities import blocks


def from_predictions(
    labels,
    pred_probs=None,
    rate=None,
    predictions=None,
    num_classes=None,
    seed=None,
):
    """Puts a model's mistakes in place of the labels where it is most torn.

    Formula: sample i of class c would become `k_i`, the most probable class
    besides c; those with the largest `p_i[k_i] - p_i[c]` do, first the
    model's mistakes (above 0), then the ones that it hardly gets right.

    The hardest noise there is for a model of that kind: the wrong labels are
    what it would have said anyway. Take the predictions of a model that did
    not see these samples.

    Args:
        labels: the right class numbers in [0, K - 1], integers of shape
            `(N,)` or `(N, 1)`. They are not changed.
        pred_probs: the probabilities of the model, shape `(N, K)`.
        rate: share of the labels to flip, in [0, 1]: `round(rate * N)`, over
            all classes together, so that hard classes get more. Defaults to
            `None`: every mistake of the model.
        predictions: instead of `pred_probs` the predicted classes, integers
            of shape `(N,)` or `(N, 1)`. Chance decides which of the mistakes
            are taken; there must be as many as `rate` asks for.
        num_classes: number of classes K >= 2. Defaults to the columns of
            `pred_probs`, else to the largest class in `labels` and
            `predictions` plus one.
        seed: non-negative integer for the same flips every time, a
            `numpy.random.Generator`, or None for fresh ones. Chance decides
            among samples that are as torn, and on the class of one that has
            probability for its own alone.

    Returns:
        `NoisyLabels`: the noisy `labels`, a new array of the shape and dtype
        of those given, the mask `is_wrong` and the realised
        `transition_matrix`.

    Raises:
        ValueError: if an argument is outside the ranges above, not one of
            `pred_probs` and `predictions` is given, a row of them is bad (the
            first is named), or there are fewer mistakes than `rate` asks for.

    Example:

    >>> import numpy as np
    >>> from keras_robust.noise import from_predictions
    >>> p = np.array([[0.9, 0.1], [0.4, 0.6], [0.3, 0.7], [0.45, 0.55]])
    >>> from_predictions([0, 0, 1, 1], p).labels
    array([0, 1, 1, 1])
    >>> from_predictions([0, 0, 1, 1], p, rate=0.5).labels
    array([0, 1, 1, 0])

    Reference:
        the feature-dependent noise of Algan and Ulusoy, "Label Noise Types
        and Their Effects on Learning", arXiv 2003.10471, 2020, whose code
        takes the samples by the probability of the wrong class alone.
    """
    if (pred_probs is None) == (predictions is None):
        raise ValueError(
            "`from_predictions` needs either `pred_probs` or `predictions`. "
            f"Received: {'none' if predictions is None else 'both'} of them"
        )
    rng = generator(seed)
    if rate is not None:
        rate = as_rate(rate)
    if predictions is None:
        num_samples = as_classes(labels, num_classes, least=2)[1].size
        rows = as_probabilities(pred_probs, num_samples, num_classes)
        given, classes, num_classes = as_classes(labels, rows.shape[1])
        new, torn = _second_choices(classes, rows)
        no_choice = np.flatnonzero(new < 0)
        steps = rng.integers(1, num_classes, no_choice.size)
        new[no_choice] = (classes[no_choice] + steps) % num_classes
    else:
        _, new, least = as_classes(
            predictions, num_classes, "predictions", least=2
        )
        given, classes, num_classes = as_classes(
            labels, num_classes, least=least
        )
        if new.size != classes.size:
            raise ValueError(
                "`predictions` must have one class for each label. Received: "
                f"{new.size} predictions, {classes.size} labels"
            )
        torn = np.where(new != classes, 1.0, -np.inf)
    positions = _most_torn(torn, rate, rng)
    return with_labels(given, classes, positions, new[positions], num_classes)


def _second_choices(classes, pred_probs):
    """The class besides its own that each sample is most like, and how much.

    -1 for a sample that has no probability for any other class.
    """
    new = np.empty(classes.size, np.int64)
    torn = np.empty(classes.size)
    for where, block in blocks(pred_probs):
        rows, own = np.arange(len(block)), classes[where]
        others = block.copy()
        others[rows, own] = -1.0
        best = others.argmax(axis=1)
        most = others[rows, best]
        new[where] = np.where(most > 0, best, -1)
        torn[where] = most - block[rows, own]
    return new, torn


def _most_torn(torn, rate, rng):
    """The positions to flip, ascending; -inf is never torn."""
    if rate is None:
        return np.flatnonzero(torn > 0)
    total = round(rate * torn.size)
    possible = np.count_nonzero(torn > -np.inf)
    if total > possible:
        raise ValueError(
            f"The predictions make {possible} mistakes in {torn.size} labels, "
            f"fewer than `rate` asks for. Received: rate={rate}"
        )
    # Shuffled first, so that chance decides among equals.
    order = rng.permutation(torn.size)
    order = order[np.argsort(-torn[order], kind="stable")]
    return np.sort(order[:total])
