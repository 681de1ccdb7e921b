"""TemporalEnsembling: a network agrees with what it said before."""

import warnings

import numpy as np
from keras import ops

from keras_robust.callbacks.targets import KeepsTargets
from keras_robust.callbacks.targets import Targets
from keras_robust.callbacks.targets import mean
from keras_robust.losses import arguments
from keras_robust.losses.schedules import Schedule
from keras_robust.training import native


class _Ensemble(Targets):
    """The running sum of every sample's predictions, and how many there are."""

    # The visits of a sample.
    more_bytes = 4

    def add(self, attachment, tracked):
        super().add(attachment, tracked)
        count = len(tracked.given_label)
        self._visits = attachment.carrier.add("visits", (count,), "int32")
        self.kept["visits"] = self._visits
        self._clock = attachment.clock

    def penalty(self, index, y, y_pred, sample_weight):
        p = self.labelled(y, y_pred).classes.p
        visits = ops.cast(native.rows(self._visits, index), p.dtype)
        seen = visits > 0
        share = 1.0 - ops.power(ops.cast(self._options.alpha, p.dtype), visits)
        # What it would be without the zeros that it began with.
        share = ops.where(seen, share, ops.ones_like(share))
        sums = ops.cast(self.rows.read(index), p.dtype)
        target = ops.stop_gradient(sums / ops.expand_dims(share, -1))
        values = ops.mean(ops.square(p - target), axis=-1)
        values = ops.where(seen, values, ops.zeros_like(values))
        weight = ops.cast(self._options._weight_at(self._clock), p.dtype)
        return weight * mean(values, self.output, sample_weight)

    def after_loss(self, index, y, y_pred):
        # Now, so that the target was of the visits before.
        alpha = self._options.alpha
        p = ops.stop_gradient(self.labelled(y, y_pred).classes.p)
        before = ops.cast(self.rows.read(index), p.dtype)
        self.rows.write(index, alpha * before + (1.0 - alpha) * p)
        native.count(self._visits, index)

    def dense(self):
        kept = self.read()
        share = 1.0 - self._options.alpha ** kept["visits"].astype("float64")
        share = np.where(kept["visits"] > 0, share, 1.0)[:, None]
        rows = self.rows.dense(kept)
        return (rows / share).astype(rows.dtype)


class TemporalEnsembling(KeepsTargets):
    """Temporal ensembling, beside any compiled loss.

    Formula: `L + w mean_i mean_k (p_ik - t_ik)^2`, where `t_i`, the target of
    a sample, is the average of what the network said of it at its `n` visits
    before: `Z_i <- alpha Z_i + (1 - alpha) p_i` after every step that it is
    in, from 0, and `t_i = Z_i / (1 - alpha^n)`. In epoch `T` the weight is
    `w = weight exp(-5 (1 - min(T / ramp_epochs, 1))^2)`, and 0 for a sample
    that was not seen yet.

    The average of many predictions, under other dropout and augmentation each
    time, is better than one of them. The paper is of data with few labels, and
    tries it with wrong ones too: the penalty holds a network to what it said
    before it learnt those by heart.

    The paper and its code average and correct once an epoch; here each sample
    does at its own visits, which is the same where every sample is seen once
    an epoch. The paper multiplies its weight by the share of labelled samples;
    here all have labels.

    The data must be tracked by a `LossTrajectory(mode="train")` in the same
    `fit`, before or after it in `callbacks`. A `fit` that begins at epoch
    0 begins without targets; one with `initial_epoch` goes on with those of
    the last `fit` of this callback, or with a file. The `loss` in the logs has
    the penalty in it.

    Args:
        weight: Of the penalty at the end of the ramp, at least 0; or a
            schedule of `keras_robust.losses.schedules`, which is taken as it
            is, without the ramp. Defaults to `30.0`, as in the authors' code.
        alpha: How much of the sum stays, at least 0, below 1. Defaults to
            `0.6`.
        ramp_epochs: Epochs of the ramp, at least 0. Defaults to `80`.
        output: Which of several outputs, by name or number.
        from_logits: Whether the model gives logits. Defaults to `None`: read
            from the compiled loss.
        dtype: `"float32"` (default) or `"float16"`, of the sums.
        max_bytes: The most memory the sums may take, on the device. Defaults
            to `2**31`.
        verbose: Whether to print what they take. Defaults to `1`.
        top_k: How many numbers of a sum to keep, the largest ones, at most the
            number of classes; with their class numbers, 4 bytes each. The
            others are dropped, and are 0 from then on. Defaults to `None`: all
            of them.
        store: A file such as `"targets.npz"` to write the sums to at the end
            of every epoch. Defaults to `None`.
        resume: Whether to go on with what `store` has, as of `EarlyLearning`.

    Attributes:
        targets: The targets `(N, K)` of the last `fit`, in the order of the
            tracked samples, 0 where a sample was never seen; `None` before it.

    Raises:
        OSError: If `store` cannot be written.
        ValueError: For bad arguments; when training starts, as of
            `EarlyLearning`.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(3, activation="softmax")]
    ... )
    >>> model.compile("adam", loss=kr.losses.CrossEntropy())
    >>> tracker = kr.callbacks.LossTrajectory()
    >>> ensembling = kr.callbacks.TemporalEnsembling(ramp_epochs=4, verbose=0)
    >>> x, y = np.eye(4)[:3], np.arange(3)
    >>> history = model.fit(
    ...     tracker.track(x, y), epochs=5, verbose=0,
    ...     callbacks=[tracker, ensembling],
    ... )
    >>> ensembling.targets.shape
    (3, 3)

    Reference: Laine and Aila, "Temporal Ensembling for Semi-Supervised
    Learning", ICLR 2017, algorithm 2.
    """

    keeper = _Ensemble

    def __init__(
        self,
        weight=30.0,
        alpha=0.6,
        ramp_epochs=80,
        output=None,
        from_logits=None,
        dtype="float32",
        max_bytes=2**31,
        verbose=1,
        top_k=None,
        store=None,
        resume=False,
    ):
        super().__init__(
            output,
            from_logits,
            dtype,
            top_k,
            max_bytes,
            verbose,
            store,
            resume,
        )
        if isinstance(weight, Schedule):
            arguments.number("weight", weight.bounds()[0], at_least=0)
        else:
            weight = arguments.number("weight", weight, at_least=0)
        self.weight = weight
        self.alpha = arguments.number("alpha", alpha, at_least=0, below=1)
        self.ramp_epochs = arguments.integer(
            "ramp_epochs", ramp_epochs, at_least=0
        )

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        epochs = self.params.get("epochs")
        ramped = not isinstance(self.weight, Schedule)
        if ramped and epochs is not None and epochs < self.ramp_epochs:
            warnings.warn(
                "The penalty of TemporalEnsembling grows until "
                f"`ramp_epochs`, and this `fit` ends before: it stays small. "
                f"Received: ramp_epochs={self.ramp_epochs}, epochs={epochs}",
                stacklevel=2,
            )

    def _weight_at(self, clock):
        """The weight of the penalty in the step that is being compiled."""
        if isinstance(self.weight, Schedule):
            time = getattr(clock, self.weight.unit)
            return self.weight.value(ops.cast(time, "float32"), ops)
        if not self.ramp_epochs:
            return self.weight
        left = 1.0 - ops.minimum(clock.epoch / self.ramp_epochs, 1.0)
        return self.weight * ops.exp(-5.0 * ops.square(left))
