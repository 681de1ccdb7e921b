"""SampleWeights: a weight for every sample, which may change every epoch."""

import keras
import numpy as np
from keras import ops

from keras_robust import training
from keras_robust.callbacks import refusals
from keras_robust.callbacks.in_step import InStep
from keras_robust.losses import arguments
from keras_robust.training import head
from keras_robust.training import native
from keras_robust.training import scalar_losses


class _Weights(training.Participant):
    """The weights `(N,)` inside the step."""

    acts = True

    def __init__(self, owner, normalize):
        self._owner = owner
        self._normalize = normalize
        self._weights = None
        self.count = self.num_classes = None

    def allocate(self, attachment, tracked):
        refusals.dense_labels(
            self._owner,
            tracked.dense,
            "Give those positions weights with "
            "`tracker.track(sample_weight=...)`.",
        )
        self.count = len(tracked.given_label)
        self.num_classes = tracked.num_classes
        self._weights = attachment.carrier.add(
            "weights",
            (self.count,),
            "float32",
            # Every replica of a `tf.distribute` strategy has the same.
            aggregation="only_first_replica",
        )

    def assign(self, weights):
        self._weights.assign(weights)

    def told(self, index, y, y_pred, sample_weight):
        weights = native.rows(self._weights, index)
        if sample_weight is None:
            return y, self._times(None, weights)
        return y, keras.tree.map_structure(
            lambda given: self._times(given, weights), sample_weight
        )

    def _times(self, given, weights):
        if given is None:
            return self._scaled(weights, ops.ones_like(weights))
        given = ops.cast(given, "float32")
        ones = (1,) * (len(given.shape) - 1)
        weights = ops.reshape(weights, (-1, *ones))
        return self._scaled(given * weights, given)

    def _scaled(self, weights, before):
        """With the sum of before, where the sum is not 0."""
        if not self._normalize:
            return weights
        total = ops.sum(weights)
        safe = ops.where(total > 0, total, ops.ones_like(total))
        return weights * (ops.sum(before) / safe)


class SampleWeights(InStep):
    """Weighs every sample in the loss, with weights that may change.

    Formula: in a batch of `B` samples the loss of sample `i` counts
    `w_i B / sum_j w_j` times; without `normalize` `w_i` times.

    For weights of your own: given at once, or `set` by a callback of yours
    whenever it knows better; `Reweight` and `SmallLoss` are made of it. The
    weights are gathered inside the compiled step, so a change needs no new
    trace. They multiply `sample_weight` and `class_weight`, if there are any.

    Scaled to a mean of 1 in every batch (the default), dropping half of the
    samples does not halve the step that the optimizer makes.

    The data must be tracked by a `LossTrajectory(mode="train")` in the same
    `fit`, before or after it in `callbacks`. What that records stays of every
    sample, whatever its weight.

    Args:
        weights: `(N,)`, finite and at least 0, in the order of the tracked
            samples. Defaults to `None`: all 1.
        normalize: Whether the weights of a batch are scaled to a mean of 1
            (with `sample_weight`: to the same sum). Defaults to `True`.

    Attributes:
        weights: The weights `(N,)` in force, `None` for all 1.

    Raises:
        ValueError: For weights that are none; when training starts, for data
            that is not tracked or of another size.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(3, activation="softmax")]
    ... )
    >>> model.compile("adam", loss=kr.losses.AsymmetricGCE())
    >>> tracker = kr.callbacks.LossTrajectory()
    >>> weights = kr.callbacks.SampleWeights([1.0, 0.0, 1.0])
    >>> x, y = np.eye(4)[:3], np.arange(3)
    >>> history = model.fit(
    ...     tracker.track(x, y), verbose=0, callbacks=[tracker, weights]
    ... )
    """

    def __init__(self, weights=None, normalize=True):
        self.normalize = arguments.flag("normalize", normalize)
        super().__init__(self._new_participant())
        self.weights = None
        self._changed = True
        if weights is not None:
            self.set(weights)

    def _new_participant(self):
        return _Weights(type(self).__name__, self.normalize)

    def set(self, weights):
        """Sets the weights from the next epoch on.

        Args:
            weights: As of the class.

        Raises:
            ValueError: For weights that are none.
        """
        try:
            weights = np.array(weights, dtype="float32")
        except (TypeError, ValueError) as error:
            raise ValueError(
                "`weights` must be one number for every sample, (N,). "
                f"Received: {type(weights).__name__} of something else"
            ) from error
        if weights.ndim != 1:
            raise ValueError(
                "`weights` must be one number for every sample, (N,). "
                f"Received: weights.shape={weights.shape}"
            )
        bad = ~np.isfinite(weights) | (weights < 0)
        if bad.any() or not weights.any():
            first = int(np.argmax(bad))
            said = f"weights[{first}]={weights[first]}"
            raise ValueError(
                "`weights` must be finite, at least 0, and not all 0. "
                f"Received: {said if bad.any() else 'all 0'}"
            )
        with np.errstate(over="ignore"):
            total = weights.sum()
        if not np.isfinite(total):
            raise ValueError(
                "`weights` must have a finite sum in float32: scale them down. "
                f"Received: weights up to {weights.max()}"
            )
        self._check_count(len(weights))
        self.weights = weights
        self._changed = True

    def _check_count(self, count):
        samples = self.participant.count
        if samples not in (None, count):
            raise ValueError(
                "`weights` must be of the tracked samples, without those that "
                "`validation_split` holds out, the last ones. Received: "
                f"{count} weights, {samples} samples"
            )

    def set_model(self, model):
        # An interrupted training leaves its own behind.
        self.participant = self._new_participant()
        self._changed = True
        super().set_model(model)

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        losses = [loss for loss in head.losses_of(self.model) if loss]
        scalar_losses.refuse(
            type(self).__name__,
            map(keras.losses.get, losses),
            self.participant.num_classes,
        )
        if self.weights is not None:
            self._check_count(len(self.weights))

    def on_epoch_begin(self, epoch, logs=None):
        super().on_epoch_begin(epoch, logs)
        if self._changed:
            count = self.participant.count
            ones = np.ones(count, "float32")
            self.participant.assign(
                ones if self.weights is None else self.weights
            )
            self._changed = False

    def on_train_end(self, logs=None):
        super().on_train_end(logs)
        self.participant = self._new_participant()
