"""Splits by one fixed number: a quality, or what a fake class says."""

import dataclasses
import typing

import numpy as np

from keras_robust.detect.ranges import number
from keras_robust.detect.splits.split import named


@dataclasses.dataclass(frozen=True)
class Threshold:
    """Flags a quality below a number (`"threshold"`: below 1/2).

    For scores that come with a decision of their own, `"gmm"` and `"ctrl"`,
    and for a quality whose meaning is known.

    Args:
        quality: In [0, 1]. Defaults to `0.5`: where the score itself speaks
            against the label.

    Raises:
        ValueError: if it is not a number in [0, 1].

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import Score
    >>> from keras_robust.detect.splits import Threshold
    >>> quality = np.array([0.1, 0.3, 0.9])
    >>> Threshold(0.3)(Score(quality, quality))
    array([ True, False, False])
    """

    quality: float = 0.5

    def __post_init__(self):
        number("quality", self.quality, 0.0, 1.0)

    def __call__(self, score):
        return score.quality < self.quality


@dataclasses.dataclass(frozen=True)
class ThresholdSamples:
    """Flags what is no better than samples of a class that does not exist.

    Formula: `AUM_i <= the percentile of AUM_j over the samples j whose given
    label is the fake class`; those themselves are not flagged. For a run on
    labels of `detect.threshold_labels`; `detect.aum_threshold` does it for
    both runs. Always over all classes together.

    Args:
        fake_class: The number of the fake class. Defaults to `None`: the
            largest given label.
        percentile: In [0, 100]. Defaults to `99`, as in the paper.

    Raises:
        ValueError: if an argument is not as described; when called, if no
            sample has that label, or all have.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import Score
    >>> from keras_robust.detect.splits import ThresholdSamples
    >>> evidence = np.array([-3.0, 4.0, 5.0, -2.0, -1.0])
    >>> score = Score(1 / (1 + np.exp(-evidence)), evidence)
    >>> ThresholdSamples()(score, given_label=np.array([0, 1, 0, 2, 2]))
    array([ True, False, False, False, False])

    Reference:
        Pleiss et al., "Identifying Mislabeled Data using the Area Under the
        Margin Ranking", NeurIPS 2020, section 4.
    """

    fake_class: int | None = None
    percentile: float = 99.0

    # What decides reads it: called with the labels, of all samples at once.
    reads_labels: typing.ClassVar = True

    def __post_init__(self):
        number("percentile", self.percentile, 0.0, 100.0)

    def __call__(self, score, given_label):
        is_fake = self.fakes(given_label)
        limit = self.limit(score.evidence[is_fake])
        return (score.evidence <= limit) & ~is_fake

    def fakes(self, given_label):
        """Which samples are of the fake class."""
        fake = self.fake_class
        if fake is None:
            fake = np.max(given_label, initial=-1)
        is_fake = np.asarray(given_label) == fake
        if not is_fake.any() or is_fake.all():
            raise ValueError(
                "ThresholdSamples needs some samples of the fake class and "
                "some of others: train on labels of `detect.threshold_labels`. "
                f"Received: {int(is_fake.sum())} of {is_fake.size} with "
                f"evidence have the label {fake}"
            )
        return is_fake

    def limit(self, evidence):
        """Up to which evidence a label is flagged, by that of the fakes."""
        return np.percentile(evidence, self.percentile)


named("threshold", Threshold())
