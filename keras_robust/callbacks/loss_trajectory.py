"""LossTrajectory: every sample's trajectory, recorded while `fit` runs."""

import difflib
import warnings

import keras
import numpy as np

from keras_robust import training
from keras_robust.callbacks.collapse import CollapseWatch
from keras_robust.training import data
from keras_robust.training import head
from keras_robust.training import labels
from keras_robust.training import track
from keras_robust.training.recorder import Recorder
from keras_robust.training.signals import SIGNALS
from keras_robust.trajectories import Trajectories


class LossTrajectory(keras.callbacks.Callback):
    """Records signals of every training sample, every epoch, inside `fit`.

    Wrap the data in `track`, which lets each sample's position travel with
    its label, and hand the callback to `fit`. The values are those of the
    training pass itself: no extra forward pass, dropout and augmentation as
    in training, weights as they were at the sample's step. Afterwards the
    model is exactly as before.

    Args:
        signals: What to record: `"cross_entropy"` (`-log p` of the given
            label, nats, whatever the compiled loss), `"margin"` (`log p` of
            the given label less the largest other, the logit margin),
            `"correct"` (1 where the given label is the most probable class),
            `"predicted"` (the most probable class; always recorded).
        from_logits: Whether the model gives logits. Defaults to `None`: read
            from the compiled loss; needed for losses it cannot be read from.
        warn_on_collapse: Whether to warn when the model has given up whole
            classes. Defaults to `True`.

    Attributes:
        trajectories: `keras_robust.trajectories.Trajectories` of what has
            been recorded so far. A further `fit` of the same model on the
            same tracked data continues it, its epochs numbered on.

    Raises:
        ValueError: For unknown signals, labels that are no class indices, a
            last layer that does not fit the loss; all before training.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(3, activation="softmax")]
    ... )
    >>> model.compile("adam", loss="sparse_categorical_crossentropy")
    >>> x, y = np.eye(4)[:3], np.arange(3)
    >>> tracker = kr.callbacks.LossTrajectory()
    >>> history = model.fit(
    ...     tracker.track(x, y, batch_size=2), epochs=5, verbose=0,
    ...     callbacks=[tracker],
    ... )
    >>> tracker.trajectories.signals["cross_entropy"].shape
    (5, 3)

    Reference: the trajectory view of Pleiss et al., NeurIPS 2020 (AUM) and
    Swayamdipta et al., EMNLP 2020 (Data Maps).
    """

    def __init__(
        self,
        signals=("cross_entropy", "margin", "correct"),
        from_logits=None,
        warn_on_collapse=True,
    ):
        super().__init__()
        self.signals = _checked_signals(signals)
        self.from_logits = from_logits
        self.warn_on_collapse = warn_on_collapse
        self._tracked = None
        self._recorder = None
        self._attachment = None
        self._watch = None
        self._forget()

    def _forget(self):
        self._epochs, self._values, self._counts = [], [], []
        self._num_classes = None
        self._model_recorded = None

    def track(
        self,
        x,
        y=None,
        batch_size=None,
        sample_weight=None,
        shuffle=True,
        seed=None,
        ids=None,
        num_classes=None,
    ):
        """Returns the data to hand to `fit`, with every sample known.

        Args:
            x: Array of N samples (or a nested dict, list or tuple of such
                arrays), or a `tf.data.Dataset` of `(x, y)`. A dataset is read
                once here, for its labels, and must give the same samples in
                the same order every time: leave the shuffling to `track`.
            y: Labels: integers `(N,)` or `(N, 1)`, or one-hot `(N, K)`; not
                for datasets.
            batch_size: Samples a step. Arrays: defaults to 32. Datasets: if
                given, the dataset holds single samples and is shuffled and
                batched here; if not, it is batched already and is read in its
                order.
            sample_weight: Weights `(N,)`; not for datasets, which carry their
                own. In place of `fit`'s `class_weight`, which cannot be used
                on tracked data.
            shuffle: Whether to shuffle before every epoch. Defaults to `True`.
                `fit` shuffles the order of the batches of arrays by itself
                too, unless it is told `shuffle=False`.
            seed: Seed of the shuffling here. Defaults to `None`: drawn from
                NumPy's global generator. `keras.utils.set_random_seed` seeds
                that and the shuffling by `fit`.
            ids: Names of the samples, N unique integers or strings. Defaults
                to their positions.
            num_classes: Number of classes, to check labels now rather than at
                the first step. Defaults to `None`.

        Returns:
            Data for `model.fit`, which then needs no `y`, `batch_size` or
            `shuffle`.

        Raises:
            ValueError: If lengths differ or labels are no class indices.
        """
        if seed is None:
            seed = int(np.random.randint(2**31 - 1))
        if track.is_dataset(x):
            if y is not None or sample_weight is not None:
                raise ValueError(
                    "A dataset carries its labels and weights itself: leave "
                    "`y` and `sample_weight` out. Received: "
                    f"y={type(y).__name__}, "
                    f"sample_weight={type(sample_weight).__name__}"
                )
            tracked = track.dataset(
                x, batch_size, shuffle, seed, ids, num_classes
            )
        else:
            tracked = track.arrays(
                x, y, batch_size, sample_weight, shuffle, seed, ids, num_classes
            )
        self._tracked = tracked
        self._forget()
        return tracked.feed

    def set_model(self, model):
        super().set_model(model)
        if self._tracked is None:
            raise ValueError(
                "LossTrajectory has no data yet: call "
                "model.fit(tracker.track(x, y), callbacks=[tracker])."
            )
        from_logits = self._reads_logits(model)
        if len(getattr(model, "outputs", None) or [None]) > 1:
            raise ValueError(
                "Only models with one output can be recorded. Received: "
                f"{len(model.outputs)} outputs"
            )
        known = head.num_classes(model)
        if known is not None:
            labels.check_range(self._tracked.given_label, known)
            self._check_width(known)
        if self._model_recorded is not model:
            self._forget()
        self._recorder = Recorder(
            self.signals,
            self._tracked.given_label,
            from_logits,
            head.class_axis(model),
            self._tracked.feed,
        )
        self._attachment = training.join(model, self._recorder)
        self._recorder.allocate(self._attachment.carrier)
        if self.warn_on_collapse:
            self._watch = CollapseWatch(self._tracked.given_label)

    def _check_width(self, known):
        given = self._tracked.num_classes
        if given is not None and given != known:
            raise ValueError(
                "The labels and the model disagree on the number of classes: "
                "give the last layer as many outputs as there are classes. "
                f"Received: {given} classes in the labels, {known} in the model"
            )

    def _reads_logits(self, model):
        from_logits = self.from_logits
        if from_logits is None:
            from_logits = head.reads_logits(model)
        if from_logits is None:
            raise ValueError(
                "It cannot be told from the compiled loss whether the model "
                "gives logits or probabilities: say so with "
                "LossTrajectory(from_logits=...). Received: "
                f"loss={model.loss!r}"
            )
        head.check(model)
        return from_logits

    def on_train_begin(self, logs=None):
        data.rewind(self._tracked.feed)

    def on_epoch_begin(self, epoch, logs=None):
        data.arm(self._tracked.feed)
        self._recorder.clear()

    def on_train_batch_begin(self, batch, logs=None):
        self._attachment.check_fed()

    def on_epoch_end(self, epoch, logs=None):
        values, counts = self._recorder.read()
        after_last = self._epochs[-1] + 1 if self._epochs else epoch
        self._epochs.append(max(epoch, after_last))
        self._values.append(values)
        self._counts.append(counts)
        self._num_classes = self._recorder.num_classes
        self._model_recorded = self.model
        if self._watch is not None:
            predicted = values[self.signals.index("predicted")]
            self._watch.see(predicted, self._num_classes)

    def on_train_end(self, logs=None):
        training.leave(self.model, self._recorder)
        # They hold the rows of all samples, and could not be copied.
        self._recorder = self._attachment = None
        data.disarm(self._tracked.feed)
        if self._watch is not None:
            self._watch.warn(self.model)
        unseen = self._counts and np.count_nonzero(sum(self._counts) == 0)
        if unseen:
            warnings.warn(
                f"{unseen} of {len(self._tracked.given_label)} samples were "
                "never seen, and are NaN in the trajectories. A usual cause is "
                "`steps_per_epoch` smaller than an epoch.",
                stacklevel=2,
            )

    @property
    def trajectories(self):
        """What has been recorded so far, as `Trajectories`."""
        if not self._epochs:
            raise ValueError(
                "Nothing has been recorded yet: no epoch has ended, or the "
                "tracker was not among the callbacks of `fit`. Call "
                "model.fit(tracker.track(x, y), callbacks=[tracker])."
            )
        values = np.stack(self._values)
        by_name = {
            name: np.ascontiguousarray(values[:, column])
            for column, name in enumerate(self.signals)
        }
        counts = np.minimum(np.stack(self._counts), np.iinfo("uint16").max)
        return Trajectories(
            ids=self._tracked.ids,
            epochs=np.array(self._epochs, dtype="int64"),
            signals=by_name,
            given_label=self._tracked.given_label,
            num_classes=self._num_classes,
            counts=counts.astype("uint16"),
        )


def _checked_signals(signals):
    if isinstance(signals, str):
        signals = (signals,)
    for name in signals:
        if name not in SIGNALS:
            near = difflib.get_close_matches(str(name), SIGNALS, 1, 0.0)[0]
            raise ValueError(
                f"Unknown signal. Did you mean {near!r}? There are: "
                f"{', '.join(SIGNALS)}. Received: {name!r}"
            )
    return list(dict.fromkeys([*signals, "predicted"]))
