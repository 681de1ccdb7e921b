"""Wrong numbers: label issues where the labels are those of a regression."""

import math
import numbers
import warnings

import numpy as np

from keras_robust.detect.beyond.arrays import as_array
from keras_robust.detect.beyond.arrays import check_all
from keras_robust.detect.beyond.regression_issues import RegressionIssues
from keras_robust.detect.beyond.residuals import mean_residual
from keras_robust.detect.beyond.residuals import median_prediction
from keras_robust.detect.beyond.residuals import robust_scale
from keras_robust.detect.beyond.residuals import scale_by_level
from keras_robust.detect.beyond.two_groups import two_groups
from keras_robust.detect.checks import ids_or_positions

# Fewer residuals say nothing of two groups.
_FEWEST = 20
# So near to the others no label is called wrong.
_NEAR = 3.0
# Where deviations are cut: far beyond any that matters, its square a number.
_FARTHEST = 1e100
# The least scale of a group, in robust ones: by the median, or by the mean.
_LEAST, _LEAST_BY_MEAN = 0.5, 1.0
# How many units in the last place a residual may be off.
_ROUNDING = 10.0


def find_regression_issues(
    labels, predictions, threshold=None, heteroscedastic=False, ids=None
):
    """Says which labels of a regression are probably wrong.

    Formula: `z = (r - median r) / s` with `r = mean_e (label - prediction_e)`
    over the epochs (or folds) and `s = 1.4826 median |r - median r|`; the
    quality is `P(|Z| >= |z|)` of a standard normal `Z`. A label is flagged if
    its residual is more probably of the wide than of the narrow one of two
    groups, t distributions whose scales, share and tails are fitted, and more
    than three narrow scales out; or, with `threshold`, if `|z| > threshold`.

    Use it with the predictions of every epoch of one training run, which a
    callback keeps: `LossTrajectory` records class labels only. A network
    learns wrong labels by heart in the end, but the mean over the epochs
    remembers that it did so late: on scikit-learn's Friedman data (1500
    samples, a tenth of the labels shifted, an MLP, 60 epochs, mean of two
    seeds) the mean residual orders them with an average precision of 0.93, the
    residual of the last epoch with 0.54. Or use it with out-of-fold
    predictions of cross-validation.

    Right labels with heavy or skewed tails are the hard case. Tails that
    the fit can follow are not taken for a second group, and then nothing is
    flagged; the order is there in any case. A few far tails (skewed ones
    above all) are still taken for wrong labels: transform such labels first,
    by their logarithm for instance.

    Args:
        labels: The given labels, finite numbers, `(N,)` or `(N, 1)`.
        predictions: `(N,)`, or `(E, N)` of E epochs or folds; a last axis of
            one, as `model.predict` gives it, may follow. NaN where there is
            none.
        threshold: How many robust standard deviations off a label is flagged,
            above 0. Defaults to `None`: by the two groups. Fewer than 20
            labels with a prediction are no groups, and none is flagged.
        heteroscedastic: Whether the scale follows the median prediction, by at
            most 20 groups of 50 samples or more. Defaults to `False`.
        ids: Names of the samples, `(N,)`. Defaults to their positions.

    Returns:
        `RegressionIssues`. A sample without any prediction is not flagged and
        has quality 1. What the order of the samples is changes nothing.
        Time `O(EN)`, memory beside the arguments `O(N)`.

    Raises:
        ValueError: If labels or predictions are not as described, naming the
            first bad one, or `threshold` is not above 0.

    Warns:
        UserWarning: If samples have no prediction.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import find_regression_issues
    >>> labels = np.arange(40.0)
    >>> predictions = labels + np.sin(labels)
    >>> labels[7] = 70.0
    >>> issues = find_regression_issues(labels, predictions)
    >>> issues
    RegressionIssues(1 of 40 samples flagged)
    >>> issues.top(1), issues.suggested_label[7:8].round(1)
    (array([7]), array([7.7]))

    The predictions of every epoch, by a callback of Keras's own:

    >>> import keras
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile("adam", loss="mse")
    >>> x, kept = labels[:, None], []
    >>> keep = keras.callbacks.LambdaCallback(
    ...     on_epoch_end=lambda epoch, logs: kept.append(
    ...         model.predict(x, verbose=0)
    ...     )
    ... )
    >>> history = model.fit(x, labels, epochs=2, verbose=0, callbacks=[keep])
    >>> find_regression_issues(labels, kept).residual.shape
    (40,)

    Reference: the mean over epochs is that of Pleiss et al., "Identifying
    Mislabeled Data using the Area Under the Margin Ranking", NeurIPS 2020, of
    residuals in place of margins; two t distributions are Peel and McLachlan,
    "Robust mixture modelling using the t distribution", Statistics and
    Computing 2000.
    """
    labels = _as_labels(labels)
    predictions = _as_predictions(predictions, labels.size)
    ids = ids_or_positions(ids, labels.size)
    _check_threshold(threshold)
    half = mean_residual(labels, predictions)
    median = median_prediction(predictions)
    known = ~np.isnan(half)
    _warn_of_unknown(known)
    deviation = half[known] - _median(half[known])
    scale, by_median = robust_scale(deviation)
    if heteroscedastic:
        scale = scale_by_level(deviation, median[known])
    # What is only rounding is no width: of the sample's numbers, and of the
    # median that all have in common.
    largest = np.maximum(np.abs(labels), np.abs(median))[known]
    largest = np.maximum(largest, _median(largest))
    scale = np.maximum(
        scale, _ROUNDING * np.finfo(predictions.dtype).eps * largest
    )
    z = _standardised(deviation, scale)
    size = np.abs(z)
    least = _LEAST if by_median else _LEAST_BY_MEAN
    wrong, flagged = _judged(size, threshold, least)
    issue = _filled(known, flagged, False)
    return RegressionIssues(
        ids=ids,
        is_label_issue=issue,
        label_quality=_filled(known, _both_tails(size), 1.0),
        given_label=labels,
        predicted_label=median,
        suggested_label=np.where(issue, median, labels),
        residual=2.0 * half,
        scale=_filled(known, 2.0 * scale, np.nan),
        evidence=_filled(known, -size, np.nan),
        wrong_probability=_filled(known, wrong, 0.0),
    )


