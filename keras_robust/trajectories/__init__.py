"""What was recorded of every sample in every epoch, and its storage."""

from keras_robust.trajectories.trajectories import Trajectories

__all__ = ["Trajectories"]
