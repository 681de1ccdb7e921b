"""The epoch and the step, live inside the compiled step."""

from keras import ops

from keras_robust.training import native


class Clock:
    """What `losses.stage` asks a clock for, from variables of the carrier.

    Args:
        carrier: The `Carrier` of the model.

    Attributes:
        epoch, step: Scalar tensors, counted from 0.
        begun: Whether it knows the epoch yet.
    """

    def __init__(self, carrier):
        # Every replica of a `tf.distribute` strategy has the same.
        same = {"aggregation": "only_first_replica"}
        self._epoch = carrier.add("epoch", (), "float32", **same)
        self._step = carrier.add("step", (), "int32", **same)
        self.begun = False

    @property
    def epoch(self):
        return self._epoch.value

    @property
    def step(self):
        return ops.maximum(self._step.value - 1, 0)

    def count(self):
        """How many steps have been made, read on the host between two."""
        return int(ops.convert_to_numpy(self._step.value))

    def begin_epoch(self, epoch, optimizer):
        """Tells it the epoch, on the host; the same one again does nothing.

        The steps go on from those that the optimizer has made, so that they
        survive what the optimizer's state survives.
        """
        self._epoch.assign(float(epoch))
        if not self.begun:
            self._step.assign(steps_of(optimizer))
            self.begun = True

    def begin_step(self):
        """Counts a step; a loss asked twice in it is of the same step."""
        native.increment(self._step)


def steps_of(optimizer):
    """How many steps an optimizer has made."""
    updates = int(ops.convert_to_numpy(optimizer.iterations))
    together = getattr(optimizer, "gradient_accumulation_steps", None)
    return updates * (together or 1)
