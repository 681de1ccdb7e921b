"""The result of `find_regression_issues`."""

import dataclasses

import numpy as np

from keras_robust.detect.beyond.ranked import Ranked


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class RegressionIssues(Ranked):
    """What `find_regression_issues` found; N samples.

    Args:
        ids: Names of the samples, `(N,)`; every array below has that order.
        is_label_issue: bool, True where the label is called wrong.
        label_quality: float64 in [0, 1], low = suspicious: how probable a
            residual at least this large is for a right label, if those of
            right labels are normal.
        given_label: float64, the labels.
        predicted_label: float64, the median prediction; NaN without any.
        suggested_label: float64, the median prediction where the label is
            flagged, elsewhere the label.
        residual: float64, label less prediction, the mean over the epochs.
        scale: float64, how many units of the label one robust standard
            deviation is, of each sample.
        evidence: float64, `-|residual - its median| / scale`; NaN without any
            prediction.
        wrong_probability: float64 in [0, 1], by the two groups of residuals;
            0 everywhere if there is only one.
    """

    ids: np.ndarray
    is_label_issue: np.ndarray
    label_quality: np.ndarray
    given_label: np.ndarray
    predicted_label: np.ndarray
    suggested_label: np.ndarray
    residual: np.ndarray
    scale: np.ndarray
    evidence: np.ndarray
    wrong_probability: np.ndarray

    _columns = (
        "is_label_issue",
        "label_quality",
        "given_label",
        "predicted_label",
        "suggested_label",
        "residual",
        "wrong_probability",
    )
