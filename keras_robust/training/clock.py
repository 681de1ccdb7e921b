"""The epoch and the step, live inside the compiled step."""

from keras import ops


class Clock:
    """What `losses.stage` asks a clock for, from variables of the carrier.

    Args:
        carrier: The `Carrier` of the model.

    Attributes:
        epoch, step: Scalar tensors, counted from 0.
    """

    def __init__(self, carrier):
        # Every replica of a `tf.distribute` strategy has the same.
        same = {"aggregation": "only_first_replica"}
        self._epoch = carrier.add("epoch", (), "float32", **same)
        self._step = carrier.add("step", (), "int32", **same)
        self._begun = False
        self._step_is_read = False

    @property
    def epoch(self):
        return self._epoch.value

    @property
    def step(self):
        self._step_is_read = True
        return self._step.value

    def begin_epoch(self, epoch, optimizer):
        """Tells it the epoch, on the host; the same one again does nothing.

        The steps go on from those that the optimizer has made, so that they
        survive what the optimizer's state survives.
        """
        self._epoch.assign(float(epoch))
        if not self._begun:
            updates = int(ops.convert_to_numpy(optimizer.iterations))
            together = getattr(optimizer, "gradient_accumulation_steps", None)
            self._step.assign(updates * (together or 1))
            self._begun = True

    def end_step(self):
        """Counts a step, if anyone asks for the number."""
        if self._step_is_read:
            self._step.assign(self._step.value + 1)
