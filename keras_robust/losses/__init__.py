"""Losses that resist wrong labels, the same on every backend."""

from keras_robust.losses import recipes
from keras_robust.losses import schedules
from keras_robust.losses.active_negative import ActiveNegative
from keras_robust.losses.active_negative import JointAsymmetric
from keras_robust.losses.active_negative import active_negative
from keras_robust.losses.active_negative import joint_asymmetric
from keras_robust.losses.asymmetric import AsymmetricExponential
from keras_robust.losses.asymmetric import AsymmetricGCE
from keras_robust.losses.asymmetric import AsymmetricUnhinged
from keras_robust.losses.asymmetric import asymmetric_exponential
from keras_robust.losses.asymmetric import asymmetric_gce
from keras_robust.losses.asymmetric import asymmetric_unhinged
from keras_robust.losses.asymmetric_norm import AsymmetricMSE
from keras_robust.losses.asymmetric_norm import AsymmetricNorm
from keras_robust.losses.asymmetric_norm import asymmetric_mse
from keras_robust.losses.asymmetric_norm import asymmetric_norm
from keras_robust.losses.base import RobustLoss
from keras_robust.losses.bi_tempered import BiTemperedLogistic
from keras_robust.losses.bi_tempered import bi_tempered_logistic
from keras_robust.losses.bootstrapping import HardBootstrapping
from keras_robust.losses.bootstrapping import SoftBootstrapping
from keras_robust.losses.bootstrapping import hard_bootstrapping
from keras_robust.losses.bootstrapping import soft_bootstrapping
from keras_robust.losses.bounded import AlphaLoss
from keras_robust.losses.bounded import PHuberCrossEntropy
from keras_robust.losses.bounded import TruncatedGCE
from keras_robust.losses.bounded import alpha_loss
from keras_robust.losses.bounded import p_huber_cross_entropy
from keras_robust.losses.bounded import truncated_gce
from keras_robust.losses.bridges import JensenShannon
from keras_robust.losses.bridges import TaylorCrossEntropy
from keras_robust.losses.bridges import jensen_shannon
from keras_robust.losses.bridges import taylor_cross_entropy
from keras_robust.losses.corrections import BackwardCorrection
from keras_robust.losses.corrections import ForwardCorrection
from keras_robust.losses.corrections import backward_correction
from keras_robust.losses.corrections import forward_correction
from keras_robust.losses.cross_entropy import CrossEntropy
from keras_robust.losses.cross_entropy import cross_entropy
from keras_robust.losses.denoising import Lp
from keras_robust.losses.denoising import NegativeHeatKernel
from keras_robust.losses.denoising import NegativePoissonKernel
from keras_robust.losses.denoising import lp
from keras_robust.losses.denoising import negative_heat_kernel
from keras_robust.losses.denoising import negative_poisson_kernel
from keras_robust.losses.distribution_balanced import DistributionBalanced
from keras_robust.losses.distribution_balanced import distribution_balanced
from keras_robust.losses.dynamics_aware import DynamicsAware
from keras_robust.losses.dynamics_aware import dynamics_aware
from keras_robust.losses.focal_loss import Focal
from keras_robust.losses.focal_loss import focal
from keras_robust.losses.generalized import GeneralizedCrossEntropy
from keras_robust.losses.generalized import generalized_cross_entropy
from keras_robust.losses.gradient_clipping import GradientClipping
from keras_robust.losses.hard_samples import Blurry
from keras_robust.losses.hard_samples import PiecewiseZero
from keras_robust.losses.hard_samples import blurry
from keras_robust.losses.hard_samples import piecewise_zero
from keras_robust.losses.ldr import LDRKL
from keras_robust.losses.ldr import ldrkl
from keras_robust.losses.logit_bias import LogitBias
from keras_robust.losses.logit_wrappers import LogitClip
from keras_robust.losses.logit_wrappers import SparseRegularized
from keras_robust.losses.margin_wrappers import MarginRescale
from keras_robust.losses.margin_wrappers import MarginShift
from keras_robust.losses.negative import NormalizedNegativeCrossEntropy
from keras_robust.losses.negative import NormalizedNegativeFocal
from keras_robust.losses.negative import normalized_negative_cross_entropy
from keras_robust.losses.negative import normalized_negative_focal
from keras_robust.losses.normalized import NormalizedCrossEntropy
from keras_robust.losses.normalized import NormalizedFocal
from keras_robust.losses.normalized import NormalizedGCE
from keras_robust.losses.normalized import normalized_cross_entropy
from keras_robust.losses.normalized import normalized_focal
from keras_robust.losses.normalized import normalized_gce
from keras_robust.losses.normalized_mae import NormalizedMAE
from keras_robust.losses.normalized_mae import NormalizedReverseCrossEntropy
from keras_robust.losses.normalized_mae import normalized_mae
from keras_robust.losses.normalized_mae import normalized_reverse_cross_entropy
from keras_robust.losses.probability_wrappers import EntropyRegularized
from keras_robust.losses.probability_wrappers import EpsilonSoftmax
from keras_robust.losses.registry import available
from keras_robust.losses.registry import canonical_name
from keras_robust.losses.registry import get
from keras_robust.losses.regression import RegressionLoss
from keras_robust.losses.relaxed import DataAmbiguation
from keras_robust.losses.relaxed import LabelRelaxation
from keras_robust.losses.relaxed import data_ambiguation
from keras_robust.losses.relaxed import label_relaxation
from keras_robust.losses.search_space import SearchSpace
from keras_robust.losses.search_space import search_space
from keras_robust.losses.switch import SwitchLoss
from keras_robust.losses.symmetric import CategoricalMAE
from keras_robust.losses.symmetric import ReverseCrossEntropy
from keras_robust.losses.symmetric import SymmetricCrossEntropy
from keras_robust.losses.symmetric import categorical_mae
from keras_robust.losses.symmetric import reverse_cross_entropy
from keras_robust.losses.symmetric import symmetric_cross_entropy
from keras_robust.losses.weighted_sum import ActivePassive
from keras_robust.losses.weighted_sum import WeightedSum

