"""What a user puts in `callbacks=[...]`."""

from keras_robust.callbacks.loss_schedules import LossSchedules
from keras_robust.callbacks.loss_trajectory import LossTrajectory
from keras_robust.callbacks.warm_up import CrossEntropyWarmUp

__all__ = ["CrossEntropyWarmUp", "LossSchedules", "LossTrajectory"]
