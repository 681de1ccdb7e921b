"""What callbacks that take part in the training step share."""

import warnings

import keras

from keras_robust import training


class InStep(keras.callbacks.Callback):
    """A callback with a participant in the training step.

    It joins the model before the first step, tells the losses the epoch, and
    leaves the model as it was; after an interrupted `fit` the next one does.

    Args:
        participant: A `training.Participant`.

    Attributes:
        attachment: What it has joined, `None` outside of training.
    """

    def __init__(self, participant):
        super().__init__()
        self.participant = participant
        self.attachment = None

    def set_model(self, model):
        joined = self.attachment is not None and self.attachment.participants
        if joined and self.attachment.model is model:
            raise ValueError(
                f"The same {type(self).__name__} is twice among the callbacks "
                "of this `fit`: leave one out, or make two of them."
            )
        super().set_model(model)
        self.attachment = training.join(model, self.participant)

    def on_train_begin(self, logs=None):
        # Not before: the tracker may stand after it in `callbacks`.
        if self.participant.acts and not self.attachment.knows_samples():
            name = type(self).__name__
            training.leave(self.model, self.participant)
            raise ValueError(
                f"{name} acts on single samples and has to know which of them "
                "are in a batch: let a LossTrajectory(mode='train') track the "
                "data, model.fit(tracker.track(x, y), callbacks=[tracker, "
                f"{name}(...)]). Received: callbacks without a tracker that "
                "records while it trains"
            )

    def _warn_of_no_turn(self, start, does):
        """Warns where `fit` ends before the callback begins.

        Args:
            start: Its first epoch.
            does: What it does then, as in "it weighs nothing".
        """
        epochs = self.params.get("epochs")
        if epochs is not None and epochs <= start:
            warnings.warn(
                f"{type(self).__name__} begins with epoch {start}, and this "
                f"`fit` ends before: it {does} nothing. Received: "
                f"start={start}, epochs={epochs}",
                stacklevel=3,
            )

    def on_epoch_begin(self, epoch, logs=None):
        self.attachment.begin_epoch(epoch)

    def on_train_end(self, logs=None):
        training.leave(self.model, self.participant)
        self.attachment = None
