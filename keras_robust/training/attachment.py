"""Joining a model's training step, and leaving it as it was.

Everything this package does inside `fit` goes through one `Attachment` per
model. It puts six functions on the model instance: `train_step` (takes the
sample positions out of `y` before anyone else sees them), `compute_loss`
(where participants act and record), `compute_metrics` (positions out, for
user code that calls it with the raw batch), `evaluate` (what `fit` validates
on), `fit` and `train_on_batch` (an interrupted `fit` never tells its callbacks,
so the next training cleans up).
"""

import contextlib

import keras

from keras_robust.losses import stage
from keras_robust.training import ids
from keras_robust.training import native
from keras_robust.training import sources
from keras_robust.training.carrier import Carrier
from keras_robust.training.clock import Clock

_HOOKS = (
    "train_step",
    "compute_loss",
    "compute_metrics",
    "evaluate",
    "fit",
    "train_on_batch",
)
_NO_POSITIONS = (
    "The data given to `fit` does not say which samples it holds. Hand over "
    "what `track` returned last: model.fit(tracker.track(x, y), "
    "callbacks=[tracker])."
)


class Attachment:
    """The participants of one model's training step, and its carrier.

    Args:
        model: A `keras.Model`.

    Attributes:
        carrier: The `Carrier` of its variables.
        clock: The `Clock` that losses with a schedule follow, in training and
            in evaluations between epochs.
    """

    def __init__(self, model):
        self.model = model
        self.carrier = Carrier()
        self.clock = Clock(self.carrier)
        self.participants = []
        self._index = None
        self._training = False
        self._computed = False
        self._allocated = []
        self._original = {name: getattr(model, name) for name in _HOOKS}
        self._shadowed = {
            name: model.__dict__[name]
            for name in _HOOKS
            if name in model.__dict__
        }
        for name in _HOOKS:
            # Past Keras's and PyTorch's __setattr__: a plain attribute of the
            # instance is in no list of layers, weights or saved things.
            model.__dict__[name] = getattr(self, "_" + name)
        model.__dict__["_keras_robust_attachment"] = self
        model._metrics.append(self.carrier)
        self._drop_compiled()
        if native.threads_listed_metrics() and not self._carrier_is_listed():
            self.detach()
            raise ValueError(
                "The model's own `metrics` property leaves out metrics that "
                "Keras keeps, and on JAX only listed metrics take part in the "
                "training step. Take the property out (Keras lists metrics "
                "that are attributes of a model by itself), or let it return "
                "`super().metrics`. Received: metrics="
                f"{[metric.name for metric in model.metrics]}"
            )

    def _carrier_is_listed(self):
        return any(metric is self.carrier for metric in self.model.metrics)

    def _feeds(self):
        tracked = [p.tracked for p in self.participants]
        return [data.feed for data in tracked if data is not None]

    def allocate(self):
        """Tells those who act what is tracked, as soon as it is known."""
        tracked = [p.tracked for p in self.participants]
        tracked = next((data for data in tracked if data is not None), None)
        for participant in self.participants if tracked is not None else ():
            if participant.acts and participant not in self._allocated:
                self._allocated.append(participant)
                participant.allocate(self, tracked)

    def knows_samples(self):
        """Whether a participant says which samples are in a batch."""
        return bool(self._feeds())

    def relabels(self):
        """Whether a participant tells the loss other labels."""
        return any(participant.relabels for participant in self.participants)

    def check_fed(self):
        """Raises if none of the participants' data is read in this epoch.

        Before the step, because a step that raises costs a model its weights
        on JAX.
        """
        feeds = self._feeds()
        if feeds and all(sources.is_waiting(feed) for feed in feeds):
            for feed in feeds:
                sources.disarm(feed)
            raise ValueError(_NO_POSITIONS)

    def begin_epoch(self, epoch):
        """Tells the losses the epoch; whoever takes part may do so."""
        self.clock.begin_epoch(epoch, self.model.optimizer)

    def detach(self):
        """Leaves the model as it was, once."""
        model = self.model
        if model.__dict__.get("_keras_robust_attachment") is not self:
            return
        for name in _HOOKS:
            del model.__dict__[name]
        model.__dict__.update(self._shadowed)
        del model.__dict__["_keras_robust_attachment"]
        # By identity: a Keras metric may define equality of its own.
        model._metrics[:] = [
            metric for metric in model._metrics if metric is not self.carrier
        ]
        self.participants.clear()
        self._drop_compiled()

    def _drop_compiled(self):
        # The compiled steps know the old list of variables and methods.
        self.model.train_function = None
        self.model.test_function = None

    def _train_step(self, *args):
        # On JAX the arguments are (state, data), elsewhere (data,).
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(args[-1])
        y, self._index = ids.split(y)
        if self._index is None and self._feeds():
            raise ValueError(_NO_POSITIONS)
        self._training = True
        self._computed = False
        try:
            batch = keras.utils.pack_x_y_sample_weight(x, y, sample_weight)
            result = self._original["train_step"](*args[:-1], batch)
        finally:
            self._index = None
            self._training = False
        if not self._computed:
            raise ValueError(
                "The model's own `train_step` does not call "
                "`self.compute_loss`, so nothing can be recorded or changed "
                "in it. Compute the loss there with "
                "self.compute_loss(x, y, y_pred, sample_weight). Received: "
                f"model of type {type(self.model).__name__}"
            )
        return result

    def _compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, **kwargs
    ):
        y, _ = ids.split(y)
        original = self._original["compute_loss"]
        with contextlib.ExitStack() as entered:
            if self.clock.begun:
                entered.enter_context(stage.clock(self.clock))
            if not self._training:
                return original(x, y, y_pred, sample_weight, **kwargs)
            # A step may ask for the loss again, at other weights.
            first, self._computed = not self._computed, True
            if first:
                self.clock.begin_step()
            for participant in self.participants:
                entered.enter_context(participant.around_loss())
            if self._index is None:
                loss = original(x, y, y_pred, sample_weight, **kwargs)
            else:
                batch = x, y, y_pred, sample_weight
                loss, y = self._acted(first, *batch, kwargs)
            for participant in self.participants if first else ():
                participant.after_any_loss(y, y_pred)
        return loss

    def _acted(self, first, x, y, y_pred, sample_weight, kwargs):
        """The loss of a batch whose samples are known, and what it was told."""
        index, everyone = self._index, self.participants
        _check_whole(index, y_pred)
        for participant in everyone if first else ():
            participant.before_step(index, y, y_pred)
        # What is recorded is of the given labels, whatever the loss is told.
        given, weights = y, sample_weight
        for participant in everyone:
            y, weights = participant.told(index, y, y_pred, weights)
        loss = self._original["compute_loss"](x, y, y_pred, weights, **kwargs)
        for participant in everyone:
            more = participant.penalty(index, given, y_pred, weights)
            loss = loss if more is None else loss + more
        for participant in everyone if first else ():
            # Inside, so that whoever asks the loss again gets the same loss.
            participant.after_loss(index, given, y_pred)
        return loss, y

    def _compute_metrics(self, x, y, y_pred, sample_weight=None):
        y, _ = ids.split(y)
        return self._original["compute_metrics"](x, y, y_pred, sample_weight)

    def _evaluate(self, *args, **kwargs):
        # Keras's word for an evaluation that `fit` itself makes.
        if kwargs.get("_use_cached_eval_dataset"):
            for participant in self.participants:
                participant.validated(kwargs.get("x"), kwargs.get("y"))
        return self._original["evaluate"](*args, **kwargs)

    def _fit(self, *args, **kwargs):
        self.detach()
        return self.model.fit(*args, **kwargs)

    def _train_on_batch(self, *args, **kwargs):
        self.detach()
        return self.model.train_on_batch(*args, **kwargs)


