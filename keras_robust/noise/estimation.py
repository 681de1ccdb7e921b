"""Estimates the noise in labels, by any method, with intervals."""

import dataclasses
import numbers

import numpy as np

from keras_robust.noise.anchor_points import from_anchors
from keras_robust.noise.confident_joint import confident_joint
from keras_robust.noise.dual_t import from_dual_t
from keras_robust.noise.flips import as_classes
from keras_robust.noise.flips import generator
from keras_robust.noise.hoc import Hoc
from keras_robust.noise.hoc import two_neighbours
from keras_robust.noise.noise_estimate import Bounds
from keras_robust.noise.noise_estimate import NoiseEstimate
from keras_robust.noise.noise_matrices import noise_matrices
from keras_robust.noise.probabilities import as_classes_and_probabilities
from keras_robust.noise.probabilities import as_probabilities


def estimate_transition_matrix(
    labels,
    pred_probs=None,
    embeddings=None,
    knn_graph=None,
    method="confident_joint",
    bootstrap=0,
    seed=None,
    num_classes=None,
    confidence=0.95,
):
    """Estimates how often labels are wrong, and which for which.

    Formula: `T_ij`, the probability that a sample of true class i is labelled
    j; `p_i`, the share of class i; the noise rate is `1 - sum_i p_i T_ii`.

    Use it to learn how much noise there is, and for losses that take a
    transition matrix: `losses.ForwardCorrection(estimate.transition_matrix)`.

    | method | needs | is right where |
    |---|---|---|
    | `"confident_joint"` | probabilities, out of sample | the model tells \
classes apart, and errs evenly |
    | `"anchor"` | probabilities of the labels | they are calibrated; each \
class has clear samples |
    | `"dual_t"` | probabilities | predictions are right and sure |
    | `"hoc"` | embeddings | nearest neighbours are of one class |

    Args:
        labels: given labels, integers in [0, K - 1], `(N,)` or `(N, 1)`.
        pred_probs: predicted probabilities `(N, K)`, for all but `"hoc"`.
        embeddings: numbers `(N, E)`, for `"hoc"`; or
        knn_graph: `(indices, distances)`, `(N, M)` each, for `"hoc"`.
        method: one of the table. Defaults to `"confident_joint"`: the counts
            of `confident_joint`, each row scaled to the number of its labels.
            The others are `anchor_points`, `dual_t` and `hoc`, each with its
            defaults.
        bootstrap: number of times to estimate again from samples drawn with
            replacement, at least 0; some hundreds for intervals. Defaults to
            `0`: no intervals. It holds a copy of the probabilities.
        seed: non-negative integer for the same draws every time, a
            `numpy.random.Generator`, or None for fresh ones.
        num_classes: number of classes K >= 2. Defaults to the number of
            columns of `pred_probs`, or the largest label plus one.
        confidence: share of the drawn estimates between `low` and `high`,
            in (0, 1); the estimate itself is between them always. Defaults
            to `0.95`. They say what comes of the choice of samples; not how
            far the method's assumption is off, nor what another training
            would have made of the model.

    Returns:
        `NoiseEstimate`.

    Raises:
        ValueError: if an argument is not usable, or what the method needs is
            missing.

    Example:

    >>> import numpy as np
    >>> import keras_robust as kr
    >>> true = np.repeat([0, 1, 2], 200)
    >>> is_wrong = np.random.default_rng(0).permutation(600) % 10 < 3
    >>> noisy = np.where(is_wrong, (true + 1) % 3, true)
    >>> embeddings = np.eye(3)[true] + np.linspace(0, 0.1, 600)[:, None]
    >>> estimate = kr.noise.estimate_transition_matrix(
    ...     noisy, embeddings=embeddings, method="hoc", bootstrap=20, seed=0
    ... )
    >>> estimate.transition_matrix.round(1)
    array([[0.7, 0.3, 0. ],
           [0. , 0.7, 0.3],
           [0.3, 0. , 0.7]])
    >>> estimate.low.noise_rate < 0.3 < estimate.high.noise_rate
    True
    >>> loss = kr.losses.ForwardCorrection(estimate.transition_matrix)

    Reference:
        Northcutt et al., "Confident Learning: Estimating Uncertainty in
        Dataset Labels", JAIR 2021, equation 3, for `"confident_joint"`; the
        others name their own.
    """
    _check_numbers(bootstrap, confidence)
    rng = generator(seed)
    if not isinstance(method, str) or method not in METHODS:
        raise ValueError(
            f"`method` must be one of {', '.join(METHODS)}. "
            f"Received: method={method!r}"
        )
    if method == "hoc":
        _check_given(method, pred_probs=pred_probs)
        again, estimate = _by_neighbours(
            labels, embeddings, knn_graph, num_classes
        )
    else:
        _check_given(method, embeddings=embeddings, knn_graph=knn_graph)
        again, estimate = _by_probabilities(
            labels, pred_probs, num_classes, method
        )
    if not bootstrap:
        return estimate
    drawn = [again(rng) for _ in range(int(bootstrap))]
    outside = (1 - confidence) / 2
    return dataclasses.replace(
        estimate,
        low=_bounds(drawn, outside, estimate, np.minimum),
        high=_bounds(drawn, 1 - outside, estimate, np.maximum),
    )


