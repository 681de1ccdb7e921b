"""The whole loop: train and find wrong labels, review, train again, compare."""

from keras_robust.workflow.auditing import Audit
from keras_robust.workflow.auditing import audit
from keras_robust.workflow.comparing import Comparison
from keras_robust.workflow.recorded_training import WARM_UP
from keras_robust.workflow.repairing import Repair
from keras_robust.workflow.repairing import repair

__all__ = ["Audit", "Comparison", "Repair", "WARM_UP", "audit", "repair"]