def _check_whole(index, y_pred):
    size = keras.tree.flatten(y_pred)[0].shape[0]
    if None not in (size, index.shape[0]) and size != index.shape[0]:
        raise ValueError(
            "The model's own `train_step` computes the loss of a part of the "
            "batch, and which samples are in it is not known: call "
            "`compute_loss` once for the whole batch. Received: "
            f"{size} outputs of a batch of {index.shape[0]}"
        )


def join(model, participant):
    """Makes `participant` take part in the model's training step.

    Returns:
        The model's `Attachment`, made if it had none.
    """
    attachment = model.__dict__.get("_keras_robust_attachment")
    if attachment is None:
        attachment = Attachment(model)
    if participant not in attachment.participants:
        participant.check(attachment.participants)
        if participant.relabels and attachment.relabels():
            raise ValueError(
                "Only one callback may replace labels in a `fit` (Relabel, "
                "SELC), also where they are of different outputs: leave one "
                "out. Received: two callbacks that replace labels"
            )
        attachment.participants.append(participant)
        attachment.allocate()
    return attachment


def release(model):
    """Takes out whatever an interrupted training has left on the model."""
    attachment = model.__dict__.get("_keras_robust_attachment")
    if attachment is not None:
        attachment.detach()


def leave(model, participant):
    """Takes `participant` out; the last one restores the model."""
    attachment = model.__dict__.get("_keras_robust_attachment")
    if attachment is None or participant not in attachment.participants:
        return
    attachment.participants.remove(participant)
    if not attachment.participants:
        attachment.detach()
