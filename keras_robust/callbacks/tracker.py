"""What a tracker does while a model trains."""

import warnings

import keras
import numpy as np

from keras_robust import training
from keras_robust.callbacks import eval_pass
from keras_robust.callbacks import tracker_options
from keras_robust.callbacks.collapse import CollapseWatch
from keras_robust.callbacks.coverage import Coverage
from keras_robust.callbacks.custom_loop import CustomLoop
from keras_robust.callbacks.epoch_logs import EpochLogs
from keras_robust.callbacks.recorded import InMemory
from keras_robust.callbacks.recorded import OnDisk
from keras_robust.callbacks.recorded import finished_epochs
from keras_robust.losses.schedules import at_epoch
from keras_robust.training import sources
from keras_robust.training.clock import steps_of
from keras_robust.training.output import FreeOutput
from keras_robust.training.output import Output
from keras_robust.training.per_position import PerPosition
from keras_robust.training.per_sample import PerSample
from keras_robust.training.recorder import Recorder


def checked(tracker):
    """Returns a tracker that another callback was given, or raises."""
    if not isinstance(tracker, Tracker):
        raise ValueError(
            "`tracker` must be the LossTrajectory that tracks the data. "
            f"Received: tracker={tracker!r}"
        )
    return tracker


class Tracker(keras.callbacks.Callback):
    """The callback hooks; `LossTrajectory` gives it its arguments.

    One tracker is of one data set (`_take`). Every training, by `fit` or by a
    loop of the user's own, makes a new `Recorder`; what it reads at the end of
    an epoch goes to one `InMemory` or `OnDisk`.
    """

    def __init__(self):
        super().__init__()
        self._tracked = None
        self._recorder = None
        self._attachment = None
        self._joined_early = False
        # Whether `fit` reads something else than the feed, of the same.
        self._reads_quicker = False
        self._forget()

    def _take(self, tracked):
        """Takes the data that is tracked from now on.

        What was recorded stays if these are the same samples.
        """
        before, self._tracked = self._tracked, tracked
        if before is None or not tracked.same_samples(before):
            self._forget()

    def _forget(self):
        self._recorded = self._watch = self._logs = self._loop = None
        self._coverage = Coverage()
        self._model_recorded = self._last = None

    def set_model(self, model):
        super().set_model(model)
        self._need_tracked()
        if self._joined_early:
            self._joined_early = False
            return
        output = Output(model, self.output, self.from_logits)
        tracker_options.check_classes(self._tracked, output)
        if self.mode == "eval" and self._tracked.dense:
            tracker_options.check_masks(getattr(model, "outputs", None) or [])
        if self._model_recorded not in (None, model):
            self._change_model()
        self._prepare(output)
        if self.mode == "train":
            self._attachment = training.join(model, self._recorder)
            self._recorder.allocate(self._attachment.carrier)

    def _join_early(self, model):
        """Does what `set_model` does, before `fit` has begun."""
        self.set_model(model)
        self._joined_early = True

    def _change_model(self):
        if self.store is not None:
            raise ValueError(
                "A store is of one model's training, and the tracker has "
                "recorded another model into it: give this one a tracker and "
                f"a store of its own. Received: store={self.store!r}"
            )
        self._forget()

    def _read_quicker(self):
        """Returns what `fit` reads fastest, of the data that is tracked."""
        feed = self._tracked.feed
        quicker = sources.quicker(feed)
        self._reads_quicker = quicker is not feed
        return quicker

    def _need_tracked(self):
        if self._tracked is None or self._tracked.feed is None:
            raise ValueError(
                "LossTrajectory has no data yet: call "
                "model.fit(tracker.track(x, y), callbacks=[tracker])."
            )

    def _prepare(self, output):
        tracked, names = self._tracked, self.signals
        if tracked.dense:
            tracked = tracked.without(output.ignore_class)
            made = PerPosition(
                names,
                output.from_logits,
                output.axis,
                output.ignore_class,
                self.reduce,
            )
        else:
            made = PerSample(names, output.from_logits, output.axis)
        self._recorder = Recorder(made, output, tracked, "loss" in names)
        if self._recorded is None and self.store is None:
            self._recorded = InMemory(tracked, names)
        elif self._recorded is None:
            self._recorded = OnDisk(self.store, self.resume, tracked, names)
        if self.logs and self._logs is None:
            self._logs = EpochLogs(self.logs, tracked)
        # A training of its own: what the last one gave up is past.
        watched = self.warn_on_collapse and not tracked.dense
        self._watch = CollapseWatch(tracked.given_label) if watched else None
        self._next = None

    def on_train_begin(self, logs=None):
        sources.rewind(self._tracked.feed)

    def begin_epoch(self, epoch):
        """Makes ready for what is recorded of an epoch, where `fit` begins.

        Whoever reads what was recorded before calls it first: a training that
        goes on may have begun before the store ends.
        """
        if self._next is None:
            self._next = self._recorded.start(epoch)

    def on_epoch_begin(self, epoch, logs=None):
        self.begin_epoch(epoch)
        if self._tracked.order is not None:
            self._tracked.order.begin_epoch(self._next)
        if self.mode == "train":
            self._attachment.begin_epoch(epoch)
            if not self._reads_quicker:
                sources.arm(self._tracked.feed)
            self._recorder.clear()

    def on_train_batch_begin(self, batch, logs=None):
        if self._attachment is not None:
            self._attachment.check_fed()

    def on_epoch_end(self, epoch, logs=None):
        if self.mode == "train":
            values, counts = self._recorder.read()
        else:
            verbose = bool(self.params.get("verbose"))
            last_step = max(steps_of(self.model.optimizer) - 1, 0)
            with at_epoch(epoch, last_step):
                values, counts = eval_pass.run(
                    self.model, self._recorder, self._tracked, verbose
                )
        self._model_recorded = self.model
        self._keep(values, counts, logs, self._recorder.num_classes)

    def _keep(self, values, counts, logs, classes):
        counts = np.minimum(counts, np.iinfo("uint16").max).astype("uint16")
        self._recorded.append(self._next, classes, values, counts)
        self._last = values
        self._next += 1
        self._coverage.see(counts)
        if self._watch is not None:
            predicted = values[self.signals.index("predicted")]
            self._watch.see(predicted, classes)
        if self._logs is not None and logs is not None:
            losses = values[self.signals.index("cross_entropy")]
            logs.update(self._logs.of(losses, counts, classes))

    def on_train_end(self, logs=None):
        self._release()
        if self._watch is not None:
            self._watch.warn(self.model, self.output)
        self._coverage.warn()

    def _release(self):
        """Leaves the model as it was, however the training ended."""
        recorder, self._recorder = self._recorder, None
        self._joined_early = self._reads_quicker = False
        if self._attachment is not None:
            training.leave(self._attachment.model, recorder)
            # It holds the rows of all samples, and could not be copied.
            self._attachment = None
        if self._tracked is not None:
            sources.disarm(self._tracked.feed)

    def _begun_loop(self):
        """Returns the `CustomLoop` of `update`, begun if need be."""
        if self._loop is None:
            if self._tracked is None:
                raise ValueError(
                    "LossTrajectory has no data yet: declare the samples with "
                    "tracker.samples(y) first."
                )
            self._prepare(FreeOutput(self.output, self.from_logits))
            self._loop = CustomLoop(self._recorder, self._tracked)
        return self._loop

    def _end_loop_epoch(self):
        """Ends an epoch of `update`s; returns the logs."""
        if self._loop is None or not self._loop.num_batches:
            raise ValueError(
                "`end_epoch` ends an epoch of `update`s, and there was none."
            )
        logs = {}
        values, counts = self._loop.end_epoch()
        if (counts > 1).any():
            warnings.warn(
                f"{np.count_nonzero(counts > 1)} samples were given to "
                "`update` more than once in this epoch; the last value of each "
                "counts. Was `end_epoch` forgotten? (Also a sampler may draw a "
                "sample twice.)",
                stacklevel=3,
            )
        self._next = self._recorded.start(self.next_epoch)
        self._keep(values, counts, logs, self._loop.num_classes)
        return logs

    def _done(self):
        """The numbers of the epochs recorded so far."""
        if self._recorded is not None:
            return self._recorded.epochs
        return finished_epochs(self.store) if self.resume else ()

    @property
    def num_epochs(self):
        """How many epochs have been recorded."""
        return len(self._done())

    @property
    def next_epoch(self):
        """The number of the epoch after the last recorded one."""
        done = self._done()
        return int(done[-1]) + 1 if len(done) else 0

    def takes_part(self, attachment):
        """Whether it records inside the step of that `Attachment`."""
        return self._recorder in attachment.participants

    def last_epochs(self, signal, count, ago=0):
        """The last epochs of a signal, `(E, N)`; see `recorded.Recorded`."""
        return self._recorded.last(signal, count, ago)

    def last_values(self, signal, ago=0):
        """A signal, `(N,)`, when each sample was seen last."""
        return self._recorded.last_values(signal, ago)

    @property
    def last_epoch(self):
        """The signals `(N,)` of the epoch that ended last, by name."""
        if self._last is not None:
            return dict(zip(self.signals, self._last, strict=True))
        # Of an earlier process, in a store.
        signals = self.trajectories.signals
        return {name: values[-1] for name, values in signals.items()}

    @property
    def trajectories(self):
        """What has been recorded so far, as `Trajectories`."""
        if self._recorded is None or not len(self._recorded.epochs):
            raise ValueError(
                "Nothing has been recorded yet: no epoch has ended, or the "
                "tracker was not among the callbacks of `fit`. Call "
                "model.fit(tracker.track(x, y), callbacks=[tracker])."
            )
        return self._recorded.read()
