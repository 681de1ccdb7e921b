"""A small `LabelIssues` for the tests of plots."""

import numpy as np

from keras_robust.detect import LabelIssues


def issues(quality, given, suggested=None, flagged=None, **others):
    quality = np.asarray(quality, float)
    given = np.asarray(given)
    flagged = quality < 0.5 if flagged is None else np.asarray(flagged)
    suggested = given if suggested is None else np.asarray(suggested)
    fields = {
        "ids": np.arange(quality.size),
        "predicted_label": suggested,
        "evidence": quality,
        "score": "mine",
        "split": "half",
        **others,
    }
    return LabelIssues(
        is_label_issue=flagged,
        label_quality=quality,
        given_label=given,
        suggested_label=suggested,
        **fields,
    )


def legend_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]
