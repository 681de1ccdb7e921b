"""What a user puts in `callbacks=[...]`."""

from keras_robust.callbacks.adaptive_ldr import AdaptiveLDRKL
from keras_robust.callbacks.cnlcu import CNLCU
from keras_robust.callbacks.early_learning import EarlyLearning
from keras_robust.callbacks.gmm_weights import GMMWeights
from keras_robust.callbacks.gradient_clipping import OptimizedGradientClipping
from keras_robust.callbacks.label_wave import LabelWave
from keras_robust.callbacks.late_stopping import LateStopping
from keras_robust.callbacks.loss_schedules import LossSchedules
from keras_robust.callbacks.loss_trajectory import LossTrajectory
from keras_robust.callbacks.noisy_early_stopping import NoisyEarlyStopping
from keras_robust.callbacks.relabel import Relabel
from keras_robust.callbacks.reweight import Reweight
from keras_robust.callbacks.sample_weights import SampleWeights
from keras_robust.callbacks.selc import SELC
from keras_robust.callbacks.small_loss import SmallLoss
from keras_robust.callbacks.temporal_ensembling import TemporalEnsembling
from keras_robust.callbacks.truncated_weights import TruncatedWeights
from keras_robust.callbacks.warm_up import CrossEntropyWarmUp

__all__ = [
    "AdaptiveLDRKL",
    "CNLCU",
    "CrossEntropyWarmUp",
    "EarlyLearning",
    "GMMWeights",
    "LabelWave",
    "LateStopping",
    "LossSchedules",
    "LossTrajectory",
    "NoisyEarlyStopping",
    "OptimizedGradientClipping",
    "Relabel",
    "Reweight",
    "SELC",
    "SampleWeights",
    "SmallLoss",
    "TemporalEnsembling",
    "TruncatedWeights",
]
