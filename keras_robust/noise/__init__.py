"""Put a known share of wrong labels into clean ones."""

from keras_robust.noise.asymmetric import asymmetric
from keras_robust.noise.by_matrix import by_matrix
from keras_robust.noise.instance_dependent import instance_dependent
from keras_robust.noise.noisy_labels import NoisyLabels
from keras_robust.noise.pair_flip import pair_flip
from keras_robust.noise.symmetric import symmetric

__all__ = [
    "NoisyLabels",
    "asymmetric",
    "by_matrix",
    "instance_dependent",
    "pair_flip",
    "symmetric",
]
