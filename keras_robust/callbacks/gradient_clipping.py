"""OptimizedGradientClipping: tells a loss where to clip gradients."""

import warnings

import numpy as np
from keras import ops

from keras_robust import training
from keras_robust.callbacks import refusals
from keras_robust.callbacks.in_step import InStep
from keras_robust.detect import clipping
from keras_robust.losses import CrossEntropy
from keras_robust.losses import Focal
from keras_robust.losses import GradientClipping
from keras_robust.losses import arguments
from keras_robust.losses import stage
from keras_robust.losses.labelled import Labelled
from keras_robust.losses.masking import mask_of
from keras_robust.training import head
from keras_robust.training import native
from keras_robust.training.output import Output


class _Queue(training.Participant):
    """The cross-entropies of the last samples, and the threshold in force."""

    def __init__(self, size):
        self._size = size
        self._output = self._loss = None

    def allocate_in(self, attachment, output, loss):
        """Takes its variables from the carrier; told once, before a step."""
        self._output, self._loss = output, loss
        add = attachment.carrier.add
        self._losses = add("losses", (self._size,), "float32")
        self._next = add("next", (), "int32")
        self._filled = add("filled", (), "int32")
        self._threshold = add("threshold", (), "float32")
        self.assign(clipping.LEAST)

    def assign(self, threshold):
        self._threshold.assign(threshold)

    def around_loss(self):
        return stage.clip_gradients_at(self._threshold.value)

    def after_any_loss(self, y, y_pred):
        y, y_pred = self._output.select(y), self._output.select(y_pred)
        loss, mask = self._loss, mask_of(y_pred)
        labelled = Labelled(
            y,
            ops.stop_gradient(y_pred),
            loss.from_logits,
            loss.axis,
            loss.ignore_class,
        )
        p = ops.cast(labelled.mean(labelled.classes.p), "float32")
        losses = -ops.log(ops.clip(p, clipping.LEAST, clipping.MOST))
        for counts in (labelled.valid, mask):
            if counts is not None:
                counts = ops.cast(counts, "bool")
                losses = ops.where(counts, losses, float("nan"))
        # Of a batch larger than the queue the last ones.
        losses = ops.reshape(losses, (-1,))[-self._size :]
        count = ops.cast(ops.shape(losses)[0], "int32")
        index = ops.arange(ops.shape(losses)[0], dtype="int32")
        index = (index + self._next.value) % self._size
        native.set_rows(self._losses, native.positions(index), losses)
        self._next.assign((self._next.value + count) % self._size)
        filled = ops.minimum(self._filled.value + count, self._size)
        self._filled.assign(filled)

    def read(self):
        """The cross-entropies that count, the oldest first.

        `None` before the queue is full.
        """
        if int(ops.convert_to_numpy(self._filled.value)) < self._size:
            return None
        # The mixture's start depends on their order.
        begin = int(ops.convert_to_numpy(self._next.value))
        losses = np.roll(ops.convert_to_numpy(self._losses.value), -begin)
        return losses[~np.isnan(losses)].astype("float64")


