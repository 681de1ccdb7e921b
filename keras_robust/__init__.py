"""Learning with wrong labels in Keras 3: robust losses, and who is wrong."""

from keras_robust.program import prepare_backend

prepare_backend()

# What imports Keras comes after the line above.
# ruff: noqa: E402, I001
from keras_robust import callbacks
from keras_robust import detect
from keras_robust import losses
from keras_robust import models
from keras_robust import noise
from keras_robust import probe
from keras_robust import report
from keras_robust import theory
from keras_robust import trajectories
from keras_robust import tuning
from keras_robust import workflow
from keras_robust.losses import ActivePassive
from keras_robust.losses import AsymmetricExponential
from keras_robust.losses import AsymmetricGCE
from keras_robust.losses import AsymmetricUnhinged
from keras_robust.losses import Blurry
from keras_robust.losses import CrossEntropy
from keras_robust.losses import GeneralizedCrossEntropy
from keras_robust.losses import NormalizedCrossEntropy
from keras_robust.losses import PiecewiseZero
from keras_robust.models import CoTeaching

__version__ = "0.1.0"

__all__ = [
    "ActivePassive",
    "AsymmetricExponential",
    "AsymmetricGCE",
    "AsymmetricUnhinged",
    "Blurry",
    "CoTeaching",
    "CrossEntropy",
    "GeneralizedCrossEntropy",
    "NormalizedCrossEntropy",
    "PiecewiseZero",
    "callbacks",
    "detect",
    "losses",
    "models",
    "noise",
    "probe",
    "report",
    "theory",
    "trajectories",
    "tuning",
    "workflow",
]
