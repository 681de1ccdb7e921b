"""What callbacks share that judge samples by what a tracker recorded."""

import warnings

from keras_robust import training
from keras_robust.callbacks.tracker import checked
from keras_robust.losses import arguments


class Judging:
    """Judges every few epochs, at their beginning; beside an `InStep`.

    A subclass gives `judge(epoch, ago)` and the words for what it does.

    Attributes:
        tracker: The `LossTrajectory` of the same `fit`.
        start: The first epoch of a judgement.
        every: Epochs between two judgements.
    """

    does = "judges"

    def _judge_by(self, tracker, start, every):
        self.tracker = checked(tracker)
        self.start = arguments.integer("start", start, at_least=1)
        self.every = arguments.integer("every", every, at_least=1)

    def judge(self, epoch, ago):
        """Judges, from an epoch on.

        Args:
            epoch: The epoch.
            ago: How many epochs ago that was: above 0 where a training goes
                on after it was broken off.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must define `judge(self, epoch, ago)`."
        )

    def set_model(self, model):
        super().set_model(model)
        self._first = True

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        name = type(self).__name__
        if not self.tracker.takes_part(self.attachment):
            training.leave(self.model, self.participant)
            raise ValueError(
                f"{name} reads another tracker than the one that tracks the "
                f"data of this `fit`: callbacks=[tracker, {name}(tracker)], "
                "the same one in both places."
            )
        self._warn_of_no_turn(self.start, self.does)

    def need(self, *signals):
        """Raises if the tracker does not record a signal."""
        missing = [s for s in signals if s not in self.tracker.signals]
        if missing:
            given = tuple(self.tracker.signals)
            raise ValueError(
                f"{type(self).__name__} reads the signals {signals}, and the "
                f"tracker does not record {missing}: give it "
                f"LossTrajectory(signals={(*given, *missing)}). Received: "
                f"signals={given}"
            )

    def recorded(self, ago):
        """The trajectories as they were some epochs ago."""
        found = self.tracker.trajectories
        return found.select(epochs=found.epochs[:-ago]) if ago else found

    def on_epoch_begin(self, epoch, logs=None):
        # Now, and not at the end of the epoch before: the tracker may stand
        # after this in `callbacks`.
        self.tracker.begin_epoch(epoch)
        if self._first and epoch > self.tracker.next_epoch:
            warnings.warn(
                f"{type(self).__name__} judges by what was recorded, and this "
                f"`fit` begins at epoch {epoch} without the epochs before: "
                f"it {self.does} as if they had not been. To go on with a "
                "training, record it with LossTrajectory(store=..., "
                f"resume=True). Received: initial_epoch={epoch}, recorded "
                f"epochs={self.tracker.next_epoch}",
                stacklevel=2,
            )
        ago = (epoch - self.start) % self.every
        begun = epoch >= self.start and self.tracker.num_epochs > ago
        if begun and (ago == 0 or self._first):
            self.judge(epoch - ago, ago)
        self._first = False
        super().on_epoch_begin(epoch, logs)
