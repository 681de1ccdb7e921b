"""Wrong labels: put into clean ones, and counted in noisy ones."""

from keras_robust.noise.anchor_points import anchor_points
from keras_robust.noise.asymmetric import asymmetric
from keras_robust.noise.by_matrix import by_matrix
from keras_robust.noise.class_dependent import class_dependent
from keras_robust.noise.confident_joint import confident_joint
from keras_robust.noise.confident_joint import confident_thresholds
from keras_robust.noise.consensus import Consensus
from keras_robust.noise.consensus import majority_vote
from keras_robust.noise.dawid_skene import dawid_skene
from keras_robust.noise.dual_t import dual_t
from keras_robust.noise.estimation import estimate_transition_matrix
from keras_robust.noise.from_predictions import from_predictions
from keras_robust.noise.from_votes import from_votes
from keras_robust.noise.hoc import hoc
from keras_robust.noise.instance_dependent import instance_dependent
from keras_robust.noise.neighbours import nearest_neighbours
from keras_robust.noise.noise_estimate import NoiseEstimate
from keras_robust.noise.noise_matrices import NoiseMatrices
from keras_robust.noise.noise_matrices import noise_matrices
from keras_robust.noise.noisy_labels import NoisyLabels
from keras_robust.noise.open_set import open_set
from keras_robust.noise.pair_flip import pair_flip
from keras_robust.noise.symmetric import symmetric
from keras_robust.noise.votes import Votes
from keras_robust.noise.votes import from_long

__all__ = [
    "Consensus",
    "NoiseEstimate",
    "NoiseMatrices",
    "NoisyLabels",
    "Votes",
    "anchor_points",
    "asymmetric",
    "by_matrix",
    "class_dependent",
    "confident_joint",
    "confident_thresholds",
    "dawid_skene",
    "dual_t",
    "estimate_transition_matrix",
    "from_long",
    "from_predictions",
    "from_votes",
    "hoc",
    "instance_dependent",
    "majority_vote",
    "nearest_neighbours",
    "noise_matrices",
    "open_set",
    "pair_flip",
    "symmetric",
]
