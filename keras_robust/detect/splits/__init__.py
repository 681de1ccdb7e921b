"""From a score to a mask: which labels are called wrong.

Whatever `split=` takes: a name, one of the objects here, or any function of a
`Score` that returns a mask.
"""

from keras_robust.detect.splits.by_mixture import BetaMixture
from keras_robust.detect.splits.by_mixture import GaussianMixture
from keras_robust.detect.splits.by_rank import ExpectedNumber
from keras_robust.detect.splits.by_rank import Fraction
from keras_robust.detect.splits.by_rank import NoiseRate
from keras_robust.detect.splits.by_threshold import Threshold
from keras_robust.detect.splits.by_threshold import ThresholdSamples
from keras_robust.detect.splits.split import Flagged
from keras_robust.detect.splits.split import get_split
from keras_robust.detect.splits.split import register_split

__all__ = [
    "BetaMixture",
    "ExpectedNumber",
    "Flagged",
    "Fraction",
    "GaussianMixture",
    "NoiseRate",
    "Threshold",
    "ThresholdSamples",
    "get_split",
    "register_split",
]