def _judged(size, threshold, least):
    """The probability of being wrong, and the flags."""
    if size.size < _FEWEST:
        wrong, flagged = np.zeros(size.size), np.zeros(size.size, bool)
    else:
        groups = two_groups(size, least)
        wrong = groups.wide_probability(size)
        flagged = (wrong > 0.5) & (size > _NEAR * groups.narrow)
    return wrong, flagged if threshold is None else size > threshold


def _standardised(deviation, scale):
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        z = deviation / scale
    # All alike, and no scale: nothing is off.
    z[deviation == 0] = 0.0
    return np.clip(z, -_FARTHEST, _FARTHEST)


def _both_tails(size):
    tail = np.frompyfunc(lambda z: math.erfc(z / math.sqrt(2.0)), 1, 1)
    return tail(size).astype(np.float64)


def _median(values):
    # Of halves: the mean of the two in the middle must not overflow.
    return 2.0 * np.median(0.5 * values) if values.size else 0.0


def _filled(known, values, otherwise):
    filled = np.full(known.shape, otherwise)
    filled[known] = values
    return filled


def _warn_of_unknown(known):
    if not known.all():
        warnings.warn(
            f"{int((~known).sum())} of {known.size} samples have no "
            "prediction. They are not flagged and have quality 1.",
            stacklevel=3,
        )


def _check_threshold(threshold):
    if threshold is not None and (
        not isinstance(threshold, numbers.Real)
        or isinstance(threshold, bool)
        or not threshold > 0
    ):
        raise ValueError(
            "`threshold` must be None or a number above 0. Received: "
            f"threshold={threshold!r}"
        )


def _as_labels(labels):
    array = as_array("labels", labels, "iuf", "numbers of shape (N,)")
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1 or not array.size:
        raise ValueError(
            "`labels` must be numbers of shape (N,) or (N, 1), one at least. "
            f"Received: labels.shape={array.shape}"
        )
    check_all(np.isfinite(array), "labels", array, "`labels` must be finite")
    return array.astype(np.float64)


def _as_predictions(predictions, count):
    array = as_array(
        "predictions", predictions, "iuf", "numbers of shape (N,) or (E, N)"
    )
    shape = array.shape
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim == 1:
        array = array[None]
    elif array.ndim == 2 and array.shape == (count, 1):
        array = array.T
    if array.ndim != 2 or not len(array) or array.shape[1] != count:
        hint = ""
        if array.ndim == 2 and array.shape[0] == count:
            hint = ", epochs first (`predictions.T`?)"
        raise ValueError(
            f"`predictions` must have shape (N,) or (E, N), N = {count} as "
            f"`labels` have{hint}. Received: predictions.shape={shape}"
        )
    if array.dtype.kind != "f":
        array = array.astype(np.float64)
    for epoch, values in enumerate(array):
        if np.isinf(values).any():
            at = int(np.argmax(np.isinf(values)))
            raise ValueError(
                "`predictions` must be finite, or NaN where there is none. "
                f"Received: predictions[{epoch}, {at}]={values[at]}"
            )
    return array