class OptimizedGradientClipping(InStep):
    """Optimized gradient clipping (OGC): the threshold follows the training.

    Formula: every `every` steps the `t` of the compiled `GradientClipping` is
    set such that wrong labels pull at most `1 + learning_rate epsilon` times
    as hard as right ones, `E_wrong |l'(max(p, t))| <= (1 + learning_rate
    epsilon) E_right |l'(max(p, t))|`. The expectations are of two normal
    distributions of `-log p`, cut off at `p = 1e-7` and `1 - 1e-7`, which a
    Gaussian mixture finds in the last `queue` samples.

    For training from the first epoch to the last with cross-entropy, focal
    loss or generalised cross-entropy, without knowing the noise rate and
    without a tracker. Until the queue is full nothing is clipped.

    The queue stays on the device and is written inside the compiled step; the
    threshold is found on the host and told to the step by a variable, so that
    nothing is compiled anew. The learning rate is the optimizer's of that
    moment, schedules included. With `steps_per_execution` above `every` it is
    found as often as Keras calls back. A new threshold counts from the next
    step on; the authors' code finds it before the loss of the same step. The
    mixture is fitted with a seed; theirs is not.

    Queue and threshold are of one `fit`: the next one begins anew, also one
    that goes on with `initial_epoch`.

    Args:
        epsilon: How much more wrong labels may pull, at a learning rate of 1;
            at least 0. Defaults to `20.0`, the authors' for CIFAR-10.
        every: Steps between two thresholds, at least 1. Defaults to `32`.
        queue: How many of the last samples count, at least 2. Defaults to
            `4096`. Positions of dense labels count as samples.
        output: Which of several outputs, by name or number.
        seed: Of the mixture. Defaults to `0`.

    Attributes:
        threshold: The threshold in force, 1e-7 before the first one.
        history: `(step, threshold)` of this `fit`, a list; steps counted
            from 1, the last one before the threshold.

    Raises:
        ValueError: For bad arguments; when training starts, for a model
            without exactly one `GradientClipping` loss without threshold,
            or under a `tf.distribute` strategy.

    Example:

    >>> import keras
    >>> import numpy as np
    >>> import keras_robust as kr
    >>> model = keras.Sequential(
    ...     [keras.Input((4,)), keras.layers.Dense(4, activation="softmax")]
    ... )
    >>> loss = kr.losses.GradientClipping(kr.losses.CrossEntropy())
    >>> model.compile(keras.optimizers.Adam(0.01), loss=loss)
    >>> x, y = np.tile(np.eye(4), (16, 1)), np.tile(np.arange(4), 16)
    >>> ogc = kr.callbacks.OptimizedGradientClipping(every=2, queue=64)
    >>> history = model.fit(x, y, epochs=3, verbose=0, callbacks=[ogc])
    >>> [step for step, _ in ogc.history]
    [2, 4, 6]

    Reference: Ye et al., "Optimized Gradient Clipping for Noisy Label
    Learning", AAAI 2025 (arXiv 2412.08941).
    """

    def __init__(self, epsilon=20.0, every=32, queue=4096, output=None, seed=0):
        self.queue = arguments.integer("queue", queue, at_least=2)
        super().__init__(_Queue(self.queue))
        self.epsilon = arguments.number("epsilon", epsilon, at_least=0)
        self.every = arguments.integer("every", every, at_least=1)
        self.seed = arguments.integer("seed", seed, at_least=0)
        self.output = output
        self._begin()

    def _begin(self):
        self.threshold = clipping.LEAST
        self.history = []
        self._before = None
        self._steps = self._judged = 0

    def set_model(self, model):
        loss = _checked_loss(model, self.output)
        name = type(self).__name__
        output = Output(model, self.output, loss.from_logits, name)
        # An interrupted training leaves its own behind.
        self.participant = _Queue(self.queue)
        super().set_model(model)
        self.participant.allocate_in(self.attachment, output, loss)
        self._slope = _slope_of(loss.loss)
        self._begin()

    def on_epoch_begin(self, epoch, logs=None):
        super().on_epoch_begin(epoch, logs)
        self._last = -1
        if self._before is None:
            # The clock goes on from the steps of the `fit`s before.
            self._before = self.attachment.clock.count()

    def on_train_batch_end(self, batch, logs=None):
        # With `steps_per_execution` Keras says several steps at once, and as
        # many where an epoch ends before.
        self._steps += batch - self._last
        self._last = batch
        if not self._is_due():
            return
        native.sync(self.model)
        self._steps = self.attachment.clock.count() - self._before
        if not self._is_due():
            return
        self._judged = self._steps
        losses = self.participant.read()
        if losses is None or len(losses) < 2:
            return
        rate = self.model.optimizer.learning_rate
        rate = float(ops.convert_to_numpy(rate))
        self.threshold = clipping.best_threshold(
            losses, self._slope, 1.0 + rate * self.epsilon, self.seed
        )
        self.participant.assign(self.threshold)
        self.history.append((self._steps, self.threshold))

    def _is_due(self):
        return self._steps // self.every > self._judged // self.every

    def on_train_end(self, logs=None):
        super().on_train_end(logs)
        if not self.history:
            warnings.warn(
                "OptimizedGradientClipping has found no threshold: this `fit` "
                "ended before its queue of losses was full. Take a smaller "
                f"`queue`. Received: queue={self.queue}, every={self.every}",
                stacklevel=2,
            )
        self.participant = _Queue(self.queue)


def _checked_loss(model, output):
    refusals.several_replicas(
        "OptimizedGradientClipping", "one queue of the last samples", model
    )
    waiting = [
        loss
        for loss in head.losses_of(model)
        if isinstance(loss, GradientClipping) and loss.threshold is None
    ]
    loss = None
    if waiting:
        loss = head.compiled_loss(model, output, "OptimizedGradientClipping")
    if len(waiting) != 1 or loss is not waiting[0]:
        raise ValueError(
            "OptimizedGradientClipping tells one loss its threshold: compile "
            "the model with loss=GradientClipping(CrossEntropy()), without "
            "`threshold`. Received: "
            f"loss={getattr(model, 'loss', None)!r}, output={output!r}"
        )
    if loss.multi_label or loss.moves or loss.loss.moves:
        raise ValueError(
            "OptimizedGradientClipping needs one label a sample and a loss "
            "without a schedule. Received: "
            f"loss={loss!r}, multi_label={loss.multi_label}"
        )
    return loss


def _slope_of(loss):
    """`|l'(p)|` as a function of NumPy arrays."""
    if isinstance(loss, CrossEntropy):
        return lambda p: 1.0 / p
    if isinstance(loss, Focal):
        gamma = loss.gamma
        return lambda p: (
            (1 - p) ** gamma / p - (gamma * np.log(p) * (1 - p) ** (gamma - 1))
        )
    return lambda p: p ** (loss.q - 1.0)
