"""Put a known share of wrong labels into clean ones."""

from keras_robust.noise.noisy_labels import NoisyLabels
from keras_robust.noise.pair_flip import pair_flip
from keras_robust.noise.symmetric import symmetric

__all__ = ["NoisyLabels", "pair_flip", "symmetric"]
