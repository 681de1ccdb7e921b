"""Reweight: lets a detector say, while `fit` runs, who counts."""

import warnings

import numpy as np

from keras_robust import detect
from keras_robust import training
from keras_robust.callbacks.sample_weights import SampleWeights
from keras_robust.callbacks.tracker import checked
from keras_robust.losses import arguments


class FromTracker(SampleWeights):
    """Weights made of what a tracker has recorded, every few epochs.

    A subclass gives `weights_of(epoch, before)`.

    Args:
        tracker: The `LossTrajectory` of the same `fit`.
        start: The first epoch with weights, at least 1.
        every: Epochs between two judgements, at least 1.
        normalize: As of `SampleWeights`.
    """

    def __init__(self, tracker, start, every, normalize):
        super().__init__(normalize=normalize)
        self.tracker = checked(tracker)
        self.start = arguments.integer("start", start, at_least=1)
        self.every = arguments.integer("every", every, at_least=1)

    def weights_of(self, epoch, ago):
        """Returns the weights `(N,)` from an epoch on; `None` keeps them.

        Args:
            epoch: The epoch.
            ago: How many epochs ago that was: above 0 where a training goes
                on after it was broken off.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must define `weights_of(self, epoch, ago)`."
        )

    def set_model(self, model):
        # Of this training: the model may be another one.
        self.weights = None
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
        epochs = self.params.get("epochs")
        if epochs is not None and epochs <= self.start:
            warnings.warn(
                f"{name} begins with epoch {self.start}, and this `fit` ends "
                f"before: it weighs nothing. Received: start={self.start}, "
                f"epochs={epochs}",
                stacklevel=2,
            )

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

    def recorded(self, signal, count, ago=0):
        """Returns the last epochs of a signal.

        Args:
            signal: Its name.
            count: How many epochs, at least 1; fewer if there are fewer.
            ago: How many epochs to leave out at the end.

        Returns:
            float32 `(E, N)`, NaN where a sample was not seen.
        """
        values = self.tracker.trajectories.signal(signal)
        values = values[: len(values) - ago]
        return values[-count:]

    def on_epoch_begin(self, epoch, logs=None):
        # Now, and not at the end of the epoch before: the tracker may stand
        # after this in `callbacks`.
        if self._first and epoch > self.tracker.next_epoch:
            warnings.warn(
                f"{type(self).__name__} judges by what was recorded, and this "
                f"`fit` begins at epoch {epoch} without the epochs before: "
                "samples are weighed as if they had not been. To go on with a "
                "training, record it with LossTrajectory(store=..., "
                f"resume=True). Received: initial_epoch={epoch}, recorded "
                f"epochs={self.tracker.next_epoch}",
                stacklevel=2,
            )
        ago = (epoch - self.start) % self.every
        begun = epoch >= self.start and self.tracker.next_epoch > ago
        if begun and (ago == 0 or self._first):
            weights = self.weights_of(epoch - ago, ago)
            if weights is not None:
                self.set(weights)
        self._first = False
        super().on_epoch_begin(epoch, logs)


class Reweight(FromTracker):
    """Lets flagged samples count less while training goes on.

    Every few epochs the trajectories so far are scored and split as
    `keras_robust.detect.find_label_issues` does; flagged samples get the
    weight `floor` until the next time, the others 1.

    For training on, in one `fit`, without the labels that look wrong. The
    first epochs must be trained in a way that tells them apart: by a robust
    loss after its warm-up, or by some epochs of cross-entropy.

    With `score="ctrl", split="threshold"` it filters by CTRL: loss curves
    clustered class by class, which takes longer, so judge less often
    (`every=5`, say).

    Args:
        tracker: The `LossTrajectory(mode="train")` that tracks the data of
            this `fit`, which records the signals that the score reads.
        score: As of `find_label_issues`. Defaults to `"aum"`.
        split: As of `find_label_issues`. Defaults to `"gmm"`.
        every: Epochs between two judgements, at least 1. Defaults to `1`.
        start: The first epoch with weights, counted from 0, at least 1.
            Defaults to `10`.
        floor: The weight of flagged samples, in [0, 1]. Defaults to `0.0`.
        normalize: As of `SampleWeights`. Defaults to `True`.

    Attributes:
        weights: The weights `(N,)` in force, `None` before `start`.

    Raises:
        ValueError: For bad arguments, an unknown score or split, or a tracker
            that does not record what the score reads; when training starts,
            for a tracker that is not in `callbacks`.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(200, 4)).astype("float32")
    >>> y = kr.noise.symmetric(x.argmax(1), rate=0.2, num_classes=4, seed=0)
    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(4, activation="softmax")]
    ... )
    >>> model.compile(keras.optimizers.Adam(0.05), kr.losses.CrossEntropy())
    >>> tracker = kr.callbacks.LossTrajectory()
    >>> reweight = kr.callbacks.Reweight(tracker, start=5)
    >>> history = model.fit(
    ...     tracker.track(x, y), epochs=8, verbose=0,
    ...     callbacks=[tracker, reweight],
    ... )
    >>> dropped, right = reweight.weights == 0, y == x.argmax(1)
    >>> bool(dropped[~right].mean() > dropped[right].mean())
    True

    Reference: small-loss selection as weights; the two-component split is
    that of Li et al., "DivideMix", ICLR 2020.
    """

    def __init__(
        self,
        tracker,
        score="aum",
        split="gmm",
        every=1,
        start=10,
        floor=0.0,
        normalize=True,
    ):
        super().__init__(tracker, start, every, normalize)
        self.score = score
        self.split = split
        self.floor = arguments.number("floor", floor, at_least=0, at_most=1)
        self.need(*detect.signals_of(score))
        detect.get_split(split)

    def weights_of(self, epoch, ago):
        found = self.tracker.trajectories
        if ago:
            found = found.select(epochs=found.epochs[:-ago])
        issues = detect.find_label_issues(found, self.score, self.split)
        flagged = issues.is_label_issue
        if flagged.all() and not self.floor:
            # Nothing to train on: it stays as it was.
            return None
        return np.where(flagged, self.floor, 1.0)
