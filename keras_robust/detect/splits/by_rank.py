"""Splits that flag a number of labels, the most suspicious ones."""

import dataclasses

import numpy as np

from keras_robust.detect.ranges import number
from keras_robust.detect.splits.by_mixture import GaussianMixture
from keras_robust.detect.splits.split import Flagged
from keras_robust.detect.splits.split import named


@dataclasses.dataclass(frozen=True)
class Fraction:
    """Flags a fraction of the labels, those of the least evidence.

    For when the number to look at, or to drop, is given from outside. Labels
    of equal evidence are flagged all or none, whichever comes nearer to the
    fraction (of equals, none), so the order of the samples is of no account;
    where all are alike, none.

    Args:
        fraction: In [0, 1].

    Raises:
        ValueError: if it is not a number in [0, 1].

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import Score
    >>> from keras_robust.detect.splits import Fraction
    >>> quality = np.array([0.1, 0.8, 0.9, 0.7])
    >>> Fraction(0.25)(Score(quality, quality))
    array([ True, False, False, False])
    """

    fraction: float

    def __post_init__(self):
        number("fraction", self.fraction, 0.0, 1.0)

    def __call__(self, score):
        return _lowest(score.evidence, self.fraction)


@dataclasses.dataclass(frozen=True)
class NoiseRate:
    """Flags as many labels as are expected to be wrong (`"noise_rate"`).

    With a known rate as `Fraction`. Without, the mean `P(wrong)` of
    `GaussianMixture`: where the two groups overlap that is nearer to the true
    number than counting what lies below its threshold, so it errs as often
    to one side as to the other. Labels above a quality of 1/2 may be flagged.

    Args:
        rate: The share of wrong labels, in [0, 1]. Defaults to `None`: it is
            estimated.

    Raises:
        ValueError: if it is not a number in [0, 1].

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import Score
    >>> from keras_robust.detect.splits import NoiseRate
    >>> evidence = np.array([-4.0, 3.0, 4.0, 5.0])
    >>> score = Score(1 / (1 + np.exp(-evidence)), evidence)
    >>> NoiseRate()(score)
    array([ True, False, False, False])
    """

    rate: float | None = None

    def __post_init__(self):
        if self.rate is not None:
            number("rate", self.rate, 0.0, 1.0)

    def __call__(self, score):
        rate = self.rate
        if rate is None:
            wrong = GaussianMixture()(score).wrong_probability
            rate = float(wrong.mean()) if wrong.size else 0.0
        return _lowest(score.evidence, rate)


@dataclasses.dataclass(frozen=True)
class ExpectedNumber:
    """Flags as many labels as the qualities expect (`"expected"`).

    Formula: the `sum(1 - quality)` labels of the least evidence are flagged,
    and `P(wrong) = 1 - quality`.

    For scores whose quality is the probability that the label is right, such
    as `"auto"` and `"gmm"`. Where right and wrong labels overlap, fewer have
    a probability of being wrong above 1/2 than there are wrong ones: that
    finds too few, this as many, of which more are right.

    Example:

    >>> import numpy as np
    >>> from keras_robust.detect import Score
    >>> from keras_robust.detect.splits import ExpectedNumber
    >>> quality = np.array([0.6, 0.9, 0.7, 0.8])
    >>> ExpectedNumber()(Score(quality, quality)).mask
    array([ True, False, False, False])
    """

    def __call__(self, score):
        wrong = 1.0 - score.quality
        rate = float(wrong.mean()) if wrong.size else 0.0
        return Flagged(_lowest(score.evidence, rate), wrong)


def _lowest(values, share):
    """The lowest values, as near to that share of them as ties allow."""
    wanted = round(share * values.size)
    if wanted in (0, values.size):
        return np.full(values.shape, wanted > 0)
    limit = np.partition(values, wanted - 1)[wanted - 1]
    below, up_to = values < limit, values <= limit
    if up_to.all() and not below.any():
        return below
    over, under = up_to.sum() - wanted, wanted - below.sum()
    return up_to if over < under else below


named("noise_rate", NoiseRate())
named("expected", ExpectedNumber())
