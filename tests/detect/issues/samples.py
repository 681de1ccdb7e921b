"""A small `LabelIssues` for the tests of what it can do."""

import numpy as np

from keras_robust.detect import LabelIssues

NAN = np.nan


def build(**changes):
    fields = {
        "ids": np.array(["a", "b", "c", "d"]),
        "is_label_issue": np.array([False, True, True, False]),
        "label_quality": np.array([0.9, 0.0, 0.0, 1.0]),
        "given_label": np.array([0, 1, 2, 0]),
        "predicted_label": np.array([0, 2, 0, 1]),
        "suggested_label": np.array([0, 2, 0, 0]),
        "evidence": np.array([2.0, -900.0, -1000.0, NAN]),
        "score": "aum",
        "split": "gmm",
    }
    return LabelIssues(**{**fields, **changes})