def from_confident_joint(classes, pred_probs):
    """The estimate of the confident joint, of what is checked already."""
    counts = np.asarray(confident_joint(classes, pred_probs), np.float64)
    totals = counts.sum(axis=1)
    # Labels of which none was counted are taken for right.
    none = np.flatnonzero(totals == 0)
    counts[none, none] = totals[none] = 1.0
    sizes = np.bincount(classes, minlength=len(counts))
    found = noise_matrices(counts * (sizes / totals)[:, None])
    return NoiseEstimate(found.given_of_true.T, found.prior, "confident_joint")


_BY_PROBABILITIES = {
    "confident_joint": from_confident_joint,
    "anchor": from_anchors,
    "dual_t": from_dual_t,
}
METHODS = (*_BY_PROBABILITIES, "hoc")


def _by_neighbours(labels, embeddings, knn_graph, num_classes):
    _, classes, num_classes = as_classes(labels, num_classes)
    found = two_neighbours(classes.size, embeddings, knn_graph, "cosine")
    fit = Hoc(classes, found, num_classes)
    return fit.again, fit.estimate()


def _by_probabilities(labels, pred_probs, num_classes, method):
    if pred_probs is None:
        raise ValueError(
            f"The method {method!r} needs `pred_probs`. "
            "Received: pred_probs=None"
        )
    classes, pred_probs = as_classes_and_probabilities(labels, pred_probs)
    if num_classes is not None:
        as_probabilities(pred_probs[:1], 1, num_classes)
    if method != "confident_joint":
        pred_probs = np.asarray(pred_probs)
    fit = _BY_PROBABILITIES[method]

    def again(rng):
        rows = np.sort(rng.integers(classes.size, size=classes.size))
        return fit(classes[rows], np.asarray(pred_probs)[rows])

    return again, fit(classes, pred_probs)


def _check_given(method, **unused):
    for name, value in unused.items():
        if value is not None:
            raise ValueError(
                f"The method {method!r} has no use for `{name}`; leave it out, "
                f"or choose another method. Received: method={method!r}, "
                f"{name} of type {type(value).__name__}"
            )


def _check_numbers(bootstrap, confidence):
    if (
        not isinstance(bootstrap, numbers.Integral)
        or isinstance(bootstrap, bool)
        or bootstrap < 0
    ):
        raise ValueError(
            "`bootstrap` must be an integer of at least 0. "
            f"Received: bootstrap={bootstrap!r}"
        )
    if (
        not isinstance(confidence, numbers.Real)
        or isinstance(confidence, bool)
        or not 0 < confidence < 1
    ):
        raise ValueError(
            "`confidence` must be a number above 0 and below 1. "
            f"Received: confidence={confidence!r}"
        )


def _bounds(drawn, quantile, estimate, wider):
    """A quantile of what was drawn, or the estimate where that is outside.

    What rests on single samples, as anchor points do, may be drawn to one
    side of the estimate.
    """

    def bound(name):
        values = [getattr(one, name) for one in drawn]
        return wider(
            np.quantile(values, quantile, axis=0), getattr(estimate, name)
        )

    return Bounds(
        bound("transition_matrix"),
        bound("class_priors"),
        float(bound("noise_rate")),
    )
