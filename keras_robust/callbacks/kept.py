"""What callbacks share that keep numbers of every sample."""

import warnings
from dataclasses import dataclass
from typing import Any

from keras import ops

from keras_robust import training
from keras_robust.callbacks import refusals
from keras_robust.callbacks.in_step import InStep
from keras_robust.callbacks.kept_file import KeptFile
from keras_robust.losses import arguments
from keras_robust.losses.labelled import Labelled
from keras_robust.training import head
from keras_robust.training.output import Output
from keras_robust.trajectories.layout import fingerprint


class Keeper(training.Participant):
    """Keeps numbers of every sample in the carrier.

    Args:
        options: The callback, with its arguments as attributes.

    Attributes:
        needs_given: Whether it needs the given labels, which the tracker knows
            of its own output only.
        output: The `Output` it reads.
        classes: The number of classes.
        data: What samples, labels and classes the numbers are of, a string.
        kept: The variables, by name.
    """

    acts = True
    needs_given = False

    def __init__(self, options):
        self._options = options
        self.output = self.classes = self.data = None
        self.kept = {}

    def allocate(self, attachment, tracked):
        options, model = self._options, attachment.model
        name, asked = type(options).__name__, options.output
        self.output = Output(model, asked, options.from_logits, name)
        self.data = fingerprint(tracked.ids, tracked.given_label)
        dense, self.classes = tracked.dense, self.output.num_classes
        other = self._other_output(attachment)
        if other is None:
            self.classes = self.classes or tracked.num_classes
        elif self.needs_given:
            raise ValueError(
                f"{name} needs the given labels of its output, and the tracker "
                "knows those of another one: give both the same `output`. "
                f"Received: {name}(output={asked!r}), "
                f"LossTrajectory(output={other.asked!r})"
            )
        else:
            # What the tracker knows of labels is not of this output.
            dense = head.is_dense(model, asked)
            self.data += f" {head.locate(model, asked)}"
        check(name, model, dense, self.classes)
        self.data += f" {self.classes}"
        self.add(attachment, tracked)

    def _other_output(self, attachment):
        """The tracker's output, where it is another one."""
        for participant in attachment.participants:
            other = participant.output
            if participant.tracked is None or other is None:
                continue
            if not self.output.is_same(other):
                return other
        return None

    def add(self, attachment, tracked):
        """Takes its variables from the carrier and lists them in `kept`."""
        raise NotImplementedError(
            f"{type(self).__name__} must define `add(attachment, tracked)`."
        )

    def labelled(self, y, y_pred):
        """The labels and the predictions of a batch, as `Labelled`."""
        y, y_pred = self.output.select(y), self.output.select(y_pred)
        from_logits, axis = self.output.from_logits, self.output.axis
        width = y_pred.shape[axis]
        if width != self.classes and (width, self.classes) != (1, 2):
            raise ValueError(
                "The model's last layer has another size than the classes it "
                f"was made ready for: num_classes={self.classes} in `track`, "
                f"outputs of {width}."
            )
        return Labelled(y, y_pred, from_logits, axis, None)

    def shapes(self):
        """The shape and the dtype of each variable, by name."""
        return {k: (tuple(v.shape), v.dtype) for k, v in self.kept.items()}

    def read(self):
        """Copies of what is kept, by name."""
        return {
            name: ops.convert_to_numpy(variable.value).copy()
            for name, variable in self.kept.items()
        }

    def assign(self, arrays):
        """Takes what `read` gave."""
        for name, values in arrays.items():
            self.kept[name].assign(values)


def check(name, model, dense, classes):
    """Raises where there is no one row of numbers for every sample to keep."""
    refusals.several_replicas(name, "numbers of every sample", model)
    refusals.dense_labels(name, dense)
    if classes is None:
        raise ValueError(
            f"{name} has to know the number of classes before the first step: "
            "build the model first, or give `tracker.track(num_classes=...)`, "
            "with a tracker of the same output."
        )


@dataclass
class _Left:
    """What a training has left.

    Attributes:
        of: What it is of: data and shapes.
        kept: Arrays, by name.
        shown: What users see of it.
    """

    of: tuple
    kept: dict
    shown: Any


class Keeps(InStep):
    """A callback with a `Keeper`, a new one for every `fit`.

    Args:
        output: Which of several outputs, by name or number.
        from_logits: Whether the model gives logits; `None` to read it from
            the loss.
        store: A file to write at the end of every epoch, or `None`.
        resume: Whether to go on with it.
    """

    keeper = Keeper

    def __init__(self, output, from_logits, store, resume):
        super().__init__(self.keeper(self))
        self.output = output
        if from_logits is not None:
            arguments.flag("from_logits", from_logits)
        self.from_logits = from_logits
        self.resume = arguments.flag("resume", resume)
        if resume and store is None:
            raise ValueError(
                "`resume` goes on with what a file has: give it, "
                f"store='targets.npz'. Received: store={store!r}"
            )
        self.store = store
        self._left = self._file = None
        self._first = True
        if store is not None:
            self._file = KeptFile(store, type(self).__name__, resume)

    def _shown(self, keeper):
        """Returns what users see of what is kept."""
        raise NotImplementedError(
            f"{type(self).__name__} must define `_shown(self, keeper)`."
        )

    def _seen(self):
        """What users see: of the end of a training, or of where it is."""
        if self.participant.kept:
            return self._shown(self.participant)
        return None if self._left is None else self._left.shown

    def _leave(self):
        keeper = self.participant
        if keeper.kept and not self._first:
            self._left = _Left(
                (keeper.data, keeper.shapes()),
                keeper.read(),
                self._shown(keeper),
            )
        self.participant = self.keeper(self)

    def set_model(self, model):
        # An interrupted training leaves its own behind.
        self._leave()
        self._first = True
        super().set_model(model)

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        if self._file is not None:
            self._file.check_free()

    def on_epoch_begin(self, epoch, logs=None):
        super().on_epoch_begin(epoch, logs)
        # Not before: BackupAndRestore says late where a training begins.
        if self._first:
            self._begin(epoch)
        self._first, self._left = False, None

    def _begin(self, epoch):
        """Goes on with what an earlier training has left, if this one does."""
        keeper, found = self.participant, None
        if self._file is not None:
            found = self._file.read(epoch, keeper.data, keeper.shapes())
        elif epoch:
            of = keeper.data, keeper.shapes()
            if self._left is not None and self._left.of == of:
                found = self._left.kept
            else:
                warnings.warn(
                    f"{type(self).__name__} has nothing of the epochs before, "
                    "so what it keeps of every sample begins anew. To go on "
                    "with a training in another process, let it write a file, "
                    "store=..., and resume=True. Received: "
                    f"initial_epoch={epoch}",
                    stacklevel=3,
                )
        if found is not None:
            keeper.assign(found)

    def on_epoch_end(self, epoch, logs=None):
        if self._file is not None:
            keeper = self.participant
            self._file.write(epoch + 1, keeper.data, keeper.read())

    def on_train_end(self, logs=None):
        super().on_train_end(logs)
        self._leave()
