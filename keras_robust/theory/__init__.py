"""What a loss can stand: asymmetry ratio and the noise it tolerates."""

from keras_robust.theory.asymmetry import asymmetry_ratio
from keras_robust.theory.tolerance import max_noise_rate

__all__ = ["asymmetry_ratio", "max_noise_rate"]
