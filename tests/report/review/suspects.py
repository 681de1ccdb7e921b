"""Label issues and trajectories for the tests of the review page."""

import dataclasses

import numpy as np

from keras_robust.detect import LabelIssues
from keras_robust.trajectories import Trajectories

NAMES = ["cat", "dog", "owl"]


def build(size=40, flagged=20, num_classes=3, seed=0, **changes):
    """The first `flagged` of `size` labels are suspects, the worst first."""
    rng = np.random.default_rng(seed)
    given = rng.integers(num_classes, size=size)
    flags = np.arange(size) < flagged
    other = (given + rng.integers(1, num_classes, size)) % num_classes
    quality = np.linspace(0.05, 0.95, size)
    issues = LabelIssues(
        ids=np.arange(100, 100 + size),
        is_label_issue=flags,
        label_quality=quality,
        given_label=given,
        predicted_label=np.where(flags, other, given),
        suggested_label=np.where(flags, other, given),
        evidence=quality,
        score="aum",
        split="gmm",
        num_classes=num_classes,
        wrong_probability=1 - quality,
        suggestion_confidence=np.linspace(0.9, 0.5, size),
    )
    return dataclasses.replace(issues, **changes)


def recorded(issues, epochs=6):
    """Suspects stay at 2 nats, the others fall from 2 to 0."""
    fall = np.linspace(2, 0, epochs)[:, None]
    values = np.where(issues.is_label_issue, 2.0, fall)
    return Trajectories(
        issues.ids,
        np.arange(1, epochs + 1),
        {"cross_entropy": values},
        issues.given_label,
        issues.num_classes,
    )


def embedded(issues):
    """Points beside those of the suggested class."""
    points = np.eye(8)[issues.suggested_label]
    return points + 0.01 * np.random.default_rng(0).normal(size=points.shape)


def other(issues, card):
    """The class that is neither given nor suggested."""
    taken = {issues.given_label[card], issues.suggested_label[card]}
    (left,) = {0, 1, 2} - taken
    return left