__all__ = [
    "ActiveNegative",
    "ActivePassive",
    "AlphaLoss",
    "AsymmetricExponential",
    "AsymmetricGCE",
    "AsymmetricMSE",
    "AsymmetricNorm",
    "AsymmetricUnhinged",
    "BackwardCorrection",
    "BiTemperedLogistic",
    "Blurry",
    "CategoricalMAE",
    "CrossEntropy",
    "DataAmbiguation",
    "DistributionBalanced",
    "DynamicsAware",
    "EntropyRegularized",
    "EpsilonSoftmax",
    "Focal",
    "ForwardCorrection",
    "GeneralizedCrossEntropy",
    "GradientClipping",
    "HardBootstrapping",
    "JensenShannon",
    "JointAsymmetric",
    "LDRKL",
    "LabelRelaxation",
    "LogitBias",
    "LogitClip",
    "Lp",
    "MarginRescale",
    "MarginShift",
    "NegativeHeatKernel",
    "NegativePoissonKernel",
    "NormalizedCrossEntropy",
    "NormalizedFocal",
    "NormalizedGCE",
    "NormalizedMAE",
    "NormalizedNegativeCrossEntropy",
    "NormalizedNegativeFocal",
    "NormalizedReverseCrossEntropy",
    "PHuberCrossEntropy",
    "PiecewiseZero",
    "RegressionLoss",
    "ReverseCrossEntropy",
    "RobustLoss",
    "SearchSpace",
    "SoftBootstrapping",
    "SparseRegularized",
    "SwitchLoss",
    "SymmetricCrossEntropy",
    "TaylorCrossEntropy",
    "TruncatedGCE",
    "WeightedSum",
    "active_negative",
    "alpha_loss",
    "asymmetric_exponential",
    "asymmetric_gce",
    "asymmetric_mse",
    "asymmetric_norm",
    "asymmetric_unhinged",
    "available",
    "backward_correction",
    "bi_tempered_logistic",
    "blurry",
    "canonical_name",
    "categorical_mae",
    "cross_entropy",
    "data_ambiguation",
    "distribution_balanced",
    "dynamics_aware",
    "focal",
    "forward_correction",
    "generalized_cross_entropy",
    "get",
    "hard_bootstrapping",
    "jensen_shannon",
    "joint_asymmetric",
    "label_relaxation",
    "ldrkl",
    "lp",
    "negative_heat_kernel",
    "negative_poisson_kernel",
    "normalized_cross_entropy",
    "normalized_focal",
    "normalized_gce",
    "normalized_mae",
    "normalized_negative_cross_entropy",
    "normalized_negative_focal",
    "normalized_reverse_cross_entropy",
    "p_huber_cross_entropy",
    "piecewise_zero",
    "recipes",
    "reverse_cross_entropy",
    "schedules",
    "search_space",
    "soft_bootstrapping",
    "symmetric_cross_entropy",
    "taylor_cross_entropy",
    "truncated_gce",
]
