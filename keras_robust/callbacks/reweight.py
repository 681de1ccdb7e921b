"""Reweight: lets a detector say, while `fit` runs, who counts."""

import warnings

import numpy as np

from keras_robust import detect
from keras_robust.callbacks.judging import Judging
from keras_robust.callbacks.sample_weights import SampleWeights
from keras_robust.losses import arguments


class FromTracker(Judging, SampleWeights):
    """Weights made of what a tracker has recorded, every few epochs.

    A subclass gives `weights_of(epoch, ago)`.

    Args:
        tracker: The `LossTrajectory` of the same `fit`.
        start: The first epoch with weights, at least 1.
        every: Epochs between two judgements, at least 1.
        normalize: As of `SampleWeights`.
    """

    does = "weighs"

    def __init__(self, tracker, start, every, normalize):
        super().__init__(normalize=normalize)
        self._judge_by(tracker, start, every)

    def weights_of(self, epoch, ago):
        """Returns the weights `(N,)` from an epoch on; `None` keeps them.

        Weights that are all 0 are not taken either, with a warning.

        Args:
            epoch, ago: As of `Judging.judge`.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must define `weights_of(self, epoch, ago)`."
        )

    def set_model(self, model):
        # Of this training: the model may be another one.
        self.weights = None
        super().set_model(model)

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        if self.attachment.relabels():
            warnings.warn(
                f"{type(self).__name__} judges samples by their given labels, "
                "and another callback of this `fit` corrects labels (Relabel, "
                "SELC): a sample with a weight of 0 is not trained on with its "
                "corrected label either. Leave one of them out, unless they "
                "are of different samples.",
                stacklevel=2,
            )

    def judge(self, epoch, ago):
        weights = self.weights_of(epoch, ago)
        if weights is None:
            return
        # As the step has them: the smallest probabilities are 0 there.
        if not weights.astype("float32").any():
            warnings.warn(
                f"{type(self).__name__} would leave no sample to train on in "
                f"epoch {epoch}, so the weights stay as they were: begin "
                f"later, or judge less strictly. Received: start={self.start}, "
                f"every={self.every}",
                stacklevel=2,
            )
            return
        self.set(weights)


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
    >>> noisy = kr.noise.symmetric(x.argmax(1), 0.2, num_classes=4, seed=0)
    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(4, activation="softmax")]
    ... )
    >>> model.compile(keras.optimizers.Adam(0.05), kr.losses.CrossEntropy())
    >>> tracker = kr.callbacks.LossTrajectory()
    >>> reweight = kr.callbacks.Reweight(tracker, start=5)
    >>> history = model.fit(
    ...     tracker.track(x, noisy.labels), epochs=8, verbose=0,
    ...     callbacks=[tracker, reweight],
    ... )
    >>> dropped, wrong = reweight.weights == 0, noisy.is_wrong
    >>> bool(dropped[wrong].mean() > dropped[~wrong].mean())
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
        found = self.recorded(ago)
        issues = detect.find_label_issues(found, self.score, self.split)
        return np.where(issues.is_label_issue, self.floor, 1.0)
