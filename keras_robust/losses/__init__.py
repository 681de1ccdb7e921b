"""Losses that resist wrong labels; `keras.ops` only, every backend."""

from keras_robust.losses.asymmetric import AsymmetricExponential
from keras_robust.losses.asymmetric import AsymmetricGCE
from keras_robust.losses.asymmetric import AsymmetricUnhinged
from keras_robust.losses.asymmetric import asymmetric_exponential
from keras_robust.losses.asymmetric import asymmetric_gce
from keras_robust.losses.asymmetric import asymmetric_unhinged
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.cross_entropy import CrossEntropy
from keras_robust.losses.cross_entropy import cross_entropy
from keras_robust.losses.generalized import GeneralizedCrossEntropy
from keras_robust.losses.generalized import generalized_cross_entropy
from keras_robust.losses.hard_samples import Blurry
from keras_robust.losses.hard_samples import PiecewiseZero
from keras_robust.losses.hard_samples import blurry
from keras_robust.losses.hard_samples import piecewise_zero
from keras_robust.losses.normalized import NormalizedCrossEntropy
from keras_robust.losses.normalized import normalized_cross_entropy
from keras_robust.losses.registry import available
from keras_robust.losses.registry import canonical_name
from keras_robust.losses.registry import get
from keras_robust.losses.weighted_sum import ActivePassive
from keras_robust.losses.weighted_sum import WeightedSum

__all__ = [
    "ActivePassive",
    "AsymmetricExponential",
    "AsymmetricGCE",
    "AsymmetricUnhinged",
    "Blurry",
    "CrossEntropy",
    "GeneralizedCrossEntropy",
    "NormalizedCrossEntropy",
    "PiecewiseZero",
    "RobustLoss",
    "WeightedSum",
    "asymmetric_exponential",
    "asymmetric_gce",
    "asymmetric_unhinged",
    "available",
    "blurry",
    "canonical_name",
    "cross_entropy",
    "generalized_cross_entropy",
    "get",
    "normalized_cross_entropy",
    "piecewise_zero",
]
