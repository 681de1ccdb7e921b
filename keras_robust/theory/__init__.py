"""What a loss can stand: asymmetry, symmetry and the noise it tolerates."""

from keras_robust.theory.asymmetry import asymmetry_ratio
from keras_robust.theory.asymmetry import ratio_and_error
from keras_robust.theory.bounds import excess_risk_bound
from keras_robust.theory.calibration import Calibration
from keras_robust.theory.calibration import classification_calibration
from keras_robust.theory.fitting import FittingProfile
from keras_robust.theory.fitting import fitting_profile
from keras_robust.theory.gap import RobustnessGap
from keras_robust.theory.gap import robustness_gap
from keras_robust.theory.judge import ClassTolerance
from keras_robust.theory.noise_tolerance import NoiseTolerance
from keras_robust.theory.noise_tolerance import is_asymmetric
from keras_robust.theory.noise_tolerance import noise_tolerance
from keras_robust.theory.suggest import Suggestion
from keras_robust.theory.suggest import Suggestions
from keras_robust.theory.suggest import suggest_loss
from keras_robust.theory.symmetry import Symmetry
from keras_robust.theory.symmetry import is_symmetric
from keras_robust.theory.symmetry import symmetry_gap
from keras_robust.theory.tolerance import max_noise_rate

__all__ = [
    "Calibration",
    "ClassTolerance",
    "FittingProfile",
    "NoiseTolerance",
    "RobustnessGap",
    "Suggestion",
    "Suggestions",
    "Symmetry",
    "asymmetry_ratio",
    "classification_calibration",
    "excess_risk_bound",
    "fitting_profile",
    "is_asymmetric",
    "is_symmetric",
    "max_noise_rate",
    "noise_tolerance",
    "ratio_and_error",
    "robustness_gap",
    "suggest_loss",
    "symmetry_gap",
]
